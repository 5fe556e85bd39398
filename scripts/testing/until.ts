import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until `holds` answers something truthy, and answers that. What it throws counts as «not yet». A question that takes long,
 * as one that starts a program does, is asked the more rarely: it takes from what is waited for.
 *
 * @throws with `what` when that takes longer than `timeoutMs`
 */
export async function until<T>(
  what: string,
  holds: () => Promise<T> | T,
  timeoutMs = 30_000,
): Promise<Exclude<T, false | undefined | null>> {
  const deadline = Date.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    const askedAt = Date.now();
    try {
      const found = await holds();
      if (found) return found as Exclude<T, false | undefined | null>;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`, { cause });
    await sleep(Math.min(1_000, Math.max(25, 4 * (Date.now() - askedAt))));
  }
}
