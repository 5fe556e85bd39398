/** The rebalances of a group, in which all of it stands still. Times in seconds. */
export class Standstills {
  count = 0;
  /** Of the newest. */
  until = 0;
  #since = 0;
  #secondsBefore = 0;

  /** The same, which can go on in another way. */
  fork(): Standstills {
    const other = new Standstills();
    Object.assign(other, { count: this.count, until: this.until });
    other.#since = this.#since;
    other.#secondsBefore = this.#secondsBefore;
    return other;
  }

  /** One begins, or the one that is going on is prolonged. */
  hold(now: number, until: number): void {
    if (now >= this.until) {
      this.#secondsBefore += this.until - this.#since;
      this.#since = now;
      this.count += 1;
    }
    this.until = until;
  }

  /** Those that are over, as consumers count them. */
  over(now: number): { count: number; seconds: number } {
    const isOver = now >= this.until;
    return {
      count: isOver ? this.count : this.count - 1,
      seconds: this.#secondsBefore + (isOver ? this.until - this.#since : 0),
    };
  }
}
