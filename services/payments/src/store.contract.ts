import { beforeEach, describe, expect, it } from '@jest/globals';
import type { OutboxStore } from '@shop/shared/outbox/outbox';
import { type ChargeAnswer, decidePayment, openPayment, type Payment, startRefund } from './payment.ts';
import type { PaymentEntry, PaymentStore } from './ports.ts';

export interface PaymentsUnderTest {
  readonly store: PaymentStore;
  readonly outbox: OutboxStore<PaymentEntry>;
}

const now = new Date('2024-01-15T10:30:00.000Z');
const later = new Date('2024-01-15T10:35:00.000Z');
const terms = { owner: 'relay', until: new Date('2024-01-15T10:45:00.000Z') };
const captured: ChargeAnswer = { captured: true, chargeId: 'ch_1' };
const declined: ChargeAnswer = { captured: false, reason: 'insufficient_funds' };
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const unknownId = '64b0000000000000ffffffff';

let made = 0;
function newPayment(createdAt = now): Payment {
  made += 1;
  return openPayment(`64b0000000000000${String(made).padStart(8, '0')}`, 3_998, createdAt);
}

/** What every payment store must do. */
export function paymentStoreContract(name: string, open: () => Promise<PaymentsUnderTest>): void {
  describe(`${name} as a payment store`, () => {
    let payments: PaymentsUnderTest;
    const answer = ({ orderId }: Payment, given: ChargeAnswer, options = {}) =>
      payments.store.decide(orderId, (present) => decidePayment(present, given, later), {
        ...{ terms, now: later, traceparent },
        ...options,
      });
    const refuse = ({ orderId }: Payment) =>
      payments.store.decide(orderId, (present) => startRefund(present, later), {
        ...{ terms: undefined, now: later, traceparent: undefined },
      });

    beforeEach(async () => {
      payments = await open();
    });

    it('writes the first intent of an order and shows it to every later one', async () => {
      const payment = newPayment();
      expect(await payments.store.find(payment.orderId)).toBeUndefined();
      expect(await payments.store.open(payment)).toBeUndefined();
      expect(await payments.store.open({ ...payment, amountCents: 1, createdAt: later })).toEqual(payment);
      expect(await payments.store.find(payment.orderId)).toEqual(payment);
    });

    it('takes one of many intents that come at once', async () => {
      const payment = newPayment();
      const answers = await Promise.all(Array.from({ length: 8 }, () => payments.store.open(payment)));
      expect(answers.filter((earlier) => earlier === undefined)).toHaveLength(1);
      expect(answers.filter((earlier) => earlier?.orderId === payment.orderId)).toHaveLength(7);
    });

    it('decides a payment as its caller knows it, and as it is where that has changed', async () => {
      const known = newPayment();
      await payments.store.open(known);
      expect(await answer(known, captured, { known })).toMatchObject({ changed: true, payment: { status: 'paid' } });
      expect(await answer(known, declined, { known })).toMatchObject({ changed: false, payment: { status: 'paid' } });
      const [claim] = await payments.outbox.claimDue({ ...terms, owner: 'next' }, terms.until, 10);
      expect(claim?.entries).toHaveLength(1);
    });

    it('has nothing to deliver of an intent alone', async () => {
      await payments.store.open(newPayment());
      expect(await payments.outbox.backlog()).toEqual({ documents: 0, oldest: undefined });
      expect(await payments.outbox.claimDue(terms, later, 10)).toEqual([]);
    });

    it('writes an outcome and its report as one, leased to the writer if it asks', async () => {
      const payment = newPayment();
      await payments.store.open(payment);
      const decided = { ...payment, status: 'paid', chargeId: 'ch_1', version: 1, updatedAt: later };
      expect(await answer(payment, captured)).toEqual({
        payment: decided,
        changed: true,
        claim: expect.objectContaining({
          id: payment.orderId,
          entries: [{ seq: 1, kind: 'report', outcome: 'paid', traceparent }],
          until: terms.until,
        }),
      });
      expect(await payments.store.find(payment.orderId)).toEqual(decided);
      expect(await payments.outbox.claimDue({ ...terms, owner: 'other' }, later, 10)).toEqual([]);
    });

    it('leaves an outcome without a lease to any relay', async () => {
      const payment = newPayment();
      await payments.store.open(payment);
      const result = await answer(payment, declined, { terms: undefined, traceparent: undefined });
      expect(result).toMatchObject({
        changed: true,
        claim: undefined,
        payment: { declineReason: 'insufficient_funds' },
      });
      const [claim] = await payments.outbox.claimDue(terms, later, 10);
      expect(claim).toMatchObject({ id: payment.orderId, entries: [{ seq: 1, kind: 'report', outcome: 'failed' }] });
    });

    it('writes nothing when a decision says so, throws what it throws, and knows no unknown payment', async () => {
      const payment = newPayment();
      await payments.store.open(payment);
      await answer(payment, captured);
      expect(await answer(payment, declined)).toMatchObject({
        changed: false,
        payment: { status: 'paid', version: 1 },
      });
      const options = { terms, now: later, traceparent };
      const fail = () => {
        throw new Error('no');
      };
      await expect(payments.store.decide(payment.orderId, fail, options)).rejects.toThrow('no');
      await expect(payments.store.decide(unknownId, fail, options)).rejects.toMatchObject({
        ...{ kind: 'unavailable', code: 'database-behind' },
      });
      expect((await payments.outbox.backlog()).documents).toBe(1);
    });

    it('lets one of many different answers win, with one report', async () => {
      const payment = newPayment();
      await payments.store.open(payment);
      const answers = [captured, declined, captured, declined, captured, declined];
      const results = await Promise.all(answers.map((given) => answer(payment, given, { terms: undefined })));
      expect(results.filter(({ changed }) => changed)).toHaveLength(1);
      const [claim] = await payments.outbox.claimDue(terms, later, 10);
      expect(claim?.entries).toHaveLength(1);
      expect(await payments.store.find(payment.orderId)).toMatchObject({ version: 1 });
    });

    it('puts the refund after the report that is still being delivered, and keeps its charge', async () => {
      const payment = newPayment();
      await payments.store.open(payment);
      const { claim } = await answer(payment, captured);
      expect(await refuse(payment)).toMatchObject({ changed: true, claim: undefined });
      expect(await refuse(payment)).toMatchObject({ changed: false });
      const { remaining } = await payments.outbox.settle(claim ? [claim] : []);
      expect(remaining.map(({ entries }) => entries)).toEqual([[{ seq: 2, kind: 'refund' }]]);
      expect(await payments.store.find(payment.orderId)).toMatchObject({ status: 'refunding', chargeId: 'ch_1' });
    });

    it('finishes a refund that is due, once, and nothing else', async () => {
      const payment = newPayment();
      await payments.store.open(payment);
      await answer(payment, captured);
      await payments.store.finishRefund(payment.orderId, later);
      expect(await payments.store.find(payment.orderId)).toMatchObject({ status: 'paid' });
      await refuse(payment);
      await payments.store.finishRefund(payment.orderId, later);
      await payments.store.finishRefund(payment.orderId, now);
      expect(await payments.store.find(payment.orderId)).toMatchObject({
        ...{ status: 'refunded', version: 2, updatedAt: later },
      });
      expect((await payments.outbox.backlog()).documents).toBe(1);
    });

    it('finds payments that are under way for too long, oldest first', async () => {
      const at = (seconds: number) => new Date(now.getTime() + seconds * 1_000);
      const [third, first, decided, second, young] = [30, 10, 15, 20, 50].map((seconds) => newPayment(at(seconds)));
      for (const payment of [third, first, decided, second, young]) await payments.store.open(payment as Payment);
      await answer(decided as Payment, captured);
      expect(await payments.store.unfinished(at(50), 10)).toEqual([first, second, third]);
      expect(await payments.store.unfinished(at(50), 2)).toEqual([first, second]);
    });

    it('finds what comes after one of them, also among those of one moment, and whether that one is finished or not', async () => {
      const [first, second, third, last] = [now, now, now, later].map(newPayment) as [
        Payment,
        Payment,
        Payment,
        Payment,
      ];
      for (const payment of [third, last, first, second]) await payments.store.open(payment);
      const after = (payment: Payment, limit = 10) =>
        payments.store.unfinished(new Date(Number(later) + 1), limit, payment);
      expect(await after(first, 1)).toEqual([second]);
      await answer(second, captured);
      expect(await after(first)).toEqual([third, last]);
      expect(await after(second)).toEqual([third, last]);
      expect(await after(last)).toEqual([]);
    });
  });
}
