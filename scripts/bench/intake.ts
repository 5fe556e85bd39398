import { setTimeout as sleep } from 'node:timers/promises';
import { type Figure, figure, ratios } from './figures.ts';
import type { Load, Loaded } from './load-generator.ts';
import { ask, type Running, type Server, start, startServer } from './processes.ts';
import { metricIn, scrape } from './scrape.ts';
import { type Orders, startOrders } from './shop.ts';
import type { World } from './world.ts';

export const rounds = 5;
const roundMs = 4_000;
const warmUpMs = 3_000;
const connections = 32;
const drainTimeoutMs = 60_000;

interface Sides {
  readonly ours: Orders;
  readonly bare: Server;
  readonly dualWrite: Server;
}

/** One round of ours, with what the relay did meanwhile. */
interface Intake extends Loaded {
  /** Mean publish delay in the second half of the round, over that of the first. */
  readonly delayGrowth: number;
  readonly delayMs: number;
  /** How long after the last answer everything was published. */
  readonly drainMs: number;
}

export function startLoad({ logFolder }: World): Running {
  return start({ name: 'load', script: 'scripts/bench/load-generator.ts', logFolder });
}

/** On a machine that others use, a pause of seconds may cost some answers; more than that is a fault of the side itself. */
const maxRefusedShare = 0.01;

/** @throws when more than a few orders were not accepted */
export async function generate(generator: Running, load: Load): Promise<Loaded> {
  const loaded = await ask<Loaded>(generator, load);
  if (loaded.accepted === 0 || loaded.refused > loaded.accepted * maxRefusedShare)
    throw new Error(`an order was not accepted: ${loaded.fault}`);
  return loaded;
}

/** Orders accepted per second: ours against a bare insert and against the dual write, in turn. */
export async function measureIntake(world: World): Promise<Figure[]> {
  const ours = await startOrders(world);
  const [bare, dualWrite] = [await baseline(world, 'bare-orders'), await baseline(world, 'dual-write-orders')];
  const generator = startLoad(world);
  try {
    return await measure({ ours, bare, dualWrite }, generator, world);
  } finally {
    await Promise.all([ours, bare, dualWrite, generator].map((running) => running.stop()));
  }
}

function baseline({ databaseUri, brokers, logFolder }: World, name: string): Promise<Server> {
  return startServer({
    ...{ name, logFolder },
    script: `scripts/bench/baseline/${name}.ts`,
    env: { MONGODB_URI: databaseUri(name), KAFKA_BROKERS: brokers },
  });
}

async function measure({ ours, bare, dualWrite }: Sides, generator: Running, { progress }: World): Promise<Figure[]> {
  const loadOf = ({ port }: Server, durationMs = roundMs): Load => ({
    ...{ port, connections, durationMs },
    path: '/v1/orders',
    body: ours.order,
  });
  const of = { bare: [] as Loaded[], dualWrite: [] as Loaded[], ours: [] as Intake[] };
  await progress.step('intake: warm-up', async () => {
    for (const server of [bare, dualWrite, ours]) await generate(generator, loadOf(server, warmUpMs));
    await published(ours);
  });
  for (let round = 1; round <= rounds; round += 1)
    await progress.step(
      `intake: round ${round} of ${rounds}`,
      async () => {
        of.bare.push(await generate(generator, loadOf(bare)));
        of.dualWrite.push(await generate(generator, loadOf(dualWrite)));
        of.ours.push(await takeIn(ours, generate(generator, loadOf(ours))));
      },
      () => `intake: ${sides.map((side) => `${side} ${Math.round(of[side].at(-1)?.perSecond ?? 0)}/s`).join(', ')}`,
    );
  return figuresOf(of);
}

const sides = ['bare', 'dualWrite', 'ours'] as const;

async function takeIn(orders: Orders, load: Promise<Loaded>): Promise<Intake> {
  const before = delays(await scrape(orders.url));
  await sleep(roundMs / 2);
  const half = delays(await scrape(orders.url));
  const loaded = await load;
  const end = delays(await scrape(orders.url));
  const drainMs = await published(orders);
  const mean = (from: Delays, to: Delays) => ((to.seconds - from.seconds) / (to.count - from.count)) * 1_000;
  return { ...loaded, drainMs, delayMs: mean(before, end), delayGrowth: mean(half, end) / mean(before, half) };
}

interface Delays {
  readonly seconds: number;
  readonly count: number;
}

function delays(metrics: string): Delays {
  return {
    seconds: metricIn(metrics, 'outbox_publish_delay_seconds_sum'),
    count: metricIn(metrics, 'outbox_publish_delay_seconds_count'),
  };
}

/** Waits until nothing is left to publish. @returns how long that took */
export async function published(orders: Server): Promise<number> {
  const startedAt = performance.now();
  while (metricIn(await scrape(orders.url), 'outbox_pending_documents') !== 0) {
    if (performance.now() - startedAt > drainTimeoutMs) throw new Error('the relay does not catch up');
    await sleep(100);
  }
  return performance.now() - startedAt;
}

function figuresOf(of: { bare: Loaded[]; dualWrite: Loaded[]; ours: Intake[] }): Figure[] {
  const rate = (side: (typeof sides)[number]) => of[side].map(({ perSecond }) => perSecond);
  const p99 = (side: (typeof sides)[number]) => of[side].map(({ p99Ms }) => p99Ms);
  const perSecond = (side: (typeof sides)[number], about: string) =>
    figure({ id: `intake.${side}`, about, unit: 'per second' }, rate(side));
  const slowest = (side: (typeof sides)[number], about: string) =>
    figure({ id: `intake.${side}-p99`, about, unit: 'ms' }, p99(side));
  return [
    figure(
      { id: 'intake.of-bare', about: 'orders accepted: ours / a bare insert', unit: 'ratio', reach: { atLeast: 0.6 } },
      ratios(rate('ours'), rate('bare')),
    ),
    figure(
      {
        id: 'intake.of-dual-write',
        about: 'orders accepted: ours / a dual write',
        unit: 'ratio',
        reach: { atLeast: 0.7 },
      },
      ratios(rate('ours'), rate('dualWrite')),
    ),
    figure(
      { id: 'intake.p99-of-dual-write', about: 'p99 of an answer: a dual write / ours', unit: 'times' },
      ratios(p99('dualWrite'), p99('ours')),
    ),
    perSecond('bare', 'orders accepted by a bare insert'),
    perSecond('dualWrite', 'orders accepted by a dual write'),
    perSecond('ours', 'orders accepted by ours'),
    slowest('bare', 'p99 of an answer, a bare insert'),
    slowest('dualWrite', 'p99 of an answer, a dual write'),
    slowest('ours', 'p99 of an answer, ours'),
    figure(
      { id: 'intake.delay', about: 'mean publish delay at that rate', unit: 'ms' },
      of.ours.map(({ delayMs }) => delayMs),
    ),
    figure(
      {
        ...{ id: 'intake.relay-keeps-up', unit: 'times', reach: { atLeast: 0.5 } },
        about: 'publish delay: first half of a round / second half',
      },
      of.ours.map(({ delayGrowth }) => 1 / delayGrowth),
    ),
    figure(
      { id: 'intake.drain', about: 'from the last answer until all is published', unit: 'ms' },
      of.ours.map(({ drainMs }) => drainMs),
    ),
  ];
}
