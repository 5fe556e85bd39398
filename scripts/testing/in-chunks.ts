/**
 * What `work` answers for each item, in their order, with `atOnce` of them under way at a time. All at once would wait for a
 * connection to the database for longer than its driver lets them, on a busy machine.
 */
export async function inChunks<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += atOnce)
    results.push(...(await Promise.all(items.slice(from, from + atOnce).map(work))));
  return results;
}
