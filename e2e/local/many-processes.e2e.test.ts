import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { call } from '../../scripts/testing/call.ts';
import { inChunks } from '../../scripts/testing/in-chunks.ts';
import { until } from '../../scripts/testing/until.ts';
import { seededRandom } from '../../services/shared/src/seeded-random.ts';
import type { Replica } from './replica.ts';
import { paymentsGroup, Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open({ orders: 2, payments: 3, environment: { orders: { DRAIN_DELAY_MS: '3000' } } });
}, 90_000);
afterAll(() => shop?.close(), 30_000);

/** Places orders at a steady pace, so that whatever happens meanwhile meets orders at every step. */
async function placeSteadily(count: number, perSecond: number): Promise<string[]> {
  const placing: Promise<string>[] = [];
  for (let index = 0; index < count; index += 1) {
    placing.push(shop.place(1 + (index % 3)));
    await sleep(1_000 / perSecond);
  }
  return Promise.all(placing);
}

describe('two orders and three payments processes', () => {
  it('decide and charge every order once, with its events in order, while they are killed again and again', async () => {
    const random = seededRandom(20_241_124);
    await shop.misbehave({ latencyMs: 20, jitterMs: 100, declineRate: 0.1 });
    const placing = placeSteadily(300, 25);
    const replicas = [...shop.payments, ...shop.orders];
    const restarts = new Map<Replica, Promise<void>>();
    for (let kills = 0; kills < 8; kills += 1) {
      await sleep(500 + random() * 1_000);
      const victim = replicas[Math.floor(random() * replicas.length)] as Replica;
      await restarts.get(victim);
      restarts.set(victim, victim.crash());
    }
    const ids = await placing;
    await Promise.all(restarts.values());
    expect(await shop.faultsAtRest()).toEqual([]);
    expect(new Set(await shop.statuses(ids))).toEqual(new Set(['PAGO', 'FALHA']));
  }, 120_000);

  it('end a cancel that races the payment as paid and not cancelled, or cancelled and not charged any more', async () => {
    const random = seededRandom(7);
    await shop.misbehave({ latencyMs: 50 });
    const race = async () => {
      const id = await shop.place();
      await sleep(random() * 150);
      const { status } = await shop.cancel(id);
      return { id, status };
    };
    const races = await inChunks(Array.from({ length: 50 }), 10, race);
    expect(await shop.faultsAtRest()).toEqual([]);
    const ends = await shop.statuses(races.map(({ id }) => id));
    expect(races.map(({ status }, index) => [status, ends[index]])).toEqual(races.map(({ status }) => endOf(status)));
  }, 90_000);

  it('give the money back exactly once where the cancel came while the provider was charging', async () => {
    const struck = () => shop.provider.metric('provider_faults_total', 'kind="slow"');
    const before = await struck();
    // None is told as paid before all cancels are there, which do not go that way.
    await shop.proxies.ordersApi.close();
    await shop.misbehave({ faults: [{ kind: 'slow', ms: 1_500, on: ['charge'] }] });
    const ids = await shop.placeMany(5);
    await until('all charges to be under way', async () => (await struck()) >= before + ids.length);
    const cancels = await Promise.all(ids.map((id) => shop.cancel(id)));
    expect(cancels.map(({ status }) => status)).toEqual(ids.map(() => 200));
    await shop.proxies.ordersApi.open();
    const types = async (id: string) => (await shop.ledger(id)).map(({ type }) => type);
    for (const id of ids) await until('the refund', async () => (await types(id)).includes('refund'));
    expect(await shop.faultsAtRest()).toEqual([]);
    expect(await Promise.all(ids.map(types))).toEqual(ids.map(() => ['charge', 'refund']));
  }, 60_000);

  it('lose no request and no message when one of each gets SIGTERM under load, and the group is left at once', async () => {
    await until('three members', async () => (await shop.reader.members(paymentsGroup)).length === 3);
    await shop.misbehave({ latencyMs: 100, faults: [{ kind: 'slow', ms: 2_000, remaining: 1, on: ['charge'] }] });
    const [staying, leaving] = shop.orders as [Replica, Replica];
    const leavingPayments = shop.payments[2] as Replica;
    const slowId = await shop.place();
    const waiting = call(`${leaving.url}/v1/orders/${slowId}?wait=10`);

    const targets = [staying, leaving];
    const outcomes: unknown[] = [];
    let isOver = false;
    const callers = Array.from({ length: 6 }, async (_, index) => {
      for (let turn = index; !isOver; turn += 1) {
        const orders = targets[turn % targets.length] as Replica;
        outcomes.push(await shop.tryPlace(orders).then(({ status }) => status, String));
        await sleep(30);
      }
    });
    await sleep(500);
    const ordersExit = leaving.process.stop();
    // Callers learn a moment later that it is going, as they do in a cluster.
    await until('it is going', async () => (await call(`${leaving.url}/readyz`)).status === 503);
    await sleep(250);
    targets.pop();
    expect(await ordersExit).toEqual({ code: 0, signal: null });
    expect((await waiting).status).toBe(200);
    await expect(call(`${leaving.url}/livez`)).rejects.toThrow('fetch failed');

    expect(await leavingPayments.process.stop()).toEqual({ code: 0, signal: null });
    await until('two members', async () => (await shop.reader.members(paymentsGroup)).length === 2, 2_000);
    await sleep(300);
    isOver = true;
    await Promise.all(callers);
    expect(outcomes.length).toBeGreaterThan(20);
    expect(outcomes.filter((outcome) => outcome !== 201)).toEqual([]);
    expect(await shop.faultsAtRest()).toEqual([]);
  }, 90_000);
});

/** A cancel that was accepted stays, one that was refused came after the payment. */
function endOf(cancelStatus: number): [number, string] {
  return cancelStatus === 200 ? [200, 'CANCELADO'] : [409, 'PAGO'];
}
