import { describe, expect, it } from '@jest/globals';
import { auditCharges, type LedgerEntry } from './charge-audit.ts';

const charge = (orderId: string, status: string): LedgerEntry => ({
  type: 'charge',
  orderId,
  amountCents: 500,
  status,
});
const refund = (orderId: string, amountCents = 500): LedgerEntry => ({ type: 'refund', orderId, amountCents });
const faultsOf = (word: string | undefined, entries: LedgerEntry[]) =>
  auditCharges([{ id: 'o1', word, totalCents: 500 }], entries).faults;

describe('auditCharges', () => {
  it.each([
    ['a paid order with one charge', 'PAGO', [charge('o1', 'captured')]],
    ['a paid order that was declined once before', 'PAGO', [charge('o1', 'declined'), charge('o1', 'captured')]],
    ['a failed order', 'FALHA', [charge('o1', 'declined')]],
    ['a cancelled order whose charge was given back', 'CANCELADO', [charge('o1', 'captured'), refund('o1')]],
    ['a cancelled order that never was charged', 'CANCELADO', []],
    ['an order that is charged and not decided yet', 'PENDENTE', [charge('o1', 'captured')]],
  ])('finds nothing wrong with %s', (_case, word, entries) => {
    expect(faultsOf(word, entries)).toEqual([]);
  });

  it.each([
    ['PAGO', [charge('o1', 'captured'), charge('o1', 'captured')], 'was charged 2 times'],
    ['CANCELADO', [charge('o1', 'captured'), charge('o1', 'captured'), refund('o1', 1_000)], 'was charged 2 times'],
    ['PAGO', [charge('o1', 'declined')], 'is PAGO, but was never charged'],
    ['PAGO', [charge('o1', 'captured'), refund('o1')], 'is PAGO, but 0 of its 500 cents are kept'],
    ['FALHA', [charge('o1', 'captured')], 'is FALHA, but 500 cents of it are kept'],
    ['CANCELADO', [charge('o1', 'captured'), refund('o1', 200)], 'is CANCELADO, but 300 cents of it are kept'],
    [undefined, [charge('o1', 'captured'), charge('o1', 'captured')], 'was charged 2 times'],
  ])('tells of a %s order with the charges %j', (word, entries, phrase) => {
    expect(faultsOf(word, entries)).toEqual([`order o1 ${phrase}`]);
  });

  it('counts only the charges of the orders at hand', () => {
    const entries = [charge('o1', 'captured'), charge('other', 'captured')];
    expect(auditCharges([{ id: 'o1', word: 'PAGO', totalCents: 500 }], entries).captured).toBe(1);
  });
});
