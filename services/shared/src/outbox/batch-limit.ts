/**
 * How many documents a relay takes at once: as many as it can claim, send and settle while it holds their leases. What is
 * settled later was sent for nothing, since another relay has it by then and sends it again. A slow database would be
 * given more work for being slow, and would not recover by itself.
 *
 * Half as many after a batch that was late, a twentieth of the most more after one that was in time (Chiu and Jain, «Analysis
 * of the increase and decrease algorithms for congestion avoidance», 1989); never less than that twentieth, since
 * a part of what a batch costs does not depend on its size.
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
