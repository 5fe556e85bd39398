import { deadLetterTopic } from '../contracts/topics.ts';
import type { FetchedRecord, OutgoingRecord } from '../kafka/records.ts';

/** Names the group that a message was replayed for: every other group has read it already and leaves it alone. */
export const replayForHeader = 'dlq-replay-for';

/** What a dead letter says of itself. */
export const deadLetterHeaders = {
  topic: '__dlq.errors.topic',
  partition: '__dlq.errors.partition',
  offset: '__dlq.errors.offset',
  group: '__dlq.errors.group',
  deliveries: '__dlq.errors.delivery.count',
  message: '__dlq.errors.message',
  code: 'dlq-error-code',
  failedAt: 'dlq-failed-at',
  /** On a letter without key, value and headers of the message. */
  omitted: 'dlq-contents-omitted',
} as const;

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
  const { record } = letter;
  const headers = { ...record.headers, ...whatHappened(letter) };
  return { topic: deadLetterTopic(letter.groupId, letter.topic), key: record.key, value: record.value, headers };
}

/**
 * The same without the message, for one that Kafka would take, but not with what a letter adds to it: what is left is where
 * it stands.
 */
export function deadLetterReference(letter: DeadLetter): OutgoingRecord {
  const headers = { ...whatHappened(letter), [deadLetterHeaders.omitted]: 'true' };
  return { topic: deadLetterTopic(letter.groupId, letter.topic), key: null, value: null, headers };
}

function whatHappened({ record, topic, partition, groupId, deliveries, code, reason, failedAt }: DeadLetter) {
  return {
    [deadLetterHeaders.topic]: topic,
    [deadLetterHeaders.partition]: String(partition),
    [deadLetterHeaders.offset]: String(record.offset),
    [deadLetterHeaders.group]: groupId,
    [deadLetterHeaders.deliveries]: String(deliveries),
    [deadLetterHeaders.message]: cut(reason, maxReasonBytes),
    [deadLetterHeaders.code]: code,
    [deadLetterHeaders.failedAt]: failedAt.toISOString(),
  };
}

/** Whether the message is a replay for another group than this one. */
export function isReplayForAnother(
  { headers }: { readonly headers: Readonly<Record<string, string>> },
  groupId: string,
) {
  const group = headers[replayForHeader] ?? '';
  return group !== '' && group !== groupId;
}

/** At most `bytes` long in UTF-8, and no half character at the end. */
function cut(text: string, bytes: number): string {
  const encoded = Buffer.from(text);
  if (encoded.length <= bytes) return text;
  let end = bytes;
  while (end > 0 && ((encoded[end] ?? 0) & 0b1100_0000) === 0b1000_0000) end -= 1;
  return encoded.toString('utf8', 0, end);
}
