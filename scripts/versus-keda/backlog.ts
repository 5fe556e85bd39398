/** The messages of one topic as whoever sends them and watches the group's commits knows them. Pure. */
export class Backlog {
  readonly #sentAt: readonly number[][];
  readonly #committed: number[];
  readonly #ages: number[] = [];

  /** @param sentAt by partition and offset, in seconds; grows while messages are sent */
  constructor(sentAt: readonly number[][]) {
    this.#sentAt = sentAt;
    this.#committed = sentAt.map(() => 0);
  }

  /** @param committed where the group goes on, by partition; absent where it never committed */
  commit(committed: ReadonlyMap<number, bigint>, atSeconds: number): void {
    for (const [partition, offset] of committed) {
      const times = this.#sentAt[partition] ?? [];
      const before = this.#committed[partition] ?? 0;
      // After a rebalance a consumer may commit again what was committed before.
      for (let done = before; done < Number(offset); done += 1) this.#ages.push(atSeconds - (times[done] ?? atSeconds));
      this.#committed[partition] = Math.max(before, Number(offset));
    }
  }

  get messages(): number {
    return this.#sentAt.reduce((sum, times, partition) => sum + times.length - (this.#committed[partition] ?? 0), 0);
  }

  /** Of the oldest message that is not committed; 0 where there is none. */
  ageSeconds(atSeconds: number): number {
    const oldest = this.#sentAt.flatMap((times, partition) => times[this.#committed[partition] ?? 0] ?? []);
    return Math.max(0, ...oldest.map((sentAt) => atSeconds - sentAt));
  }

  /** How old each message was when its commit was seen, and how old those are that were never committed. */
  ages(atSeconds: number): number[] {
    const waiting = this.#sentAt.flatMap((times, partition) =>
      times.slice(this.#committed[partition] ?? 0).map((sentAt) => atSeconds - sentAt),
    );
    return [...this.#ages, ...waiting];
  }
}
