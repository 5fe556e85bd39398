import { describe, expect, it } from '@jest/globals';
import { type Evidence, faultsOf, type LedgerEntry } from './checker.ts';
import type { TopicRecord } from './topic-reader.ts';

const charge: LedgerEntry = { type: 'charge', orderId: 'a', amountCents: 500, status: 'captured' };
const refund: LedgerEntry = { type: 'refund', orderId: 'a', amountCents: 500 };

function event(topic: string, sequence: number, status: string, more: Partial<TopicRecord> = {}): TopicRecord {
  const value = JSON.stringify({ orderId: 'a', status });
  const headers = { ce_id: `a.${sequence}`, ce_subject: 'a', ce_sequence: String(sequence) };
  const place = { topic, partition: 0, offset: 0n, appendedAt: sequence };
  return { ...place, key: 'a', value, bytes: Buffer.from(value), headers, ...more };
}

const created = event('orders.created', 1, 'PENDENTE');
const paid = event('orders.paid', 2, 'PAGO');
const canceled = event('orders.failed', 2, 'CANCELADO');

const good: Evidence = {
  orders: [{ id: 'a', status: 'PAGO', version: 2, totalCents: 500 }],
  ledger: [charge],
  events: [created, paid, created],
  deadLetters: 0,
  expectedDeadLetters: 0,
  positions: [{ partition: 0, end: 2n, committed: 2n }],
};
const cancellation: Evidence = {
  ...good,
  orders: [{ id: 'a', status: 'CANCELADO', version: 2, totalCents: 500 }],
  ledger: [charge, refund],
  events: [created, canceled],
};

describe('the checker', () => {
  it('has nothing to say of a shop that kept its promises', () => {
    expect(faultsOf(good)).toEqual([]);
    expect(faultsOf(cancellation)).toEqual([]);
    expect(faultsOf({ ...cancellation, ledger: [] })).toEqual([]);
  });

  const broken: readonly [string, Evidence, string][] = [
    [
      'an undecided order',
      { ...good, orders: [{ ...good.orders[0], status: 'PENDENTE', version: 1 } as never] },
      'undecided',
    ],
    ['a second charge', { ...good, ledger: [charge, charge] }, 'charged 2 times'],
    ['a second charge that was given back', { ...good, ledger: [charge, charge, refund] }, 'charged 2 times'],
    ['a paid order without a charge', { ...good, ledger: [] }, '0 cents are kept instead of 500'],
    ['a paid order that was refunded', { ...good, ledger: [charge, refund] }, '0 cents are kept instead of 500'],
    ['a cancelled order that stays charged', { ...cancellation, ledger: [charge] }, '500 cents are kept instead of 0'],
    ['a second refund', { ...cancellation, ledger: [charge, refund, refund] }, 'refunded 2 times'],
    [
      'a charge of an order nobody placed',
      { ...good, ledger: [charge, { ...charge, orderId: 'b' }] },
      'never accepted',
    ],
    ['an order that was not published', { ...good, events: [] }, 'events on no topic'],
    ['a decision that was not published', { ...good, events: [created] }, 'events on orders.created, not'],
    ['a gap in the sequence', { ...good, events: [created, event('orders.paid', 3, 'PAGO')] }, 'a gap'],
    ['a decision before its order', { ...good, events: [{ ...created, appendedAt: 9 }, paid] }, 'overtook'],
    [
      'one id with two contents',
      { ...good, events: [created, paid, { ...paid, value: '{"status":"PAGO" }' }] },
      '2 contents',
    ],
    ['another key', { ...good, events: [created, { ...paid, key: 'b' }] }, 'has the key b'],
    [
      'an event that says something else',
      { ...good, events: [created, event('orders.paid', 2, 'FALHA')] },
      'its last event is not',
    ],
    ['a dead letter', { ...good, deadLetters: 1 }, '1 dead letters'],
    [
      'an offset that was left behind',
      { ...good, positions: [{ partition: 3, end: 2n, committed: 1n }] },
      'committed to 1 of 2',
    ],
    [
      'an offset beyond the end',
      { ...good, positions: [{ partition: 3, end: 2n, committed: 3n }] },
      'committed to 3 of 2',
    ],
  ];
  it.each(broken)('sees %s', (_, evidence, fault) => {
    expect(faultsOf(evidence).join('\n')).toContain(fault);
  });
});
