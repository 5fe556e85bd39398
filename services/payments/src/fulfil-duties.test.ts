import { beforeEach, describe, expect, it } from '@jest/globals';
import { DomainError } from '@shop/shared/errors';
import { createLog } from '@shop/shared/log';
import type { Claim } from '@shop/shared/outbox/outbox';
import { Relay } from '@shop/shared/outbox/relay';
import { fulfilDutiesWith } from './fulfil-duties.ts';
import { openPayment } from './payment.ts';
import type { PaymentEntry, PaymentStore, Report, ReportAnswer } from './ports.ts';
import { processOrderWith } from './process-order.ts';
import { type MemoryProvider, memoryProvider } from './provider.memory.ts';
import { memoryPaymentStore } from './store.memory.ts';

const [first, second] = ['64b000000000000000000001', '64b000000000000000000002'] as const;
const now = new Date('2024-01-15T10:30:00.000Z');
const down = new DomainError('unavailable', { code: 'orders-unavailable', detail: 'silence' });

describe('fulfilling the duties of payments', () => {
  let payments: ReturnType<typeof memoryPaymentStore>;
  let provider: MemoryProvider;
  let reports: string[];
  let answer: (orderId: string) => ReportAnswer;

  const report: Report = async (orderId, outcome) => {
    reports.push(`${orderId} ${outcome}`);
    return answer(orderId);
  };
  const deliverWith = (store: PaymentStore, clock = () => now) =>
    fulfilDutiesWith({
      ...{ store, provider, report, clock },
      log: createLog('test', { logLevel: 'silent' }),
      translate: () => undefined,
      ...{ refundPatienceMs: 1_000, refundTimeoutMs: 20_000 },
    });
  const parcelOf = ({ id, entries: [entry] }: Claim<PaymentEntry>) => ({ id, entry: entry as PaymentEntry });
  const claim = () => payments.outbox.claimDue({ owner: 'relay', until: now }, now, 10);
  const pay = (orderId: string) =>
    processOrderWith({
      ...{ store: payments.store, provider, clock: () => now },
      outbox: { terms: () => undefined, written() {} },
    }).process({ orderId, amountCents: 3_998, placedAt: now, traceparent: undefined });

  /** As the relay does it: the oldest entry of each document, until nothing is left. */
  async function deliverAll(): Promise<void> {
    const deliver = deliverWith(payments.store);
    for (let claims = await claim(); claims.length > 0; claims = await claim()) {
      expect(await deliver(claims.map(parcelOf))).toEqual(claims.map(() => 'sent'));
      await payments.outbox.settle(claims);
    }
  }

  beforeEach(() => {
    payments = memoryPaymentStore();
    provider = memoryProvider();
    reports = [];
    answer = () => 'accepted';
  });

  it('reports what was paid and what was declined, and gives nothing back', async () => {
    await pay(first);
    provider.declines = true;
    await pay(second);
    await deliverAll();
    expect(reports).toEqual([`${first} paid`, `${second} failed`]);
    expect(provider.returned.size).toBe(0);
  });

  it('gives the money back once when orders refuses the payment', async () => {
    answer = () => 'refused';
    await pay(first);
    await deliverAll();
    expect(reports).toEqual([`${first} paid`]);
    expect(provider.calls).toEqual([`charge ${first}`, `refund ${first}`]);
    expect(provider.returned).toEqual(provider.taken);
    expect(await payments.store.find(first)).toMatchObject({ status: 'refunded' });
  });

  it('gives money back for an order that is not there only once it cannot be one that is not seen yet', async () => {
    let seconds = 0;
    const deliver = deliverWith(payments.store, () => new Date(now.getTime() + 1_000 * seconds));
    await pay(first);
    const parcels = (await claim()).map(parcelOf);
    const after = (more: number) => {
      seconds = more;
      return deliver(parcels);
    };
    answer = () => 'order-unknown';
    expect(await after(59)).toEqual([{ retryAfterMs: 10_000 }]);
    answer = () => {
      throw down;
    };
    expect(await after(300)).toEqual([{ retryAfterMs: 2_000 }]);
    answer = () => 'order-unknown';
    expect(await after(359)).toEqual([{ retryAfterMs: 10_000 }]);
    expect(await payments.store.find(first)).toMatchObject({ status: 'paid' });
    expect(await after(360)).toEqual(['sent']);
    expect(await payments.store.find(first)).toMatchObject({ status: 'refunding' });
  });

  it('keeps a duty that contradicts what is read, as a primary that was just chosen may return stale data', async () => {
    const old = { ...openPayment(first, 3_998, now) };
    const behind = (): PaymentStore => ({
      ...payments.store,
      find: async () => old,
      decide: async (_, decide) => ({ payment: decide(old)?.payment ?? old, changed: false, claim: undefined }),
    });
    answer = () => 'refused';
    await pay(first);
    const reported = (await claim()).map(parcelOf);
    expect(await deliverWith(behind())(reported)).toEqual([{ retryAfterMs: 10_000 }]);
    const refund: PaymentEntry = { seq: 2, kind: 'refund' };
    expect(await deliverWith(behind())([{ id: first, entry: refund }])).toEqual([{ retryAfterMs: 10_000 }]);
    expect(provider.calls).toEqual([`charge ${first}`]);
  });

  it('has nothing to give back when orders refuses a failure', async () => {
    answer = () => 'refused';
    provider.declines = true;
    await pay(first);
    await deliverAll();
    expect(provider.calls).toEqual([`charge ${first}`]);
    expect(await payments.store.find(first)).toMatchObject({ status: 'declined', version: 1 });
  });

  it('repeats a refused report harmlessly after a crash between the refusal and the settlement', async () => {
    answer = () => 'refused';
    await pay(first);
    const claims = await claim();
    const deliver = deliverWith(payments.store);
    await deliver(claims.map(parcelOf));
    await deliver(claims.map(parcelOf));
    await payments.outbox.release(claims, now);
    await deliverAll();
    expect(reports).toHaveLength(3);
    expect(provider.calls).toEqual([`charge ${first}`, `refund ${first}`]);
    expect(await payments.store.find(first)).toMatchObject({ status: 'refunded', version: 2 });
  });

  it('repeats a refund under the same key after a crash between the refund and its note', async () => {
    answer = () => 'refused';
    await pay(first);
    let crashes = 1;
    const finishRefund: PaymentStore['finishRefund'] = async (...given) => {
      if (crashes > 0) {
        crashes -= 1;
        throw new DomainError('unavailable', { code: 'database-unavailable', detail: 'gone' });
      }
      return payments.store.finishRefund(...given);
    };
    const deliver = deliverWith({ ...payments.store, finishRefund });
    const claims = await claim();
    await deliver(claims.map(parcelOf));
    const { remaining } = await payments.outbox.settle(claims);
    expect(await deliver(remaining.map(parcelOf))).toEqual([{ retryAfterMs: 2_000 }]);
    expect(await payments.store.find(first)).toMatchObject({ status: 'refunding' });
    await deliver(remaining.map(parcelOf));
    expect(await payments.store.find(first)).toMatchObject({ status: 'refunded' });
    expect(provider.calls.filter((call) => call.startsWith('refund'))).toHaveLength(2);
    expect(provider.returned).toEqual(new Map([[first, 3_998]]));
    // A third delivery, of a refund that is done, does not even ask.
    await deliver(remaining.map(parcelOf));
    expect(provider.calls.filter((call) => call.startsWith('refund'))).toHaveLength(2);
  });

  it('lets one that cannot be told now wait, also where it is the only one, and pauses as a whole when nobody can be told', async () => {
    await pay(first);
    await pay(second);
    const parcels = (await claim()).map(parcelOf);
    const deliver = deliverWith(payments.store);
    answer = (orderId) => {
      if (orderId === first) throw down;
      return 'accepted';
    };
    expect(await deliver(parcels)).toEqual([{ retryAfterMs: 2_000 }, 'sent']);
    expect(await deliver(parcels.slice(0, 1))).toEqual([{ retryAfterMs: 2_000 }]);
    answer = () => {
      throw down;
    };
    await expect(deliver(parcels)).rejects.toBe(down);
  });

  it('tells of what was paid however many refunds fail that are older', async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `64b0000000000000000001${index + 10}`);
    answer = (orderId) => (orderId === first ? 'accepted' : 'refused');
    provider = { ...provider, refund: () => Promise.reject(down) };
    await Promise.all(ids.map(pay));
    const relay = new Relay({
      ...{ store: payments.outbox, deliver: deliverWith(payments.store), owner: 'relay', clock: () => now },
      ...{ leaseMs: 60_000, deliverTimeoutMs: 20_000, sweepMs: 1_000, batchSize: 50 },
      log: createLog('test', { logLevel: 'silent' }),
      metrics: { delivered() {}, published() {}, fenced() {}, failed() {} },
    });
    const rounds = async (count: number) => {
      for (let round = 0; round < count; round += 1) {
        await relay.sweep();
        await relay.round();
        await relay.settleSent();
      }
    };
    await rounds(3);
    expect((await payments.store.find(ids[0] as string))?.status).toBe('refunding');
    await pay(first);
    await rounds(2);
    expect(reports).toContain(`${first} paid`);
  });

  it('tries a duty that fails for an unknown reason again later, without stopping the others', async () => {
    await pay(first);
    answer = () => {
      throw new Error('surprise');
    };
    expect(await deliverWith(payments.store)((await claim()).map(parcelOf))).toEqual([{ retryAfterMs: 30_000 }]);
  });
});
