/** What became of each item, in their order: `undefined` for done. */
export type Outcomes = readonly (Error | undefined)[];

export interface GatherOptions<T> {
  /** Does many at once and answers for each. Throwing counts for all of them. */
  readonly work: (items: readonly T[]) => Promise<Outcomes>;
  readonly maxItems: number;
  /** So many calls of `work` run at once; what comes meanwhile waits for the next one. */
  readonly maxCalls: number;
}

/**
 * Gives callers that come at the same time one call of `work`, and each its own outcome. Nobody waits for company: a
 * caller that comes while there is a call to spare is served at once, so batches grow only where there is a queue.
 */
export function gather<T>({ work, maxItems, maxCalls }: GatherOptions<T>): (item: T) => Promise<void> {
  const waiting: { item: T; resolve: () => void; reject: (error: unknown) => void }[] = [];
  let calls = 0;

  async function call(): Promise<void> {
    const batch = waiting.splice(0, maxItems);
    calls += 1;
    const [result] = await Promise.allSettled([work(batch.map(({ item }) => item))]);
    calls -= 1;
    next();
    for (const [index, { resolve, reject }] of batch.entries()) {
      const error = result.status === 'rejected' ? result.reason : result.value[index];
      if (error) reject(error);
      else resolve();
    }
  }

  function next(): void {
    if (calls < maxCalls && waiting.length > 0) void call();
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      next();
    });
}
