import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { call } from '../../scripts/testing/call.ts';
import { until } from '../../scripts/testing/until.ts';
import type { Replica } from './replica.ts';
import { Shop } from './shop.ts';

let shop: Shop;
let orders: Replica;

beforeAll(async () => {
  shop = await Shop.open();
  orders = shop.orders[0] as Replica;
}, 90_000);
afterAll(() => shop?.close(), 30_000);

describe('orders without Kafka', () => {
  it('accepts orders, is ready, says that Kafka is away, and loses none of their events when it is killed before they were published', async () => {
    await shop.stopKafka();
    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => shop.tryPlace(orders, i + 1)));
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(201));
    const ids = answers.map(({ body }) => body.id);
    const canceled = ids.slice(0, 4);
    const cancels = await Promise.all(canceled.map((id) => shop.cancel(id)));
    expect(cancels.map(({ status }) => status)).toEqual(Array(4).fill(200));
    const health = await call(`${orders.url}/health`);
    expect(health.body).toEqual({ service: 'orders-service', kafka: 'disconnected', mongodb: 'connected' });
    expect((await call(`${orders.url}/readyz`)).status).toBe(200);
    await until('an attempt in vain', async () => (await orders.metric('outbox_failures_total')) > 0);

    await orders.kill();
    await shop.startKafka();
    expect(await shop.reader.records(['orders.created', 'orders.failed'])).toEqual([]);
    await orders.start();

    expect(await shop.faultsAtRest()).toEqual([]);
    expect(await shop.statuses(ids)).toEqual(ids.map((id) => (canceled.includes(id) ? 'CANCELADO' : 'PAGO')));
  }, 90_000);

  it('publishes by itself what waited, when Kafka is back and nobody was restarted', async () => {
    await shop.stopKafka();
    const ids = await shop.placeMany(5);
    await shop.cancel(ids[0] as string);
    await shop.startKafka();
    expect(await shop.faultsAtRest()).toEqual([]);
  }, 90_000);
});
