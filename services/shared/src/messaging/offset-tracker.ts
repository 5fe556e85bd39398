/**
 * What may be committed of one partition, while its messages finish in any order: only the contiguous finished prefix. A
 * committed offset says «everything before me is done», so it must never pass a message that is not.
 */
export class OffsetTracker {
  /** Taken offsets in rising order; those before `#head` are finished and covered. */
  #offsets: bigint[] = [];
  #head = 0;
  #unfinished = new Set<bigint>();
  #committable: bigint | undefined;

  /** A message was taken; offsets come in rising order, but not without gaps (transactions and compaction leave some). */
  add(offset: bigint): void {
    const last = this.#offsets.at(-1) ?? (this.#committable ?? 0n) - 1n;
    if (offset <= last) throw new Error(`offset ${offset} was taken after ${last}`);
    this.#offsets.push(offset);
    this.#unfinished.add(offset);
  }

  /** A message was applied or dead-lettered. Saying it twice, or of an offset that was never added, changes nothing. */
  finish(offset: bigint): void {
    if (!this.#unfinished.delete(offset)) return;
    for (; this.#head < this.#offsets.length; this.#head += 1) {
      const next = this.#offsets[this.#head] as bigint;
      if (this.#unfinished.has(next)) break;
      this.#committable = next + 1n;
    }
    if (this.#head > 1_000 || this.#head === this.#offsets.length) {
      this.#offsets = this.#offsets.slice(this.#head);
      this.#head = 0;
    }
  }

  /** The offset to commit, which is where reading would go on; `undefined` as long as the first message is unfinished. */
  committable(): bigint | undefined {
    return this.#committable;
  }

  /** Taken and unfinished. */
  inFlight(): number {
    return this.#unfinished.size;
  }

  /** Taken and not covered by {@link committable}: what would be delivered again after a crash. */
  uncommittable(): number {
    return this.#offsets.length - this.#head;
  }
}
