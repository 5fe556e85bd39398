/** What may be committed of one partition, while its messages finish in any order. */
export interface Tracker {
  /** A message was taken; offsets come in rising order, but not without gaps (transactions and compaction leave some). */
  readonly add: (offset: bigint) => void;
  /** A message was applied or dead-lettered. Saying it twice, or of an offset that was never added, changes nothing. */
  readonly finish: (offset: bigint) => void;
  /** The offset to commit, which is where reading would go on; `undefined` as long as the first message is unfinished. */
  readonly committable: () => bigint | undefined;
  /** Taken and unfinished. */
  readonly inFlight: () => number;
  /** Taken and not covered by `committable`: what would be delivered again after a crash. */
  readonly uncommittable: () => number;
}

/**
 * Commits only the contiguous finished prefix: a committed offset says «everything before me is done», so it must never
 * pass a message that is not.
 */
export class OffsetTracker implements Tracker {
  /** Taken offsets in rising order; those before `#head` are finished and covered. */
  #offsets: bigint[] = [];
  #head = 0;
  #finished = new Set<bigint>();
  #unfinished = new Set<bigint>();
  #committable: bigint | undefined;

  add(offset: bigint): void {
    const last = this.#offsets.at(-1) ?? (this.#committable ?? 0n) - 1n;
    if (offset <= last) throw new Error(`offset ${offset} was taken after ${last}`);
    this.#offsets.push(offset);
    this.#unfinished.add(offset);
  }

  finish(offset: bigint): void {
    if (!this.#unfinished.delete(offset)) return;
    this.#finished.add(offset);
    for (let next = this.#offsets[this.#head]; next !== undefined; next = this.#offsets[this.#head]) {
      if (!this.#finished.delete(next)) break;
      this.#committable = next + 1n;
      this.#head += 1;
    }
    if (this.#head > 1_000 || this.#head === this.#offsets.length) {
      this.#offsets = this.#offsets.slice(this.#head);
      this.#head = 0;
    }
  }

  committable(): bigint | undefined {
    return this.#committable;
  }

  inFlight(): number {
    return this.#unfinished.size;
  }

  uncommittable(): number {
    return this.#offsets.length - this.#head;
  }
}
