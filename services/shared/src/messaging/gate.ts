import { type Backoff, backoffMs } from '../backoff.ts';

/** Thrown by work that could not be done because something it needs is down. */
export class Outage extends Error {
  /** The shortest pause the dependency asked for; 0 when it asked for none. */
  readonly retryAfterMs: number;

  constructor(cause: unknown, retryAfterMs: number) {
    super('something the work needs is down', { cause });
    this.name = 'Outage';
    this.retryAfterMs = retryAfterMs;
  }
}

/** Runs `wait` without keeping anything that others could use meanwhile. */
export type WhileWaiting = <T>(wait: () => Promise<T>) => Promise<T>;

export interface GateOptions {
  readonly backoff: Backoff;
  readonly random: () => number;
  /** Told when the gate closes (with the outage) and when it opens again. */
  readonly onClose: (outage: Outage) => void;
  readonly onOpen: () => void;
  /** Starts one piece of work that has not been tried, which comes to {@link Gate.run} soon; false when there is none. */
  readonly startOther: () => boolean;
  /** Ends all waiting for good, with the signal's reason. */
  readonly signal: AbortSignal;
}

/** `oldest` and `other` are let through alone, to find out. */
type Turn = 'free' | 'oldest' | 'other';

interface Waiter {
  readonly order: bigint;
  readonly go: (turn: Turn) => void;
}

const longestRequestedPauseMs = 60_000;

/**
 * Holds work back while something it needs is down, for as long as that takes. After a growing pause one piece of work
 * is let through to find out: if it fails by the outage again, the pause starts over; anything else means that the
 * dependency answers, and opens the gate. It is the oldest, so that a partition's offsets can move as soon as possible,
 * and every second time one that has not been tried: the dependency may fail for the oldest alone.
 */
export class Gate {
  readonly #options: GateOptions;
  #state: 'open' | 'closed' | 'awaiting-other' | 'probing' = 'open';
  #closings = 0;
  #waiters: Waiter[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
    // Once for all closings: the signal outlives them by far.
    options.signal.addEventListener('abort', () => clearTimeout(this.#timer), { once: true });
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /**
   * Resolves or rejects as `work` does, except for `Outage`: then it is done again when its turn comes. It is told whether it has
   * to come to an end, because everything waits for it, and will again.
   *
   * @throws the signal's reason when that ended the waiting
   */
  async run<T>(order: bigint, work: (isOldest: boolean) => Promise<T>, whileWaiting: WhileWaiting): Promise<T> {
    for (let isNew = true; ; isNew = false) {
      const turn = this.isOpen ? 'free' : await whileWaiting(() => this.#turn(order, isNew));
      const outcome = await settle(work(turn === 'oldest'));
      if ('outage' in outcome) this.#failed(outcome.outage, turn);
      else return this.#answered(outcome, turn);
    }
  }

  #failed(outage: Outage, turn: Turn): void {
    this.#options.signal.throwIfAborted();
    // What had started before the gate closed tells nothing new.
    if (turn !== 'free' || this.isOpen) this.#close(outage);
  }

  #answered<T>(outcome: Outcome<T>, turn: Turn): T {
    if (turn !== 'free') this.#open();
    if ('error' in outcome) throw outcome.error;
    return outcome.result;
  }

  #turn(order: bigint, isNew: boolean): Promise<Turn> {
    const { signal } = this.#options;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      if (isNew && this.#state === 'awaiting-other') {
        this.#state = 'probing';
        clearTimeout(this.#timer);
        return resolve('other');
      }
      const abandon = () => reject(signal.reason);
      signal.addEventListener('abort', abandon, { once: true });
      const go = (turn: Turn) => {
        signal.removeEventListener('abort', abandon);
        resolve(turn);
      };
      this.#waiters.push({ order, go });
    });
  }

  #close(outage: Outage): void {
    const wasOpen = this.isOpen;
    this.#state = 'closed';
    this.#probeLater(Math.min(outage.retryAfterMs, longestRequestedPauseMs));
    this.#closings += 1;
    if (wasOpen) this.#options.onClose(outage);
  }

  #probeLater(leastMs: number): void {
    const { backoff, random } = this.#options;
    this.#timer = setTimeout(() => this.#probe(), Math.max(backoffMs(backoff, this.#closings, random()), leastMs));
  }

  #probe(): void {
    if (this.#closings % 2 === 0 && this.#state === 'closed') {
      this.#state = 'awaiting-other';
      // It may need no turn here, or find no slot to run in.
      this.#probeLater(0);
      if (this.#options.startOther()) return;
      clearTimeout(this.#timer);
    }
    this.#state = 'probing';
    const oldest = this.#waiters.reduce<Waiter | undefined>(
      (first, waiter) => (first === undefined || waiter.order < first.order ? waiter : first),
      undefined,
    );
    if (oldest === undefined) {
      this.#open();
      return;
    }
    this.#waiters = this.#waiters.filter((waiter) => waiter !== oldest);
    oldest.go('oldest');
  }

  #open(): void {
    this.#state = 'open';
    this.#closings = 0;
    const waiters = this.#waiters;
    this.#waiters = [];
    this.#options.onOpen();
    for (const { go } of waiters) go('free');
  }
}

type Outcome<T> = { readonly result: T } | { readonly error: unknown };

function settle<T>(work: Promise<T>): Promise<Outcome<T> | { readonly outage: Outage }> {
  return work.then(
    (result) => ({ result }),
    (error) => (error instanceof Outage ? { outage: error } : { error }),
  );
}
