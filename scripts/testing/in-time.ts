import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What `work` comes to, if it does within `timeoutMs`. Timed by a timer: of a machine that stands still for a moment, those that
 * `work` itself has set run out before it, so only what is really late is.
 *
 * @throws what `work` throws, or that it took too long
 */
export async function inTime<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const done = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: done.signal }).then(() => {
    throw new Error(`not within ${timeoutMs} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    late.catch(() => 'aborted');
    done.abort();
  }
}
