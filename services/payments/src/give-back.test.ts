import { beforeEach, describe, expect, it } from '@jest/globals';
import { DomainError } from '@shop/shared/errors';
import { createLog } from '@shop/shared/log';
import { giveBackWith } from './give-back.ts';
import { decidePayment, openPayment, type Payment, startRefund } from './payment.ts';
import type { PaymentStore, Provider } from './ports.ts';
import { memoryPaymentStore } from './store.memory.ts';

const now = new Date('2024-01-15T10:30:00.000Z');
const first = '64b000000000000000000001';

describe('giving money back', () => {
  let store: PaymentStore;
  let seconds: number;
  let refund: (payment: Payment) => Promise<void>;

  const giveBack = () =>
    giveBackWith({
      store,
      provider: { refund: (payment) => refund(payment) } satisfies Pick<Provider, 'refund'>,
      clock: () => new Date(now.getTime() + 1_000 * seconds),
      log: createLog('test', { logLevel: 'silent' }),
      translate: () => undefined,
    });
  const statusOf = async (orderId: string) => (await store.find(orderId))?.status;

  beforeEach(async () => {
    ({ store } = memoryPaymentStore());
    seconds = 0;
    const options = { terms: undefined, now, traceparent: undefined };
    await store.open(openPayment(first, 3_998, now));
    await store.decide(first, (payment) => decidePayment(payment, { captured: true, chargeId: 'ch' }, now), options);
    await store.decide(first, (payment) => startRefund(payment, now), options);
  });

  describe('at a provider that fails', () => {
    it('is tried again the more rarely the longer it is due, and every ten minutes at least', async () => {
      refund = () => Promise.reject(new DomainError('unavailable', { code: 'down', detail: 'silence' }));
      const give = giveBack();
      const pauses = [];
      for (seconds of [0, 10, 600, 86_400]) pauses.push(await give(first));
      expect(pauses).toEqual([2_000, 5_000, 300_000, 600_000].map((retryAfterMs) => ({ retryAfterMs })));
      expect(await statusOf(first)).toBe('refunding');
    });

    it('waits for as long as the provider asks, where that is longer', async () => {
      const options = { code: 'throttled', detail: 'slowly', retryAfterSeconds: 7 };
      refund = () => Promise.reject(new DomainError('throttled', options));
      expect(await giveBack()(first)).toEqual({ retryAfterMs: 7_000 });
    });
  });
});
