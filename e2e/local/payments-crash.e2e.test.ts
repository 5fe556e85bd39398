import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../../scripts/testing/until.ts';
import type { Replica } from './replica.ts';
import { Shop } from './shop.ts';

let shop: Shop;
let payments: Replica;

beforeAll(async () => {
  shop = await Shop.open();
  payments = shop.payments[0] as Replica;
}, 90_000);
afterEach(() => shop.misbehave({}));
afterAll(() => shop?.close(), 30_000);

/** Lets the next call of `operation` run into the fault; the answer waits until it did. */
async function nextCall(
  operation: 'charge' | 'refund',
  fault: { kind: string; ms?: number },
): Promise<() => Promise<unknown>> {
  const struck = () => shop.provider.metric('provider_faults_total', `kind="${fault.kind}"`);
  const before = await struck();
  await shop.misbehave({ faults: [{ ...fault, on: [operation], remaining: 1 }] });
  return () => until(`the provider's ${fault.kind}`, async () => (await struck()) > before);
}

const statusOf = async (id: string) => (await shop.order(id)).body.status;
const becomes = (id: string, status: string) =>
  until(`${status} of ${id}`, async () => (await statusOf(id)) === status);
const entryTypes = async (id: string) => (await shop.ledger(id)).map(({ type }) => type);

describe('payments, killed', () => {
  it('while it waits for a charge that was not made: the next process makes it', async () => {
    const held = await nextCall('charge', { kind: 'timeout' });
    const id = await shop.place();
    await held();
    expect(await shop.ledger(id)).toEqual([]);
    expect((await shop.payment(id)).body.status).toBe('processing');
    await payments.crash();
    await becomes(id, 'PAGO');
    expect(await shop.faultsAtRest()).toEqual([]);
  }, 60_000);

  it('when the money was taken and it could not yet write that down: the next process does not take it again', async () => {
    const held = await nextCall('charge', { kind: 'slow', ms: 3_000 });
    const id = await shop.place();
    await held();
    shop.proxies.paymentsDatabase.stall();
    await until('the charge', async () => (await shop.ledger(id)).length === 1);
    await payments.kill();
    expect(await statusOf(id)).toBe('PENDENTE');
    await shop.proxies.paymentsDatabase.close();
    await shop.proxies.paymentsDatabase.open();
    await payments.start();
    await becomes(id, 'PAGO');
    expect(await entryTypes(id)).toEqual(['charge']);
    expect(await shop.faultsAtRest()).toEqual([]);
  }, 60_000);

  it('when the answer to a charge was lost on the way: the next process finds the charge', async () => {
    await nextCall('charge', { kind: 'lost-answer' });
    const id = await shop.place();
    await until('the charge', async () => (await shop.ledger(id)).length === 1);
    await payments.crash();
    await becomes(id, 'PAGO');
    expect(await entryTypes(id)).toEqual(['charge']);
    expect(await shop.faultsAtRest()).toEqual([]);
  }, 60_000);

  it('when the outcome was written down and orders did not know it yet: the next process reports it', async () => {
    await shop.proxies.ordersApi.close();
    const id = await shop.place();
    await until('the outcome', async () => (await shop.payment(id)).body.status === 'paid');
    await payments.kill();
    expect(await statusOf(id)).toBe('PENDENTE');
    await shop.proxies.ordersApi.open();
    await payments.start();
    await becomes(id, 'PAGO');
    expect(await entryTypes(id)).toEqual(['charge']);
    expect(await shop.faultsAtRest()).toEqual([]);
  }, 60_000);

  it('while it gives the money of a cancelled order back: the next process gives it back, once', async () => {
    // Payments cannot tell that it was paid before the cancel, which does not go that way, is there.
    await shop.proxies.ordersApi.close();
    const charging = await nextCall('charge', { kind: 'slow', ms: 1_000 });
    const id = await shop.place();
    await charging();
    expect((await shop.cancel(id)).status).toBe(200);
    const refunding = await nextCall('refund', { kind: 'timeout' });
    await shop.proxies.ordersApi.open();
    await refunding();
    expect(await entryTypes(id)).toEqual(['charge']);
    await payments.crash();
    await until('the refund', async () => (await shop.payment(id)).body.status === 'refunded');
    expect(await entryTypes(id)).toEqual(['charge', 'refund']);
    expect(await statusOf(id)).toBe('CANCELADO');
    expect(await shop.faultsAtRest()).toEqual([]);
  }, 60_000);
});
