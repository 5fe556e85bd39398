import { atOnce, type InTurn } from '@shop/shared/at-once';
import { reasonOf } from '@shop/shared/errors';
import type { Look } from './law/look.ts';
import type { TargetSample, WorkSample } from './law/observation.ts';
import { firstSince } from './law/rates.ts';
import { lineReader } from './line-reader.ts';
import type { Scaler } from './scaler.ts';

export interface WorkRead {
  /** Absent where the scaler names no consumers, or none of them answered with the metrics of the group and topic. */
  readonly work?: readonly WorkSample[];
  /** What could not be read of those that it names, as one sentence. */
  readonly workFault?: string;
}

/** Never rejects for what cannot be read. */
export type ReadWork = (scaler: Scaler) => Promise<WorkRead>;

/** Tells `take` each line of a page, in its turn; rejects with a sentence that names the page, also when that takes too long. */
export type GetPage = (url: string, take: (line: string) => void, inTurn: InTurn) => Promise<void>;

/** A third of all: the pages of one scaler that do not end leave room for those of the others. */
const mostOfScaler = 8;

/** Reads the work of the replicas of a scaler, many at a time. */
export function workReader(get: GetPage): ReadWork {
  return async ({ group, topic, metricsUrls, metricsName }) => {
    if (metricsUrls === undefined) return {};
    const of = metricsName === undefined ? '' : ` of ${metricsName}`;
    try {
      const urls = await metricsUrls();
      const inTurn = atOnce(mostOfScaler);
      const reads = await Promise.allSettled(urls.map((url) => read(url, { group, topic }, inTurn)));
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

  async function read(url: string, consumer: { group: string; topic: string }, inTurn: InTurn): Promise<WorkSample> {
    const counters = workCounters(consumer);
    await get(url, counters.add, inTurn);
    const sample = counters.work();
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

/** Of all scalers together: what is in memory at a time does not grow with the number of replicas. */
const mostAtOnce = 24;

/** What is larger, packed or not, is no page of a consumer. */
const mostPageBytes = 2_000_000;

/**
 * @returns tells the lines of the page at an address as they come, and rejects with a sentence that names it: `timeoutMs` after the
 * call, or where it has more than 2 MB
 */
export function getPage(timeoutMs: number): GetPage {
  const inTurnOfAll = atOnce(mostAtOnce);
  return async (url, take, inTurn) => {
    // From the call, not from the turn: pages that never end must not make a round longer.
    const signal = AbortSignal.timeout(timeoutMs);
    const read = async () => {
      signal.throwIfAborted();
      // Not followed: a pod that is not ours to trust would choose what we ask.
      const response = await fetch(url, { redirect: 'manual', signal });
      if (!response.ok) throw new Error(`it answered ${response.status}`);
      await tellLines(response, take);
    };
    try {
      await inTurn(() => inTurnOfAll(read));
    } catch (error) {
      throw new Error(`${url}: ${reasonOf(error)}`);
    }
  };
}

async function tellLines({ body }: Response, take: (line: string) => void): Promise<void> {
  const lines = lineReader(take);
  let bytes = 0;
  // To leave the loop is to close the connection.
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > mostPageBytes) throw new Error('it has more than 2 MB');
    lines.add(chunk);
  }
  lines.end();
}

/** The counters of one group on one topic in a page of Prometheus' text format; absent unless those of its work are all there. */
export function workOf(
  page: string,
  consumer: { group: string; topic: string },
): Omit<WorkSample, 'replica'> | undefined {
  const counters = workCounters(consumer);
  for (const line of page.split('\n')) counters.add(line);
  return counters.work();
}

const workMetrics = new Set([
  'consumer_messages_total',
  'consumer_busy_seconds_total',
  'consumer_concurrency',
  'consumer_rebalance_seconds_count',
  'consumer_rebalance_seconds_sum',
]);

/** Keeps sums and no lines: what it holds does not grow with the page. */
function workCounters({ group, topic }: { group: string; topic: string }) {
  const sums = new Map<string, number>();
  return {
    add(line: string): void {
      const metric = line.slice(0, line.indexOf('{'));
      if (!workMetrics.has(metric)) return;
      const end = line.lastIndexOf('}');
      // Without the \b a long word that is no label would be tried from each of its characters: minutes for a page of that.
      const found = line.slice(0, end).matchAll(/\b(\w+)="((?:[^"\\]|\\.)*)"/g);
      const labels = new Map([...found].map(([, name, value]) => [name, value]));
      const value = Number(
        line
          .slice(end + 1)
          .trim()
          .split(' ')[0],
      );
      if (labels.get('group') !== group || labels.get('topic') !== topic || !Number.isFinite(value)) return;
      sums.set(metric, (sums.get(metric) ?? 0) + value);
    },
    work(): Omit<WorkSample, 'replica'> | undefined {
      const busySeconds = sums.get('consumer_busy_seconds_total');
      const concurrency = sums.get('consumer_concurrency');
      // A counter with an outcome label has no line before the first message.
      if (busySeconds === undefined || concurrency === undefined || concurrency <= 0) return undefined;
      const count = sums.get('consumer_rebalance_seconds_count');
      const seconds = sums.get('consumer_rebalance_seconds_sum');
      const rebalances = count === undefined || seconds === undefined ? {} : { rebalances: { count, seconds } };
      return { handled: sums.get('consumer_messages_total') ?? 0, busySeconds, concurrency, ...rebalances };
    },
  };
}
