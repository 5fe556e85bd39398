import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Consumer } from '@platformatic/kafka';
import { ordersCreated, ordersPaid } from '../../services/shared/src/contracts/topics.ts';
import { percentile } from '../measuring/percentile.ts';
import { type Figure, figure } from './figures.ts';
import { generate, startLoad } from './intake.ts';
import { startFarSide, startPayments } from './payments.ts';
import { ask, type Server } from './processes.ts';
import { startOrders } from './shop.ts';
import type { World } from './world.ts';

const rounds = 5;
const roundMs = 6_000;
const connections = 32;
const providerMs = 20;
const rates = { publish: 100, pay: 50 };
const eventTimeoutMs = 60_000;

/** How long after an order was accepted a reader has its events: an upper bound of the publish delay and of the decision. */
class Reader {
  readonly #acceptedAt = new Map<string, number>();
  readonly published: number[] = [];
  readonly paid: number[] = [];

  take(topic: string, value: Buffer): void {
    const event = JSON.parse(String(value)) as { orderId: string; createdAt: string };
    if (topic === ordersCreated) {
      const acceptedAt = Date.parse(event.createdAt);
      this.#acceptedAt.set(event.orderId, acceptedAt);
      this.published.push(Date.now() - acceptedAt);
      return;
    }
    const acceptedAt = this.#acceptedAt.get(event.orderId);
    if (acceptedAt !== undefined) this.paid.push(Date.now() - acceptedAt);
  }

  /** @returns the 95th percentile of the delays of what was accepted since the last time, once all of it has come */
  async settle(delaysMs: number[], accepted: number): Promise<number> {
    const deadline = performance.now() + eventTimeoutMs;
    while (delaysMs.length < accepted) {
      if (performance.now() > deadline)
        throw new Error(`${accepted - delaysMs.length} of ${accepted} events are missing`);
      await sleep(20);
    }
    return percentile(delaysMs.splice(0), 95) as number;
  }
}

/** At rates far below what the shop can do: orders alone, and then with payments on the same two cores. */
export async function measureLatency(world: World): Promise<Figure[]> {
  const farSide = await startFarSide(world);
  const orders = await startOrders(world, { name: 'latency' });
  const generator = startLoad(world);
  const consumer = new Consumer({
    clientId: 'bench',
    groupId: randomUUID(),
    bootstrapBrokers: world.brokers.split(','),
  });
  let payments: Server | undefined;
  try {
    await ask(farSide, { latencyMs: providerMs });
    const stream = await consumer.consume({ topics: [ordersCreated, ordersPaid], mode: 'latest' });
    const reader = new Reader();
    stream.on('data', ({ topic, value }) => reader.take(topic, value));
    const load = async (rate: number) => {
      const target = { port: orders.port, path: '/v1/orders', body: orders.order };
      return (await generate(generator, { ...target, connections, durationMs: roundMs, rate })).accepted;
    };
    const published = async () => await reader.settle(reader.published, await load(rates.publish));

    const [alone, whole, paid]: [number[], number[], number[]] = [[], [], []];
    await world.progress.step('latency: warm-up', published);
    for (let round = 1; round <= rounds; round += 1)
      await world.progress.step(
        `latency: round ${round} of ${rounds}, orders alone`,
        async () => void alone.push(await published()),
        () => `latency: published ${alone.at(-1)} ms`,
      );

    payments = await startPayments(world, { PROVIDER_URL: farSide.url, ORDERS_URL: orders.url });
    const decided = async (rate: number) => {
      const accepted = await load(rate);
      const paidMs = await reader.settle(reader.paid, accepted);
      return { publishedMs: await reader.settle(reader.published, accepted), paidMs };
    };
    await world.progress.step('latency: warm-up with payments', () => decided(rates.publish));
    for (let round = 1; round <= rounds; round += 1)
      await world.progress.step(
        `latency: round ${round} of ${rounds}, with payments`,
        async () => {
          whole.push((await decided(rates.publish)).publishedMs);
          paid.push((await decided(rates.pay)).paidMs);
        },
        () => `latency: published ${whole.at(-1)} ms, paid ${paid.at(-1)} ms`,
      );
    const publish = `p95 from acceptance to a reader of orders.created, ${rates.publish} orders/s`;
    const pay = `p95 from acceptance to a reader of orders.paid, ${rates.pay} orders/s, a provider of ${providerMs} ms`;
    return [
      figure({ ...{ id: 'latency.publish-p95', unit: 'ms', reach: { atMost: 50 } }, about: publish }, alone),
      figure(
        { id: 'latency.publish-p95-whole', unit: 'ms', about: `${publish}, all of them paid at the same time` },
        whole,
      ),
      figure({ ...{ id: 'latency.paid-p95', unit: 'ms', reach: { atMost: 500 } }, about: pay }, paid),
    ];
  } finally {
    await consumer.close(true);
    await Promise.all([orders, payments, generator, farSide].map((running) => running?.stop()));
  }
}
