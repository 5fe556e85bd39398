import { reasonOf } from '@shop/shared/errors';
import type { Look } from './law/look.ts';
import type { TargetSample, WorkSample } from './law/observation.ts';
import { firstSince } from './law/rates.ts';
import type { Scaler } from './scaler.ts';

export interface WorkRead {
  /** Absent where the scaler names no consumers, or none of them answered with the metrics of the group and topic. */
  readonly work?: readonly WorkSample[];
  /** What could not be read of those that it names, as one sentence. */
  readonly workFault?: string;
}

/** Never rejects for what cannot be read. */
export type ReadWork = (scaler: Scaler) => Promise<WorkRead>;

/** @param get answers the body of a page, and rejects with a sentence that names it, also when that takes too long */
export function workReader(get: (url: string) => Promise<string>): ReadWork {
  return async ({ group, topic, metricsUrls, metricsName }) => {
    if (metricsUrls === undefined) return {};
    const of = metricsName === undefined ? '' : ` of ${metricsName}`;
    try {
      const urls = await metricsUrls();
      const reads = await Promise.allSettled(urls.map((url) => read(url, { group, topic })));
      const work = reads.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      // What one page lacks, the others mostly lack too: the first stands for all.
      const failed = reads.find((one) => one.status === 'rejected');
      const counts = `${work.length} of ${urls.length} pages${of}`;
      return {
        ...(work.length > 0 && { work }),
        ...(failed && { workFault: `consumer metrics: ${counts} could be read: ${reasonOf(failed.reason)}` }),
      };
    } catch (error) {
      return { workFault: `consumer metrics: no page${of} could be read: ${reasonOf(error)}` };
    }
  };

  async function read(url: string, consumer: { group: string; topic: string }): Promise<WorkSample> {
    const sample = workOf(await get(url), consumer);
    if (sample) return { replica: url, ...sample };
    const { group, topic } = consumer;
    throw new Error(
      `${url}: it does not have both consumer_busy_seconds_total and consumer_concurrency of group ${group} on topic ${topic}`,
    );
  }
}

const oneAddressMs = 60_000;

/**
 * Without the page that alone stands for several replicas: behind it each answers in turn, and the difference between the counters
 * of two of them is no work of anybody. Told once it has been so for a minute, as the names of new pods are found late.
 *
 * @param looks that the law remembers, in the order of time
 */
export function believable(read: WorkRead, target: TargetSample | undefined, looks: readonly Look[]): WorkRead {
  const [page, ...others] = read.work ?? [];
  const isOfSeveral = (one: TargetSample | undefined) => (one?.ready ?? 0) > 1;
  if (!page || others.length > 0 || read.workFault !== undefined || !isOfSeveral(target)) return read;
  // Index 0: what is remembered reaches no further back.
  const first = firstSince(looks, (looks.at(-1)?.atMs ?? 0) - oneAddressMs);
  const isLasting = looks.slice(first).every((look) => look.work === undefined && isOfSeveral(look.target));
  if (first === 0 || !isLasting) return {};
  return {
    workFault: `consumer metrics: one address, ${page.replica}, for ${target?.ready} replicas: the Service must be headless (clusterIP: None), so that each is read by itself`,
  };
}

/** What is larger, packed or not, would take the memory that all scalers share. */
const mostPageBytes = 5_000_000;

/** @returns the page at `url`, or a rejection that names it: after `timeoutMs`, or where it has more than 5 MB */
export function getPage(timeoutMs: number): (url: string) => Promise<string> {
  return async (url) => {
    try {
      // Not followed: a pod that is not ours to trust would choose what we ask.
      const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
      if (!response.ok) throw new Error(`it answered ${response.status}`);
      return await textOf(response);
    } catch (error) {
      throw new Error(`${url}: ${reasonOf(error)}`);
    }
  };
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // To leave the loop is to close the connection.
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > mostPageBytes) throw new Error('it has more than 5 MB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
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
  if (busySeconds === undefined || concurrency === undefined || concurrency <= 0) return undefined;
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
