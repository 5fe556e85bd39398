import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { within } from '../pause.ts';
import { issuerUnavailable } from './issuer-unavailable.ts';

interface KeySetOptions {
  /** Asks the issuer. */
  readonly load: () => Promise<JSONWebKeySet>;
  readonly now: () => number;
}

/** After that long the issuer is asked again: a key that it withdrew must not be good for ever. */
const freshMs = 10 * 60_000;
/** While the issuer is away its last keys stay good, but not longer than this. */
const usableMs = 24 * 60 * 60_000;
/** A caller can make keys up as fast as it likes: the issuer is not asked oftener than this for one that is not known. */
const cooldownMs = 10_000;
/** While there are no keys at all, nobody can be served: the issuer is asked oftener. */
const firstRetryMs = 1_000;

/** So long whoever has usable keys waits for newer ones: an issuer that does not answer must not keep everybody. */
const patienceMs = 300;

interface Known {
  readonly find: JWTVerifyGetKey;
  readonly atMs: number;
}

class KeySet {
  readonly #load: KeySetOptions['load'];
  readonly #now: KeySetOptions['now'];
  #known: Known | undefined;
  #failure: unknown;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  constructor({ load, now }: KeySetOptions) {
    this.#load = load;
    this.#now = now;
  }

  async #ask(): Promise<void> {
    this.#askedAtMs = this.#now();
    try {
      this.#known = { find: createLocalJWKSet(await this.#load()), atMs: this.#now() };
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
    } finally {
      this.#asking = undefined;
    }
  }

  /** Asks, unless that was done less than `pauseMs` ago. */
  async #refresh(pauseMs: number): Promise<void> {
    if (!this.#asking && this.#now() - this.#askedAtMs >= pauseMs) this.#asking = this.#ask();
    await this.#asking;
  }

  #ageMs(): number {
    return this.#known ? this.#now() - this.#known.atMs : Number.POSITIVE_INFINITY;
  }

  async #usable(): Promise<Known> {
    if (this.#ageMs() >= freshMs) {
      const asking = this.#refresh(this.#known ? cooldownMs : firstRetryMs);
      await (this.#ageMs() < usableMs ? within(patienceMs, asking) : asking);
    }
    if (!this.#known || this.#ageMs() >= usableMs)
      throw issuerUnavailable('The keys of the token issuer', this.#failure);
    return this.#known;
  }

  readonly find: JWTVerifyGetKey = async (header, token) => {
    const { find } = await this.#usable();
    try {
      return await find(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.#refresh(cooldownMs);
      if (this.#failure !== undefined) throw issuerUnavailable('The keys of the token issuer', this.#failure);
      return (this.#known as Known).find(header, token);
    }
  };
}

/**
 * The keys of an issuer, asked for when they are needed. Whoever comes while they are being loaded waits for the same
 * answer. What is found is a key, jose's `JWKSNoMatchingKey`, or a DomainError `unavailable`: an issuer that cannot be
 * asked makes no token wrong.
 */
export function createKeySet(options: KeySetOptions): JWTVerifyGetKey {
  return new KeySet(options).find;
}
