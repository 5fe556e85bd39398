/** One run: the shop, callers, what is done to it meanwhile, then rest, and a history of all of it. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '../command-line/progress.ts';
import { findRabbit } from '../embedded/rabbitmq/program.ts';
import { createSample } from '../load/shop-api.ts';
import { Callers, type Counts } from './callers.ts';
import type { RunLine } from './history.ts';
import { type Recorded, type Recorder, readHistory, recordTo } from './history-file.ts';
import { openLetterBox } from './letter-box.ts';
import { Observer } from './observer.ts';
import type { ReplicaCounts, Sources } from './replicas.ts';
import { Shop } from './shop.ts';
import { untilRest } from './until-rest.ts';

export interface RunOptions extends Sources {
  readonly seed: number;
  readonly replicas: ReplicaCounts;
  readonly brokers: number;
  readonly outage?: RunLine['outage'];
  /** How the payment provider behaves, as its `PUT /faults` takes it. */
  readonly provider: object;
  /** After the last fault is over: for how long what waits may become no less. */
  readonly patienceMs: number;
  readonly progress: Progress;
}

export interface RunResult {
  readonly history: readonly Recorded[];
  readonly counts: Counts;
  readonly restMs: number;
}

/** What takes place while the shop runs: orders are placed, and more. */
export type Scene = (stage: {
  readonly shop: Shop;
  readonly callers: Callers;
  readonly record: Recorder;
}) => Promise<void>;

const lookEveryMs = 1_000;

export async function runScene(options: RunOptions, scene: Scene): Promise<RunResult> {
  const { folder, seed, progress, outage, provider, patienceMs } = options;
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'history.jsonl');
  const record = recordTo(file, Date.now);
  const isQueued = (await findRabbit(process.env)) !== undefined;
  const notified = isQueued ? 'through RabbitMQ' : 'straight from Kafka';
  if (!isQueued) progress.say('There is no rabbitmq-server here: clients are told straight from Kafka.');
  record({ kind: 'run', seed, expectedDeadLetters: 0, notified, ...(outage && { outage }) });
  const letters = await openLetterBox(record);
  const shop = await Shop.plan({
    ...options,
    isQueued,
    lettersPort: letters.port,
    onNews: (news, name) => record({ kind: 'fault', fault: news, target: name }),
  });
  try {
    await progress.step('The shop starts', () => shop.start());
    const sample = await createSample(shop.urls, 1_000_000);
    await behave(shop.urls.provider, { ...provider, seed });
    const callers = new Callers({ orders: shop.orders.map(({ url }) => url), sample, record, seed, patienceMs });
    const observer = await Observer.open(shop, record);
    try {
      observer.watch(lookEveryMs);
      await scene({ shop, callers, record });
      const startedAt = performance.now();
      await progress.step('Until nothing waits any more', (step) => untilRest(() => observer.rest(), patienceMs, step));
      const restMs = performance.now() - startedAt;
      await progress.step('Stores, topics and ledger are read', () => observer.conclude());
      return { history: readHistory(file), counts: callers.counts, restMs };
    } finally {
      await observer.close();
    }
  } finally {
    await shop.close();
    await letters.close();
  }
}

async function behave(provider: string, behaviour: object): Promise<void> {
  const response = await fetch(`${provider}/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(behaviour),
  });
  if (!response.ok) throw new Error(`the provider answered ${response.status}: ${await response.text()}`);
}
