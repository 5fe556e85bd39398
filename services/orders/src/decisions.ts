/** Who waits for an order to be decided. What is decided in this process wakes them at once; the rest is polled for. */
export interface Decisions {
  /** Resolves when the order is decided, after `timeoutMs`, or when `signal` is aborted; whichever, read the order again. */
  readonly wait: (id: string, timeoutMs: number, signal: AbortSignal) => Promise<void>;
  readonly note: (id: string) => void;
}

interface Needs {
  /** Which of these are decided by now. */
  readonly decided: (ids: readonly string[]) => Promise<string[]>;
  readonly pollMs: number;
  /** A poll that failed; it is repeated while somebody waits. */
  readonly onError: (error: unknown) => void;
}

/** One query per poll serves all who wait, and none is made while nobody does. */
export function createDecisions({ decided, pollMs, onError }: Needs): Decisions {
  const waiting = new Map<string, Set<() => void>>();
  let polling = false;

  const note = (id: string) => {
    for (const wake of waiting.get(id) ?? []) wake();
  };

  async function poll(): Promise<void> {
    try {
      for (const id of await decided([...waiting.keys()])) note(id);
    } catch (error) {
      onError(error);
    }
    polling = false;
    pollLater();
  }

  function pollLater(): void {
    if (polling || waiting.size === 0) return;
    polling = true;
    setTimeout(poll, pollMs);
  }

  function forget(id: string, wake: () => void): void {
    const wakes = waiting.get(id);
    wakes?.delete(wake);
    if (wakes?.size === 0) waiting.delete(id);
  }

  async function wait(id: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const ends = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    if (ends.aborted) return;
    ends.addEventListener('abort', () => resolve(), { once: true });
    waiting.set(id, (waiting.get(id) ?? new Set()).add(resolve));
    pollLater();
    await promise;
    forget(id, resolve);
  }

  return { wait, note };
}
