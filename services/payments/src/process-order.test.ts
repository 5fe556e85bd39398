import { beforeEach, describe, expect, it } from '@jest/globals';
import { DomainError } from '@shop/shared/errors';
import type { Claim, LeaseTerms } from '@shop/shared/outbox/outbox';
import { openPayment } from './payment.ts';
import type { PaymentEntry } from './ports.ts';
import { processOrderWith } from './process-order.ts';
import { type MemoryProvider, memoryProvider } from './provider.memory.ts';
import { memoryPaymentStore } from './store.memory.ts';

const orderId = '64b000000000000000000001';
const placedAt = new Date('2024-01-15T10:30:00.000Z');
const order = { orderId, amountCents: 3_998, placedAt, traceparent: undefined };
const noAnswer = new DomainError('unavailable', { code: 'provider-unavailable', detail: 'silence' });

describe('processing an order', () => {
  let payments: ReturnType<typeof memoryPaymentStore>;
  let provider: MemoryProvider;
  let now: Date;
  let terms: LeaseTerms | undefined;
  let taken: Claim<PaymentEntry>[];
  let nudges: number;
  let processing: ReturnType<typeof processOrderWith>;
  const find = () => payments.store.find(orderId);

  const processingOf = ({ store }: typeof payments) =>
    processOrderWith({
      store,
      provider,
      outbox: {
        terms: () => terms,
        written(claim) {
          if (claim) taken.push(claim);
          else nudges += 1;
        },
      },
      clock: () => now,
    });

  beforeEach(() => {
    payments = memoryPaymentStore();
    provider = memoryProvider();
    now = placedAt;
    terms = undefined;
    taken = [];
    nudges = 0;
    processing = processingOf(payments);
  });

  it('charges the first delivery, and a redelivery of the decided payment never asks the provider', async () => {
    expect(await processing.process(order)).toBe('applied');
    expect(await processing.process(order)).toBe('duplicate');
    expect(provider.calls).toEqual([`charge ${orderId}`]);
    expect(await find()).toMatchObject({ status: 'paid', version: 1 });
  });

  it('writes the intent before the provider is asked', async () => {
    provider.failure = { when: 'before', error: noAnswer };
    await expect(processing.process(order)).rejects.toBe(noAnswer);
    expect(await find()).toMatchObject({ status: 'processing', version: 0 });
  });

  it('asks the provider first when a payment is unfinished, and charges what it never had', async () => {
    provider.failure = { when: 'before', error: noAnswer };
    await expect(processing.process(order)).rejects.toBe(noAnswer);
    expect(await processing.process(order)).toBe('applied');
    expect(provider.calls).toEqual([`charge ${orderId}`, `find ${orderId}`, `charge ${orderId}`]);
    expect(await find()).toMatchObject({ status: 'paid' });
  });

  it('takes the answer that got lost, without another charge', async () => {
    provider.failure = { when: 'after', error: noAnswer };
    await expect(processing.process(order)).rejects.toBe(noAnswer);
    expect(await processing.process(order)).toBe('applied');
    expect(provider.calls).toEqual([`charge ${orderId}`, `find ${orderId}`]);
    expect(await find()).toMatchObject({ status: 'paid', chargeId: `ch_${orderId}` });
  });

  it('decides once when the same message is handled twice at the same time', async () => {
    const results = await Promise.all([processing.process(order), processing.process(order)]);
    expect(results.toSorted()).toEqual(['applied', 'duplicate']);
    expect(await find()).toMatchObject({ status: 'paid', version: 1 });
    expect((await payments.outbox.claimDue({ owner: 'x', until: now }, now, 9))[0]?.entries).toHaveLength(1);
  });

  it('reports a declined charge as failed', async () => {
    provider.declines = true;
    await processing.process({ ...order, traceparent: 'trace' });
    expect(await find()).toMatchObject({ status: 'declined', declineReason: 'insufficient_funds' });
    const [claim] = await payments.outbox.claimDue({ owner: 'x', until: now }, now, 9);
    expect(claim?.entries).toEqual([{ seq: 1, kind: 'report', outcome: 'failed', traceparent: 'trace' }]);
  });

  it('asks the provider first for an order so old that a charge of it may be forgotten here', async () => {
    await processing.process(order);
    payments = memoryPaymentStore();
    processing = processingOf(payments);
    now = new Date(placedAt.getTime() + 12 * 3_600_000);
    expect(await processing.process(order)).toBe('applied');
    expect(provider.calls).toEqual([`charge ${orderId}`, `find ${orderId}`]);
    expect(await find()).toMatchObject({ status: 'paid', chargeId: `ch_${orderId}` });
  });

  it('reports an outcome again when its order comes again ten minutes after it was decided, and only once', async () => {
    await processing.process(order);
    now = new Date(placedAt.getTime() + 599_999);
    await processing.process(order);
    expect(await find()).toMatchObject({ version: 1 });
    now = new Date(placedAt.getTime() + 600_000);
    const again = [processing.process(order), processing.process(order), processing.process(order)];
    expect(await Promise.all(again)).toEqual(['duplicate', 'duplicate', 'duplicate']);
    expect(await find()).toMatchObject({ status: 'paid', version: 2 });
    const [claim] = await payments.outbox.claimDue({ owner: 'x', until: now }, now, 9);
    expect(claim?.entries).toMatchObject([
      { seq: 1, kind: 'report', outcome: 'paid' },
      { seq: 2, kind: 'report', outcome: 'paid' },
    ]);
    expect(provider.calls).toEqual([`charge ${orderId}`]);
  });

  it('hands the report to its own relay where that takes it, and wakes the relay where not', async () => {
    await processing.process(order);
    expect([taken.length, nudges]).toEqual([0, 1]);
    terms = { owner: 'relay', until: new Date(now.getTime() + 1_000) };
    await processing.process({ ...order, orderId: '64b000000000000000000002' });
    expect([taken.map(({ id }) => id), nudges]).toEqual([['64b000000000000000000002'], 1]);
  });

  it('takes up payments that nobody finished, once they are old enough', async () => {
    provider.failure = { when: 'after', error: noAnswer };
    await expect(processing.process(order)).rejects.toBe(noAnswer);
    expect(await processing.resumeUnfinished(60_000, 10)).toEqual({ count: 0, faults: [] });
    now = new Date(now.getTime() + 60_001);
    expect(await processing.resumeUnfinished(60_000, 10)).toEqual({ count: 1, faults: [] });
    expect(await find()).toMatchObject({ status: 'paid', version: 1 });
    expect(await processing.resumeUnfinished(60_000, 10)).toEqual({ count: 0, faults: [] });
    expect(provider.calls).toEqual([`charge ${orderId}`, `find ${orderId}`]);
  });

  it('takes up the others where one can still not be finished, and no more of them once it is to stop', async () => {
    const orders = [1, 2, 3].map((number) => ({ ...order, orderId: `64b00000000000000000000${number}` }));
    for (const one of orders) {
      provider.failure = { when: 'before', error: noAnswer };
      await expect(processing.process(one)).rejects.toBe(noAnswer);
    }
    now = new Date(now.getTime() + 60_001);
    expect(await processing.resumeUnfinished(60_000, 10, AbortSignal.abort())).toEqual({ count: 0, faults: [] });
    provider.failure = { when: 'before', error: noAnswer };
    expect(await processing.resumeUnfinished(60_000, 10)).toEqual({ count: 2, faults: [noAnswer] });
    expect(await processing.resumeUnfinished(60_000, 10)).toEqual({ count: 1, faults: [] });
  });
});

describe('taking up unfinished payments, a batch at a time', () => {
  const throttled = new DomainError('throttled', { code: 'provider-throttled', detail: 'later' });

  /** Payments 1 to 5, and looks for them, each of which answers whom it asked for. */
  async function unfinishedWith(faults: Readonly<Record<number, Error>>) {
    const { store } = memoryPaymentStore();
    const created = new Date('2024-01-15T10:30:00.000Z');
    for (const number of [1, 2, 3, 4, 5]) await store.open(openPayment(String(number), 3_998, created));
    let asked: number[] = [];
    let stopAt: number | undefined;
    const stopping = new AbortController();
    const { resumeUnfinished } = processOrderWith({
      store,
      provider: {
        ...memoryProvider(),
        async findCharge(id) {
          asked.push(Number(id));
          if (Number(id) === stopAt) stopping.abort();
          if (faults[Number(id)]) throw faults[Number(id)];
          return undefined;
        },
      },
      outbox: { terms: () => undefined, written() {} },
      clock: () => new Date(created.getTime() + 60_001),
    });
    return async (limit: number, stoppedAt?: number) => {
      asked = [];
      stopAt = stoppedAt;
      await resumeUnfinished(60_000, limit, stoppedAt ? stopping.signal : undefined);
      return asked;
    };
  }

  it('comes to those behind a batch that fails every time, and begins again at the oldest after the last', async () => {
    const look = await unfinishedWith({ 1: noAnswer, 2: noAnswer, 5: noAnswer });
    expect([await look(2), await look(2), await look(2)]).toEqual([[1, 2], [3, 4], [5]]);
    expect([await look(2), await look(2), await look(2)]).toEqual([[1, 2], [5], [1, 2]]);
  });

  it('begins again at the oldest where a full batch was the last', async () => {
    const look = await unfinishedWith({ 1: noAnswer, 2: noAnswer, 3: noAnswer, 4: noAnswer, 5: noAnswer });
    expect([await look(5), await look(5), await look(5)]).toEqual([[1, 2, 3, 4, 5], [], [1, 2, 3, 4, 5]]);
  });

  it('goes on after the last that it asked for where it was throttled or stopped, and skips none', async () => {
    const look = await unfinishedWith({ 1: noAnswer, 2: throttled, 3: noAnswer, 4: noAnswer });
    expect([await look(10), await look(10, 3), await look(10)]).toEqual([[1, 2], [3], [4, 5]]);
    expect(await look(10)).toEqual([1, 2]);
  });
});
