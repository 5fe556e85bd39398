import { beforeEach, describe, expect, it } from '@jest/globals';
import { DomainError } from '@shop/shared/errors';
import { createLog } from '@shop/shared/log';
import { giveBackWith } from './give-back.ts';
import { decidePayment, openPayment, type Payment, startRefund } from './payment.ts';
import type { PaymentStore, Provider } from './ports.ts';
import { memoryPaymentStore } from './store.memory.ts';

const now = new Date('2024-01-15T10:30:00.000Z');
const ids = Array.from({ length: 60 }, (_, index) => `64b0000000000000000000${index + 10}`);
const [first, second] = ids as [string, string];

describe('giving money back', () => {
  let store: PaymentStore;
  let seconds: number;
  let calls: string[];
  let refund: (payment: Payment) => Promise<void>;

  const giveBack = (refundPatienceMs: number) =>
    giveBackWith({
      ...{ store, refundPatienceMs, refundTimeoutMs: 20_000 },
      provider: { refund: (payment) => refund(payment) } satisfies Pick<Provider, 'refund'>,
      clock: () => new Date(now.getTime() + 1_000 * seconds),
      log: createLog('test', { logLevel: 'silent' }),
      translate: () => undefined,
    });
  const statusOf = async (orderId: string) => (await store.find(orderId))?.status;

  beforeEach(async () => {
    ({ store } = memoryPaymentStore());
    seconds = 0;
    calls = [];
    const options = { terms: undefined, now, traceparent: undefined };
    for (const id of ids) {
      await store.open(openPayment(id, 3_998, now));
      await store.decide(id, (payment) => decidePayment(payment, { captured: true, chargeId: 'ch' }, now), options);
      await store.decide(id, (payment) => startRefund(payment, now), options);
    }
  });

  describe('at a provider that fails', () => {
    it('is tried again the more rarely the longer it is due, and every ten minutes at least', async () => {
      refund = () => Promise.reject(new DomainError('unavailable', { code: 'down', detail: 'silence' }));
      const give = giveBack(1_000);
      const pauses = [];
      for (seconds of [0, 10, 600, 86_400]) pauses.push(await give(first));
      expect(pauses).toEqual([2_000, 5_000, 300_000, 600_000].map((retryAfterMs) => ({ retryAfterMs })));
      expect(await statusOf(first)).toBe('refunding');
    });

    it('waits for as long as the provider asks, where that is longer', async () => {
      const options = { code: 'throttled', detail: 'slowly', retryAfterSeconds: 7 };
      refund = () => Promise.reject(new DomainError('throttled', options));
      expect(await giveBack(1_000)(first)).toEqual({ retryAfterMs: 7_000 });
    });
  });

  describe('at a provider that hangs', () => {
    let answers: Map<string, () => void>;

    beforeEach(() => {
      answers = new Map();
      refund = ({ orderId }) => {
        calls.push(orderId);
        return new Promise((resolve) => answers.set(orderId, resolve));
      };
    });

    it('does not keep its delivery waiting, and is done behind it', async () => {
      const give = giveBack(10);
      expect(await give(first)).toEqual({ retryAfterMs: 20_000 });
      answers.get(first)?.();
      // Waits for the end of the same call, or finds the payment refunded.
      await give(first);
      expect(await statusOf(first)).toBe('refunded');
      expect(await give(first)).toBe('sent');
    });

    it('is tried again the more rarely the longer it is due, so that others have their turn', async () => {
      seconds = 600;
      expect(await giveBack(10)(first)).toEqual({ retryAfterMs: 300_000 });
    });

    it('is not begun a second time while it runs', async () => {
      const give = giveBack(10);
      await give(first);
      await give(first);
      expect(calls).toEqual([first]);
    });

    it('keeps no other delivery waiting while one hangs', async () => {
      const give = giveBack(200);
      await give(first);
      const other = give(second);
      setTimeout(() => answers.get(second)?.(), 50);
      expect(await other).toEqual({ retryAfterMs: 20_000 });
    });

    it('runs no more than fifty at once, and the others later', async () => {
      const give = giveBack(10);
      const given = await Promise.all(ids.map((id) => give(id)));
      expect(calls).toHaveLength(50);
      expect(given.filter((delivery) => delivery !== 'sent' && delivery.retryAfterMs === 2_000)).toHaveLength(10);
      for (const answer of answers.values()) answer();
      await give(first);
      expect(await Promise.all(ids.slice(50).map((id) => give(id)))).toHaveLength(10);
      expect(calls).toHaveLength(60);
    });
  });
});
