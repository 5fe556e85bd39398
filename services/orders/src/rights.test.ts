import { describe, expect, it } from '@jest/globals';
import type { OrderStatus } from '@shop/shared/contracts/order-status';
import { readSettings } from '@shop/shared/env';
import { rightsChecker, rightsSettings } from './rights.ts';

const payments = { subject: 'system:serviceaccount:shop:payments' };
const somebody = { subject: 'system:serviceaccount:shop:payments-two' };
const withTokens = { wantsTokens: true, authPaymentsSubjects: [payments.subject] };

describe('who may change an order', () => {
  const check = rightsChecker(withTokens);

  it.each<[OrderStatus, boolean]>([
    ['paid', false],
    ['failed', false],
    ['canceled', true],
    ['pending', true],
  ])('to %s: payments, and anybody else: %s', (to, anybody) => {
    expect(() => check(to, payments)).not.toThrow();
    const other = expect(() => check(to, somebody));
    if (anybody) other.not.toThrow();
    else other.toThrow('Only payments may set PAGO or FALHA');
  });

  it('is everybody where callers have no names', () => {
    const check = rightsChecker({ wantsTokens: false, authPaymentsSubjects: undefined });
    expect(() => check('paid', undefined)).not.toThrow();
  });

  it('has to be said where they have: without payments no order could ever be paid', () => {
    expect(() => rightsChecker({ ...withTokens, authPaymentsSubjects: [] })).toThrow(
      'AUTH_PAYMENTS_SUBJECTS must be set',
    );
  });

  it('may be several subjects', () => {
    expect(readSettings(rightsSettings, { AUTH_PAYMENTS_SUBJECTS: 'a, b' }).authPaymentsSubjects).toEqual(['a', 'b']);
  });
});
