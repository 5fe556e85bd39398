import type { WorkSample } from './law/observation.ts';
import type { Scaler } from './scaler.ts';

/** Absent where the scaler names no consumers, or none of them answered with the metrics of the group and topic. */
export type ReadWork = (scaler: Scaler) => Promise<readonly WorkSample[] | undefined>;

/** @param get answers the body of a page, and rejects when that takes too long */
export function workReader(get: (url: string) => Promise<string>): ReadWork {
  return async ({ group, topic, metricsUrls }) => {
    const urls = (await metricsUrls?.().catch(() => [])) ?? [];
    const pages = await Promise.allSettled(urls.map(get));
    const samples = pages.flatMap((page, index) => {
      if (page.status === 'rejected') return [];
      const sample = workOf(page.value, { group, topic });
      return sample ? [{ replica: urls[index] as string, ...sample }] : [];
    });
    return samples.length > 0 ? samples : undefined;
  };
}

/** @returns the page at `url`, or a rejection after `timeoutMs` */
export function getPage(timeoutMs: number): (url: string) => Promise<string> {
  return async (url) => {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return await response.text();
  };
}

/** The counters of one group on one topic in a page of Prometheus' text format; absent unless those of its work are all there. */
export function workOf(
  page: string,
  consumer: { group: string; topic: string },
): Omit<WorkSample, 'replica'> | undefined {
  const handled = sumOf(page, 'consumer_messages_total', consumer);
  const busySeconds = sumOf(page, 'consumer_busy_seconds_total', consumer);
  const concurrency = sumOf(page, 'consumer_concurrency', consumer);
  // A counter with an outcome label has no line before the first message.
  if (busySeconds === undefined || concurrency === undefined) return undefined;
  const count = sumOf(page, 'consumer_rebalance_seconds_count', consumer);
  const seconds = sumOf(page, 'consumer_rebalance_seconds_sum', consumer);
  const rebalances = count === undefined || seconds === undefined ? {} : { rebalances: { count, seconds } };
  return { handled: handled ?? 0, busySeconds, concurrency, ...rebalances };
}

function sumOf(page: string, metric: string, { group, topic }: { group: string; topic: string }): number | undefined {
  const values = page.split('\n').flatMap((line) => {
    if (!line.startsWith(`${metric}{`)) return [];
    const end = line.lastIndexOf('}');
    const labels = new Map(
      [...line.slice(0, end).matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name, value]),
    );
    const value = Number(
      line
        .slice(end + 1)
        .trim()
        .split(' ')[0],
    );
    return labels.get('group') === group && labels.get('topic') === topic && Number.isFinite(value) ? [value] : [];
  });
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}
