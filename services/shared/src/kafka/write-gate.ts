export class DeadlineError extends Error {}

/** All connections are there now, but too little time is left to use them. */
export class LateConnectionError extends DeadlineError {}

/** Lets one attempt to send begin to write as long as there is time for an answer, and knows whether it has. */
export class WriteGate {
  readonly startedAtMs = performance.now();
  readonly #deadline: number;
  readonly #closed = Promise.withResolvers<never>();
  #isWriting = false;

  /** @param deadline of the attempt, by the clock of `performance.now` */
  constructor(deadline: number) {
    this.#deadline = deadline;
  }

  get isWriting(): boolean {
    return this.#isWriting;
  }

  /** Rejects as soon as `beginWrite` has refused: the client may take a while to say so, and in words of its own. */
  get closed(): Promise<never> {
    return this.#closed.promise;
  }

  /** @throws LateConnectionError when connecting took longer than what is left: the answer may take as long */
  readonly beginWrite = (): void => {
    const now = performance.now();
    const connectingMs = now - this.startedAtMs;
    this.#isWriting ||= connectingMs <= this.#deadline - now;
    if (this.#isWriting) return;
    const error = new LateConnectionError(`connecting took ${Math.round(connectingMs)} ms`);
    this.#closed.reject(error);
    throw error;
  };
}
