import type { FetchedRecord, RawHeaders } from '../kafka/records.ts';

/** A message as handlers see it. Nothing of it has been checked. */
export interface Message {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** Messages of one key are handled one at a time, in order; those without a key are not ordered at all. */
  readonly key: string | null;
  readonly value: Buffer | null;
  /** As text; of several values under one name the last. */
  readonly headers: Readonly<Record<string, string>>;
  /** When it was written, by the clock of its sender or of Kafka. */
  readonly timestamp: Date;
  /** 1 for the first time that this process tries it. */
  readonly attempt: number;
}

export function messageOf(record: FetchedRecord, topic: string, partition: number): Omit<Message, 'attempt'> {
  return {
    topic,
    partition,
    offset: String(record.offset),
    key: record.key === null ? null : record.key.toString('utf8'),
    value: record.value,
    headers: textHeaders(record.headers),
    timestamp: record.timestamp,
  };
}

function textHeaders(headers: RawHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => {
      const value = Array.isArray(values) ? values.at(-1) : values;
      return [name, value?.toString() ?? ''];
    }),
  );
}
