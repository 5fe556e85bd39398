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
  /** Ends all waiting for good, with the signal's reason. */
  readonly signal: AbortSignal;
}

interface Waiter {
  readonly order: bigint;
  readonly go: (probe: boolean) => void;
}

const longestRequestedPauseMs = 60_000;

/**
 * Holds work back while something it needs is down, for as long as that takes. After a growing pause one piece of work
 * is let through to find out (the oldest, so that a partition's offsets can move as soon as possible): if it fails by
 * the outage again, the pause starts over; anything else means that the dependency answers, and opens the gate.
 */
export class Gate {
  readonly #options: GateOptions;
  #state: 'open' | 'closed' | 'probing' = 'open';
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
   * Resolves or rejects as `work` does, except for `Outage`: then it is done again when its turn comes. It is told whether it is
   * let through to find out.
   *
   * @throws the signal's reason when that ended the waiting
   */
  async run<T>(order: bigint, work: (isProbe: boolean) => Promise<T>, whileWaiting: WhileWaiting): Promise<T> {
    for (;;) {
      const probe = this.isOpen ? false : await whileWaiting(() => this.#turn(order));
      const outcome = await settle(work(probe));
      if ('outage' in outcome) this.#failed(outcome.outage, probe);
      else return this.#answered(outcome, probe);
    }
  }

  #failed(outage: Outage, probe: boolean): void {
    this.#options.signal.throwIfAborted();
    // What had started before the gate closed tells nothing new.
    if (probe || this.isOpen) this.#close(outage);
  }

  #answered<T>(outcome: Answer<T>, probe: boolean): T {
    if (probe) this.#open();
    if ('error' in outcome) throw outcome.error;
    return outcome.result;
  }

  #turn(order: bigint): Promise<boolean> {
    const { signal } = this.#options;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const abandon = () => reject(signal.reason);
      signal.addEventListener('abort', abandon, { once: true });
      const go = (probe: boolean) => {
        signal.removeEventListener('abort', abandon);
        resolve(probe);
      };
      this.#waiters.push({ order, go });
    });
  }

  #close(outage: Outage): void {
    const { backoff, random, onClose } = this.#options;
    const wasOpen = this.isOpen;
    this.#state = 'closed';
    const requestedMs = Math.min(outage.retryAfterMs, longestRequestedPauseMs);
    const pauseMs = Math.max(backoffMs(backoff, this.#closings, random()), requestedMs);
    this.#closings += 1;
    if (wasOpen) onClose(outage);
    this.#timer = setTimeout(() => this.#probe(), pauseMs);
  }

  #probe(): void {
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
    oldest.go(true);
  }

  #open(): void {
    this.#state = 'open';
    this.#closings = 0;
    const waiters = this.#waiters;
    this.#waiters = [];
    this.#options.onOpen();
    for (const { go } of waiters) go(false);
  }
}

type Answer<T> = { readonly result: T } | { readonly error: unknown };

function settle<T>(work: Promise<T>): Promise<Answer<T> | { readonly outage: Outage }> {
  return work.then(
    (result) => ({ result }),
    (error) => (error instanceof Outage ? { outage: error } : { error }),
  );
}
