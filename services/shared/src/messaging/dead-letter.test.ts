import { describe, expect, it } from '@jest/globals';
import { deadLetterRecord } from './dead-letter.ts';

const record = {
  offset: 42n,
  key: Buffer.from([0xff, 0x00]),
  value: Buffer.from('{"a":'),
  headers: { ce_id: Buffer.from('x.1'), twice: [Buffer.from('1'), Buffer.from('2')] },
  timestamp: new Date(0),
};
const letter = {
  record,
  topic: 'orders.created',
  partition: 3,
  groupId: 'payments-service-group',
  deliveries: 4,
  code: 'invalid-json',
  reason: 'It is no JSON.',
  failedAt: new Date('2026-01-02T03:04:05.006Z'),
};

describe('deadLetterRecord', () => {
  it('keeps bytes, key and headers, and says what happened under the names that Kafka uses', () => {
    expect(deadLetterRecord(letter)).toEqual({
      topic: 'payments-service-group.orders.created.dlq',
      key: record.key,
      value: record.value,
      headers: {
        ...record.headers,
        '__dlq.errors.topic': 'orders.created',
        '__dlq.errors.partition': '3',
        '__dlq.errors.offset': '42',
        '__dlq.errors.group': 'payments-service-group',
        '__dlq.errors.delivery.count': '4',
        '__dlq.errors.message': 'It is no JSON.',
        'dlq-error-code': 'invalid-json',
        'dlq-failed-at': '2026-01-02T03:04:05.006Z',
      },
    });
  });

  it('cuts a long reason to a kilobyte, without half a character', () => {
    const { headers } = deadLetterRecord({ ...letter, reason: `x${'ã'.repeat(2_000)}` });
    const reason = headers['__dlq.errors.message'] as string;
    expect(Buffer.byteLength(reason)).toBe(1_023);
    expect(reason).not.toContain('\uFFFD');
  });
});
