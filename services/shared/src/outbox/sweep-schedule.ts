const sweepsUntilIdle = 20;
const idleFactor = 5;

/**
 * When stragglers are looked for next, on a clock that nobody sets. To ask the database is a third of what an idle service does,
 * so one that had nothing to send for twenty sweeps asks five times more rarely.
 */
export class SweepSchedule {
  readonly #sweepMs: number;
  #lastAtMs = Number.NEGATIVE_INFINITY;
  #empty = 0;

  constructor(sweepMs: number) {
    this.#sweepMs = sweepMs;
  }

  get dueAtMs(): number {
    return this.#lastAtMs + this.#sweepMs * (this.#empty < sweepsUntilIdle ? 1 : idleFactor);
  }

  begun(nowMs: number): void {
    this.#lastAtMs = nowMs;
  }

  /** A sweep came to its end: one that could not says nothing. */
  found(count: number): void {
    this.#empty = count === 0 ? this.#empty + 1 : 0;
  }

  /** There was something to send, wherever it came from. */
  busy(): void {
    this.#empty = 0;
  }

  /** There may be more to find already. */
  hurry(): void {
    this.#lastAtMs = Number.NEGATIVE_INFINITY;
  }
}
