import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ordersCreated, paymentsGroup } from '../../services/shared/src/contracts/topics.ts';
import type { Calls } from './far-side.ts';
import { type Figure, figure, ratios } from './figures.ts';
import { ask, type Running, type Server, start, startServer } from './processes.ts';
import { plainTopic, type World } from './world.ts';

const rounds = 5;
const slowMs = 50;
/** Enough for some seconds each, by what each can do at best. */
const counts = { slow: 960, slowPlain: 60, quick: 1_500 };
const timeoutMs = 120_000;

/** What is in the topic already was made by another measurement: payments that start next begin behind it. */
export async function skipEarlierOrders({ admin }: World): Promise<void> {
  const ends = (await admin.offsets(ordersCreated)).map(({ partition, high }) => [partition, high] as const);
  await admin.setOffsets(paymentsGroup, ordersCreated, new Map(ends));
}

/** Payments in a process of its own. */
export async function startPayments(world: World, env: Readonly<Record<string, string>>): Promise<Server> {
  const { logFolder, databaseUri, brokers } = world;
  await skipEarlierOrders(world);
  return await startServer({
    ...{ name: 'payments', script: 'services/payments/src/main.ts', logFolder },
    env: { MONGODB_URI: databaseUri('payments'), KAFKA_BROKERS: brokers, ...env },
  });
}

export function startFarSide({ logFolder }: World): Promise<Server> {
  return startServer({ name: 'far-side', script: 'scripts/bench/far-side.ts', logFolder });
}

/** Events per second of one replica: against a plain loop with a slow provider, against bare writes with a quick one. */
export async function measurePayments(world: World): Promise<Figure[]> {
  const { databaseUri, brokers, logFolder } = world;
  const farSide = await startFarSide(world);
  const ours = await startPayments(world, { PROVIDER_URL: farSide.url, ORDERS_URL: farSide.url });
  const plain = start({
    ...{ name: 'plain-payments', script: 'scripts/bench/baseline/plain-payments.ts', logFolder },
    env: { KAFKA_BROKERS: brokers, PROVIDER_URL: farSide.url, TOPIC: plainTopic, GROUP: 'plain' },
  });
  const bare = start({
    ...{ name: 'bare-payments', script: 'scripts/bench/baseline/bare-payments.ts', logFolder },
    env: { MONGODB_URI: databaseUri('bare-payments') },
  });
  try {
    return await measure(world, farSide, bare);
  } finally {
    await Promise.all([ours, plain, bare, farSide].map((running) => running.stop()));
  }
}

async function measure(world: World, farSide: Server, bare: Running): Promise<Figure[]> {
  const of = { slow: [] as number[], slowPlain: [] as number[], quick: [] as number[], bare: [] as number[] };
  const ours = (count: number, latencyMs: number) => pass(world, farSide, { topic: ordersCreated, count, latencyMs });
  const plain = (count: number) => pass(world, farSide, { topic: plainTopic, count, latencyMs: slowMs });
  const bareWrites = () => ask<number>(bare, { count: counts.quick });
  await world.progress.step('payments: warm-up', async () => {
    await ours(counts.quick, 0);
    await plain(20);
    await bareWrites();
  });
  for (let round = 1; round <= rounds; round += 1)
    await world.progress.step(
      `payments: round ${round} of ${rounds}`,
      async () => {
        of.slow.push(await ours(counts.slow, slowMs));
        of.slowPlain.push(await plain(counts.slowPlain));
        of.quick.push(await ours(counts.quick, 0));
        of.bare.push(await bareWrites());
      },
      () =>
        `payments: ${Object.entries(of)
          .map(([side, rates]) => `${side} ${Math.round(rates.at(-1) ?? 0)}/s`)
          .join(', ')}`,
    );
  const rate = (id: string, about: string, values: number[]) => figure({ id, about, unit: 'per second' }, values);
  return [
    figure(
      {
        ...{ id: 'payments.of-plain-loop', unit: 'ratio', reach: { atLeast: 8 } },
        about: `events with a provider of ${slowMs} ms: ours / a plain loop`,
      },
      ratios(of.slow, of.slowPlain),
    ),
    figure(
      {
        ...{ id: 'payments.of-bare', unit: 'ratio', reach: { atLeast: 0.6 } },
        about: 'events with a provider of 0 ms: ours / the bare writes',
      },
      ratios(of.quick, of.bare),
    ),
    rate('payments.slow-ours', `events with a provider of ${slowMs} ms, ours`, of.slow),
    rate('payments.slow-plain', `events with a provider of ${slowMs} ms, a plain loop`, of.slowPlain),
    rate('payments.quick-ours', 'events with a provider of 0 ms, to the report', of.quick),
    rate('payments.quick-bare', 'bare writes of payments', of.bare),
  ];
}

/** Sends events and waits until each is charged, and by ours reported. @returns events per second */
async function pass(
  { producer }: World,
  farSide: Server,
  { topic, count, latencyMs }: { topic: string; count: number; latencyMs: number },
): Promise<number> {
  await ask(farSide, { latencyMs });
  await producer.send(Array.from({ length: count }, () => created(topic)));
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { charges, reports, tookMs } = await ask<Calls>(farSide, {});
    if (charges >= count && (topic === plainTopic || reports >= count)) return (count / tookMs) * 1_000;
    if (performance.now() > deadline)
      throw new Error(`of ${count} events ${charges} were charged and ${reports} reported in ${timeoutMs} ms`);
    await sleep(50);
  }
}

function created(topic: string) {
  const orderId = randomBytes(12).toString('hex');
  const items = [{ productId: '64b000000000000000000001', quantity: 1, price: 19.9 }];
  const payload = { orderId, clientId: '64b000000000000000000002', total: 19.9, status: 'PENDENTE', items };
  const value = JSON.stringify({ ...payload, itemsCount: 1, createdAt: new Date().toISOString() });
  return { topic, key: orderId, value, headers: {} };
}
