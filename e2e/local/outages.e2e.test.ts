import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { call } from '../../scripts/testing/call.ts';
import { until } from '../../scripts/testing/until.ts';
import type { Replica } from './replica.ts';
import { paymentsGroup, Shop } from './shop.ts';

const sessionTimeoutMs = 6_000;
let shop: Shop;

beforeAll(async () => {
  shop = await Shop.open({ payments: 2, environment: { payments: { PROVIDER_TIMEOUT_MS: '15000' } } });
}, 90_000);
afterAll(() => shop?.close(), 30_000);

const sum = async (metric: string, label?: string) => {
  const values = await Promise.all(shop.payments.map((each) => each.metric(metric, label)));
  return values.reduce((total, value) => total + value, 0);
};

/** Who is in the group, and how often it was joined: both stay as they are as long as nobody drops out. */
const membership = async () => ({
  members: await shop.reader.members(paymentsGroup),
  rebalances: await sum('consumer_rebalances_total'),
});

async function settledMembership() {
  const settled = await until('both members', async () => {
    const found = await membership();
    return found.members.length === 2 && found;
  });
  return settled;
}

const paused = () => sum('consumer_paused_partitions', 'reason="outage"');

const allPaused = () =>
  until('a pause in every process', async () => {
    const counts = await Promise.all(
      shop.payments.map((each) => each.metric('consumer_paused_partitions', 'reason="outage"')),
    );
    return counts.every((count) => count > 0);
  });

describe('an outage', () => {
  it('of the provider pauses the partitions for as long as it takes; no member drops out, nothing is dead-lettered, and all is decided when it is back', async () => {
    await shop.place().then((id) => shop.order(id, 10));
    const before = await settledMembership();
    await shop.provider.kill();
    const ids = await shop.placeMany(24);
    await allPaused();
    await sleep(sessionTimeoutMs + 1_000);
    expect(await paused()).toBeGreaterThan(0);
    expect(await shop.statuses(ids)).toEqual(ids.map(() => 'PENDENTE'));
    expect(await membership()).toEqual(before);

    await shop.provider.start();
    expect(await shop.faultsAtRest()).toEqual([]);
    expect(await shop.statuses(ids)).toEqual(ids.map(() => 'PAGO'));
    expect(await paused()).toBe(0);
    expect(await membership()).toEqual(before);
  }, 90_000);

  it('of the database makes orders answer 503 with Retry-After and payments wait; both go on by themselves', async () => {
    const before = await settledMembership();
    const { ordersDatabase, paymentsDatabase } = shop.proxies;
    const orders = shop.orders[0] as Replica;
    await paymentsDatabase.close();
    const ids = await shop.placeMany(24);
    await allPaused();
    await ordersDatabase.close();
    const refused = await shop.tryPlace(orders);
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 503, code: 'database-unavailable' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    await until('orders not to be ready', async () => (await call(`${orders.url}/readyz`)).status === 503, 2_000);
    expect((await call(`${orders.url}/livez`)).status).toBe(200);
    expect(await membership()).toEqual(before);

    await Promise.all([ordersDatabase.open(), paymentsDatabase.open()]);
    await until('orders to be ready', async () => (await call(`${orders.url}/readyz`)).status === 200);
    expect(await shop.faultsAtRest()).toEqual([]);
    expect(await shop.statuses(ids)).toEqual(ids.map(() => 'PAGO'));
    expect(await membership()).toEqual(before);
  }, 90_000);
});

describe('a slow provider', () => {
  it('of ten seconds per call costs no member its place, and nobody is charged twice', async () => {
    const before = await settledMembership();
    await shop.misbehave({ latencyMs: 10_000 });
    const startedAt = Date.now();
    const ids = await shop.placeMany(12);
    await until('all decisions', async () => !(await shop.statuses(ids)).includes('PENDENTE'));
    expect(Date.now() - startedAt).toBeGreaterThan(10_000);
    await shop.misbehave({});
    expect(await membership()).toEqual(before);
    expect(await shop.faultsAtRest()).toEqual([]);
    expect(await shop.statuses(ids)).toEqual(ids.map(() => 'PAGO'));
  }, 90_000);
});
