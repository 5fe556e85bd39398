import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  chargeKey,
  type Duty,
  decidePayment,
  finishRefund,
  openPayment,
  type Payment,
  refundKey,
  repeatReport,
  startRefund,
} from './payment.ts';

const now = new Date('2024-01-15T10:30:00.000Z');
const later = new Date('2024-01-15T10:35:00.000Z');
const orderId = '64b000000000000000000001';
const opened = openPayment(orderId, 3_998, now);
const captured = { captured: true, chargeId: 'ch_1' } as const;

const declined = { captured: false, reason: 'no' } as const;

const finish = (payment: Payment) => {
  const finished = finishRefund(payment, later);
  return finished && { payment: finished, duty: undefined };
};

const steps = {
  captured: (payment: Payment) => decidePayment(payment, captured, later),
  declined: (payment: Payment) => decidePayment(payment, declined, later),
  refuse: (payment: Payment) => startRefund(payment, later),
  finish,
};
const stepNames = Object.keys(steps) as (keyof typeof steps)[];

interface History {
  readonly payment: Payment;
  readonly duties: readonly Duty[];
}

function follow({ payment, duties }: History, name: keyof typeof steps): History {
  const { payment: next = payment, duty } = steps[name](payment) ?? {};
  return { payment: next, duties: duty ? [...duties, duty] : duties };
}

const paid: Duty = { kind: 'report', outcome: 'paid' };
const dutiesOf = {
  processing: [],
  paid: [paid],
  declined: [{ kind: 'report', outcome: 'failed' }],
  refunding: [paid, { kind: 'refund' }],
  refunded: [paid, { kind: 'refund' }],
};

describe('a payment', () => {
  it('begins as an intent without news', () => {
    expect(opened).toEqual({
      ...{ orderId, amountCents: 3_998, status: 'processing', version: 0, createdAt: now, updatedAt: now },
    });
  });

  it('is decided by the first answer, and tells it', () => {
    expect(decidePayment(opened, captured, later)).toEqual({
      payment: { ...opened, status: 'paid', chargeId: 'ch_1', version: 1, updatedAt: later },
      duty: { kind: 'report', outcome: 'paid' },
    });
    expect(decidePayment(opened, declined, later)).toEqual({
      payment: { ...opened, status: 'declined', declineReason: 'no', version: 1, updatedAt: later },
      duty: { kind: 'report', outcome: 'failed' },
    });
  });

  it.each([
    ['paid', 'paid'],
    ['declined', 'failed'],
    ['refunded', 'failed'],
  ] as const)('that is %s reports %s again, once the report has rested for ten minutes', (status, outcome) => {
    const payment = { ...opened, status, version: 2, updatedAt: now };
    expect(repeatReport(payment, new Date(now.getTime() + 599_999))).toBeUndefined();
    const rested = new Date(now.getTime() + 600_000);
    expect(repeatReport(payment, rested)).toEqual({
      payment: { ...payment, version: 3, updatedAt: rested },
      duty: { kind: 'report', outcome },
    });
  });

  it.each(['processing', 'refunding'] as const)('that is %s has no report to repeat', (status) => {
    expect(repeatReport({ ...opened, status }, new Date(now.getTime() + 9e9))).toBeUndefined();
  });

  it('has keys at the provider that depend on its order alone', () => {
    expect([chargeKey('a'), chargeKey('b'), refundKey('a')]).toEqual(['charge-a', 'charge-b', 'refund-a']);
  });

  it('ends consistent after any order of answers, refusals and refunds', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...stepNames), { maxLength: 30 }), (names) => {
        const { payment, duties } = names.reduce(follow, { payment: opened, duties: [] });
        // The first answer counts, and only captured money is ever given back.
        const first = names.find((name) => name === 'captured' || name === 'declined');
        expect(duties).toEqual(dutiesOf[payment.status]);
        expect(duties[0]).toEqual(first && steps[first](opened)?.duty);
        expect(payment.version).toBe(duties.length);
        expect(payment.chargeId).toBe(first === 'captured' ? 'ch_1' : undefined);
        expect([payment.orderId, payment.amountCents, payment.createdAt]).toEqual([orderId, 3_998, now]);
      }),
    );
  });
});
