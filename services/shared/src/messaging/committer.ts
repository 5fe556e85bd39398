export interface CommitterOptions {
  /** Partition → offset, for those where it has moved since it was last committed. */
  readonly due: () => ReadonlyMap<number, bigint>;
  readonly commit: (offsets: ReadonlyMap<number, bigint>) => Promise<void>;
  readonly onCommitted: (offsets: ReadonlyMap<number, bigint>) => void;
  readonly onFailed: (error: unknown) => void;
  /** How long changes are gathered before they are committed in one request. */
  readonly intervalMs: number;
}

const pauseAfterFailureMs = 1_000;

/** Commits what is due, one request at a time. A commit that fails loses nothing: its messages may come again. */
export class Committer {
  readonly #options: CommitterOptions;
  #timer: NodeJS.Timeout | undefined;
  #last: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;
  #stopped = false;

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** Something may be due. */
  changed(): void {
    this.#schedule(this.#options.intervalMs);
  }

  /** Commits what is due now. Never rejects. */
  flush(): Promise<void> {
    // A commit that hangs must not gather a queue of others behind it: one will do for all of them.
    this.#waiting ??= this.#last.then(() => {
      this.#waiting = undefined;
      return this.#commit();
    });
    this.#last = this.#waiting;
    return this.#last;
  }

  /** Nothing is committed by itself any more; `flush` still works. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(pauseMs: number): void {
    if (this.#stopped) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, pauseMs);
  }

  async #commit(): Promise<void> {
    const { due, commit, onCommitted, onFailed } = this.#options;
    const offsets = due();
    if (offsets.size === 0) return;
    try {
      await commit(offsets);
      onCommitted(offsets);
    } catch (error) {
      onFailed(error);
      this.#schedule(pauseAfterFailureMs);
    }
  }
}
