import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Consumer } from '@platformatic/kafka';
import { ordersCreated, ordersPaid } from '../../services/shared/src/contracts/topics.ts';
import { percentile } from '../local/percentile.ts';
import { type Figure, figure } from './figures.ts';
import { generate, startLoad } from './intake.ts';
import { startFarSide, startPayments } from './payments.ts';
import { ask } from './processes.ts';
import { startOrders } from './shop.ts';
import type { World } from './world.ts';

const rounds = 5;
const roundMs = 6_000;
const connections = 32;
const providerMs = 20;
const rates = { publish: 100, pay: 50 };
const decisionTimeoutMs = 60_000;

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

  /** @returns the 95th percentiles of what was accepted since the last time, once all of it is decided */
  async settle(accepted: number): Promise<{ publishedMs: number; paidMs: number }> {
    const deadline = performance.now() + decisionTimeoutMs;
    while (this.paid.length < accepted) {
      if (performance.now() > deadline)
        throw new Error(`${accepted - this.paid.length} of ${accepted} orders are undecided`);
      await sleep(20);
    }
    const [published, paid] = [this.published.splice(0), this.paid.splice(0)];
    return { publishedMs: percentile(published, 95) as number, paidMs: percentile(paid, 95) as number };
  }
}

/** The shop as a whole, at rates far below what it can do. */
export async function measureLatency(world: World): Promise<Figure[]> {
  const farSide = await startFarSide(world);
  const orders = await startOrders(world, { name: 'latency' });
  const payments = await startPayments(world, { PROVIDER_URL: farSide.url, ORDERS_URL: orders.url });
  const generator = startLoad(world);
  const consumer = new Consumer({
    clientId: 'bench',
    groupId: randomUUID(),
    bootstrapBrokers: world.brokers.split(','),
  });
  try {
    await ask(farSide, { latencyMs: providerMs });
    const stream = await consumer.consume({ topics: [ordersCreated, ordersPaid], mode: 'latest' });
    const reader = new Reader();
    stream.on('data', ({ topic, value }) => reader.take(topic, value));
    const load = (rate: number) => async () => {
      const body = orders.order;
      const { accepted } = await generate(generator, {
        port: orders.port,
        path: '/v1/orders',
        body,
        connections,
        durationMs: roundMs,
        rate,
      });
      return await reader.settle(accepted);
    };
    await world.progress.step('latency: warm-up', load(rates.publish));
    const [publish, pay]: [number[], number[]] = [[], []];
    for (let round = 1; round <= rounds; round += 1)
      await world.progress.step(
        `latency: round ${round} of ${rounds}`,
        async () => {
          publish.push((await load(rates.publish)()).publishedMs);
          pay.push((await load(rates.pay)()).paidMs);
        },
        () => `latency: published ${publish.at(-1)} ms, paid ${pay.at(-1)} ms`,
      );
    return [
      figure(
        {
          ...{ id: 'latency.publish-p95', unit: 'ms', reach: { atMost: 50 } },
          about: `p95 from acceptance to a reader of orders.created, ${rates.publish} orders/s`,
        },
        publish,
      ),
      figure(
        {
          ...{ id: 'latency.paid-p95', unit: 'ms', reach: { atMost: 500 } },
          about: `p95 from acceptance to a reader of orders.paid, ${rates.pay} orders/s, a provider of ${providerMs} ms`,
        },
        pay,
      ),
    ];
  } finally {
    await consumer.close(true);
    await Promise.all([orders, payments, generator, farSide].map((running) => running.stop()));
  }
}
