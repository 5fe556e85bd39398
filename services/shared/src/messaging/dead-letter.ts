import { deadLetterTopic } from '../contracts/topics.ts';
import type { FetchedRecord } from './consumer-life.ts';
import type { OutgoingRecord } from './kafka-producer.ts';

export interface DeadLetter {
  readonly record: FetchedRecord;
  readonly topic: string;
  readonly partition: number;
  readonly groupId: string;
  /** How often the handler had it. */
  readonly deliveries: number;
  readonly code: string;
  /** Without personal data. */
  readonly reason: string;
  readonly failedAt: Date;
}

const maxReasonBytes = 1_024;

/**
 * The record for the group's dead-letter topic: key, value and headers as they came, byte for byte, and what happened
 * under the header names that Kafka's own brokers use for dead letters, so that any viewer knows them.
 */
export function deadLetterRecord(letter: DeadLetter): OutgoingRecord {
  const { record, topic, partition, groupId, deliveries, code, reason, failedAt } = letter;
  return {
    topic: deadLetterTopic(groupId, topic),
    key: record.key,
    value: record.value,
    headers: {
      ...record.headers,
      '__dlq.errors.topic': topic,
      '__dlq.errors.partition': String(partition),
      '__dlq.errors.offset': String(record.offset),
      '__dlq.errors.group': groupId,
      '__dlq.errors.delivery.count': String(deliveries),
      '__dlq.errors.message': cut(reason, maxReasonBytes),
      'dlq-error-code': code,
      'dlq-failed-at': failedAt.toISOString(),
    },
  };
}

/** At most `bytes` long in UTF-8, and no half character at the end. */
function cut(text: string, bytes: number): string {
  const encoded = Buffer.from(text);
  if (encoded.length <= bytes) return text;
  let end = bytes;
  while (end > 0 && ((encoded[end] ?? 0) & 0b1100_0000) === 0b1000_0000) end -= 1;
  return encoded.toString('utf8', 0, end);
}
