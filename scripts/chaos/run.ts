/** One run: the shop, callers, faults, then rest, and a history of all of it. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress, Step } from '../local/progress.ts';
import { createSample } from '../local/shop-api.ts';
import { Callers, type Counts } from './callers.ts';
import { type Fault, type FaultKind, planFaults } from './fault-plan.ts';
import { type Recorded, readHistory, recordTo } from './history-file.ts';
import { Injector } from './injector.ts';
import { Observer, type Rest } from './observer.ts';
import type { Sources } from './replicas.ts';
import { seededRandom } from './seeded-random.ts';
import { Shop } from './shop.ts';

export interface RunOptions extends Sources {
  readonly seed: number;
  readonly orders: number;
  readonly perSecond: number;
  readonly kills: number;
  readonly kinds: readonly FaultKind[];
  /** How long it may take until nothing waits any more, after the last fault is over. */
  readonly patienceMs: number;
  readonly progress: Progress;
}

export interface RunResult {
  readonly history: readonly Recorded[];
  readonly counts: Counts;
  readonly faults: ReadonlyMap<Fault, number>;
  readonly restMs: number;
}

const lookEveryMs = 1_000;
const quietBeforeMs = 2_000;
const mostPayments = 6;

/** As a real provider is: not at once, now and then not at all, and now and then without telling that it did it. */
const provider = {
  latencyMs: 20,
  jitterMs: 60,
  declineRate: 0.05,
  faults: [
    { kind: 'lost-answer', rate: 0.02 },
    { kind: 'error-503', rate: 0.02 },
  ],
};

export async function runChaos(options: RunOptions): Promise<RunResult> {
  const { folder, seed, progress, kinds } = options;
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'history.jsonl');
  const record = recordTo(file, Date.now);
  record({ kind: 'run', seed, faults: kinds, expectedDeadLetters: 0, acceptsAlways: false });
  const shop = await Shop.plan({
    ...options,
    orders: 2,
    payments: mostPayments,
    onNews: (news, name) => record({ kind: 'fault', fault: news, target: name }),
  });
  try {
    await progress.step('The shop starts', () => shop.start());
    const sample = await createSample(shop.urls, 1_000_000);
    await behave(shop.urls.provider, { ...provider, seed });
    const observer = await Observer.open(shop, record);
    try {
      observer.watch(lookEveryMs);
      const { callers, injector } = await disturb(options, { shop, record, sample });
      const startedAt = performance.now();
      await progress.step('Until nothing waits any more', (step) => untilRest(observer, options.patienceMs, step));
      const restMs = performance.now() - startedAt;
      await progress.step('Stores, topics and ledger are read', () => observer.conclude());
      return { history: readHistory(file), counts: callers.counts, faults: injector.counts, restMs };
    } finally {
      await observer.close();
    }
  } finally {
    await shop.close();
  }
}

interface Scene {
  readonly shop: Shop;
  readonly record: ReturnType<typeof recordTo>;
  readonly sample: Awaited<ReturnType<typeof createSample>>;
}

async function disturb(options: RunOptions, { shop, record, sample }: Scene) {
  const { seed, orders, perSecond, kills, kinds, progress } = options;
  const callers = new Callers({
    orders: shop.orders.map(({ url }) => url),
    sample,
    record,
    seed,
    patienceMs: options.patienceMs,
  });
  const injector = new Injector(shop, record);
  const durationMs = (orders / perSecond) * 1_000;
  const plan = planFaults({ random: seededRandom(seed), kills, kinds, durationMs });
  await progress.step(`${orders} orders at ${perSecond}/s, ${kills} kills, seed ${seed}`, async (step) => {
    const timer = setInterval(() => step.note(progressText(callers.counts, injector.counts)), 2_000);
    const faults = sleep(quietBeforeMs).then(() => injector.run(plan));
    await Promise.all([callers.run(orders, perSecond), faults]).finally(() => clearInterval(timer));
  });
  return { callers, injector };
}

function progressText({ placed, accepted }: Counts, faults: ReadonlyMap<Fault, number>): string {
  const others = [...faults.values()].reduce((sum, count) => sum + count, 0) - (faults.get('kill') ?? 0);
  return `${placed} placed, ${accepted} accepted, ${faults.get('kill') ?? 0} kills, ${others} other faults`;
}

async function behave(provider: string, behaviour: object): Promise<void> {
  const response = await fetch(`${provider}/faults`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(behaviour),
  });
  if (!response.ok) throw new Error(`the provider answered ${response.status}: ${await response.text()}`);
}

/** Gives up quietly after `patienceMs`: what waits then is for the rules to find. */
async function untilRest(observer: Observer, patienceMs: number, step: Step): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    const rest = await observer.rest().catch(() => undefined);
    if (rest && Object.values(rest).every((count) => count === 0)) return;
    step.note(rest ? restText(rest) : 'Kafka or the database does not answer yet');
    await sleep(500);
  }
}

function restText({ pendingOrders, unsentOrders, openPayments, unreadMessages }: Rest): string {
  return `${pendingOrders} orders undecided, ${unsentOrders} unsent, ${openPayments} payments open, ${unreadMessages} messages unread`;
}
