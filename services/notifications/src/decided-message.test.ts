import { describe, expect, it } from '@jest/globals';
import { eventHeaders } from '@shop/shared/contracts/cloud-event';
import { ordersPaid } from '@shop/shared/contracts/topics';
import { readDecision } from './decided-message.ts';

const orderId = '64b000000000000000000001';
const event = {
  orderId,
  clientId: '64b0000000000000000000c1',
  clientName: 'João Silva',
  status: 'PAGO',
  total: 19.99,
  updatedAt: '2024-01-15T10:30:00.000Z',
};
const headers = eventHeaders({ topic: ordersPaid, orderId, sequence: 2, time: new Date(0) });
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

describe('readDecision', () => {
  it('reads an event as orders sends it', () => {
    expect(readDecision(bytes(event), headers)).toEqual({
      eventId: `${orderId}.2`,
      orderId,
      clientId: event.clientId,
      outcome: 'paid',
      totalCents: 1_999,
    });
  });

  it.each([
    ['CANCELADO', 'canceled'],
    ['FALHA', 'failed'],
  ])('reads %s without CloudEvents headers, and takes the order for the id', (status, outcome) => {
    expect(readDecision(bytes({ ...event, status }), {})).toMatchObject({ outcome, eventId: orderId });
  });

  it.each([
    ['no JSON', Buffer.from('{'), 'malformed-json'],
    ['broken UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'malformed-json'],
    ['nothing', null, 'malformed-json'],
    ['an order that is not decided', bytes({ ...event, status: 'PENDENTE' }), 'schema-violation'],
    ['an amount of three decimals', bytes({ ...event, total: 1.005 }), 'schema-violation'],
  ])('refuses %s for good', (_, value, code) => {
    expect(() => readDecision(value, headers)).toThrow(expect.objectContaining({ kind: 'invalid', code }));
  });

  it.each([
    ['long', '1'.repeat(256)],
    ['broken', 'a\nb'],
    ['empty', ''],
    ['with brackets', 'a>b'],
  ])('refuses an id that is %s for good, since no queue and no channel would take it', (_, id) => {
    expect(() => readDecision(bytes(event), { ...headers, ce_id: id })).toThrow(
      expect.objectContaining({ kind: 'invalid', code: 'malformed-id' }),
    );
  });

  it('refuses another type of event', () => {
    expect(() => readDecision(bytes(event), { ce_type: 'shop.orders.created.v1' })).toThrow(
      expect.objectContaining({ kind: 'invalid', code: 'unknown-event-type' }),
    );
  });
});
