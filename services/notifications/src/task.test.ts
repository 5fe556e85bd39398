import { describe, expect, it } from '@jest/globals';
import type { Decision } from './notification.ts';
import { taskFor } from './task.ts';

const decision: Decision = {
  eventId: '64b000000000000000000001.2',
  orderId: '64b000000000000000000001',
  clientId: '64b0000000000000000000c1',
  outcome: 'paid',
  totalCents: 1_999,
};
const value = Buffer.from('{}');

describe('the task of an event', () => {
  it.each([
    ['paid', 'normal.10000'],
    ['failed', 'urgent.10000'],
    ['canceled', 'urgent.10000'],
  ] as const)('of %s goes into the lane %s, with its bytes, under the id of the event', (outcome, key) => {
    expect(taskFor({ ...decision, outcome }, { value, headers: {} }, 10_000)).toEqual({
      exchange: 'notifications',
      key,
      messageId: decision.eventId,
      value,
      headers: {},
    });
  });

  it('keeps the attributes of the event and its trace, and nothing that RabbitMQ would end the connection over', () => {
    const headers = { ce_id: decision.eventId, traceparent: '00-1-2-01' };
    const others = { cookie: 'a', ce_note: 'a'.repeat(1_001), [`ce_${'a'.repeat(300)}`]: 'a' };
    expect(taskFor(decision, { value, headers: { ...headers, ...others } }, 10_000).headers).toEqual(headers);
  });
});
