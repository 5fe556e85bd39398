/** Resolves after so many milliseconds, or as soon as the signal says that there is nothing to wait for. Never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}

/** What the work comes to, or `undefined` where that takes longer than so many milliseconds; it goes on all the same. */
export async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T | undefined> {
  const done = new AbortController();
  try {
    return await Promise.race([work, pause(timeoutMs, done.signal).then(() => undefined)]);
  } finally {
    done.abort();
  }
}
