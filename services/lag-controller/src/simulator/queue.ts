/**
 * One partition as a fluid first-in-first-out queue. `arrived[s]` is what had arrived by second `s`, in all; between seconds
 * the curve is straight. The age of the oldest message is read off that curve, exactly.
 */
export class Queue {
  consumed = 0;
  #head = 0;
  readonly #arrived: Float64Array;

  constructor(arrived: Float64Array) {
    this.#arrived = arrived;
  }

  /** Another queue in the same state; what arrives is the same. */
  fork(): Queue {
    const queue = new Queue(this.#arrived);
    queue.consumed = this.consumed;
    queue.#head = this.#head;
    return queue;
  }

  /** Messages that had arrived by this second. */
  arrivedBy(second: number): number {
    return this.#arrived[second] ?? 0;
  }

  /** Messages waiting, of those that have arrived by this second. */
  waitingAt(second: number): number {
    return Math.max(0, this.arrivedBy(second) - this.consumed);
  }

  /** When the oldest waiting message arrived, in seconds; `second` when none waits. */
  oldestArrival(second: number): number {
    if (this.waitingAt(second) < 1e-6) return second;
    while (this.#head + 1 < second && this.arrivedBy(this.#head + 1) <= this.consumed) this.#head += 1;
    const start = this.arrivedBy(this.#head);
    const width = this.arrivedBy(this.#head + 1) - start;
    return this.#head + (width > 0 ? Math.min(1, Math.max(0, this.consumed - start) / width) : 0);
  }
}
