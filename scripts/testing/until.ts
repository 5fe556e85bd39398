import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until `holds` answers something truthy, and answers that. What it throws counts as «not yet».
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
    try {
      const found = await holds();
      if (found) return found as Exclude<T, false | undefined | null>;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`, { cause });
    await sleep(25);
  }
}
