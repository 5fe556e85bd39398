/**
 * How many documents a relay takes at once: only what it can claim, send and settle before the leases end. What is settled
 * later was sent in vain, since another relay has claimed it by then and sends it again. Without a limit that adapts, a slow
 * database would get more work for being slow, and would never recover.
 *
 * The limit is halved after a batch that was late, and grows by a twentieth of the most after one that was in time (Chiu and
 * Jain, «Analysis of the increase and decrease algorithms for congestion avoidance», 1989). It never falls below that twentieth,
 * since a part of what a batch costs does not depend on its size.
 */
export class BatchLimit {
  readonly #most: number;
  readonly #step: number;
  #now: number;

  /** @param most documents; begins there */
  constructor(most: number) {
    this.#most = most;
    this.#step = Math.ceil(most / 20);
    this.#now = most;
  }

  get documents(): number {
    return this.#now;
  }

  /** Some of a batch were settled, or about to be sent, too late. */
  late(): void {
    this.#now = Math.max(this.#step, Math.floor(this.#now / 2));
  }

  inTime(): void {
    this.#now = Math.min(this.#most, this.#now + this.#step);
  }
}
