/** Puts the messages of a stream together again, each beginning with its length. */
export class Frames {
  readonly #sizeOf: (head: Buffer) => number;
  #rest: Buffer = Buffer.alloc(0);

  /** @param sizeOf the whole size of a message in bytes, from the first four of it */
  constructor(sizeOf: (head: Buffer) => number) {
    this.#sizeOf = sizeOf;
  }

  /** The messages that are whole now; what is left waits for the next chunk. */
  push(chunk: Buffer): Buffer[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Buffer[] = [];
    while (this.#rest.length >= 4) {
      const size = this.#sizeOf(this.#rest);
      if (size < 4) throw new Error(`a message of ${size} bytes`);
      if (this.#rest.length < size) break;
      frames.push(this.#rest.subarray(0, size));
      this.#rest = this.#rest.subarray(size);
    }
    return frames;
  }
}
