/** What a dead-letter topic holds: letters, and markers that say which letters were replayed. */

import type { OutgoingRecord, RawHeaders } from '../../services/shared/src/kafka/records.ts';
import { deadLetterHeaders, replayForHeader } from '../../services/shared/src/messaging/dead-letter.ts';
import { messageOf } from '../../services/shared/src/messaging/message.ts';
import type { StoredRecord } from '../kafka-cli/topic-reader.ts';

/** On a marker: the letter that was replayed, as `PARTITION:OFFSET` in the same topic. */
const replayedHeader = 'dlq-replayed';
const replayedAtHeader = 'dlq-replayed-at';

export interface Letter {
  /** `PARTITION:OFFSET` in the dead-letter topic. */
  readonly id: string;
  readonly record: StoredRecord;
  /** ISO time at which the group gave up, or the time of the record where it does not say. */
  readonly failedAt: string;
  /** Where it came from; undefined for a record that is no dead letter of ours. */
  readonly origin: Origin | undefined;
  readonly code: string;
  readonly message: string;
  /** Where the contents were too large for a letter: they are at the origin only. */
  readonly isReference: boolean;
  /** ISO times, oldest first. */
  readonly replayedAt: readonly string[];
}

export interface Origin {
  readonly topic: string;
  readonly partition: string;
  readonly offset: string;
  readonly group: string;
}

/** The letters among the records of a dead-letter topic, oldest failure first. */
export function lettersOf(records: readonly StoredRecord[]): Letter[] {
  const texts = records.map((record) => ({ record, headers: messageOf(record, '', record.partition).headers }));
  const replays = Map.groupBy(
    texts.filter(({ headers }) => replayedHeader in headers),
    ({ headers }) => headers[replayedHeader] ?? '',
  );
  return texts
    .filter(({ headers }) => !(replayedHeader in headers))
    .map(({ record, headers }) => {
      const id = `${record.partition}:${record.offset}`;
      return {
        id,
        record,
        failedAt: headers[deadLetterHeaders.failedAt] ?? record.timestamp.toISOString(),
        origin: originOf(headers),
        code: headers[deadLetterHeaders.code] ?? '',
        message: headers[deadLetterHeaders.message] ?? '',
        isReference: deadLetterHeaders.omitted in headers,
        replayedAt: (replays.get(id) ?? []).map((marker) => marker.headers[replayedAtHeader] ?? '').sort(),
      };
    })
    .sort((a, b) => compare(a.failedAt, b.failedAt));
}

function originOf(headers: Readonly<Record<string, string>>): Origin | undefined {
  const [topic, group] = [headers[deadLetterHeaders.topic], headers[deadLetterHeaders.group]];
  if (!topic || !group) return undefined;
  const [partition = '?', offset = '?'] = [headers[deadLetterHeaders.partition], headers[deadLetterHeaders.offset]];
  return { topic, group, partition, offset };
}

/** In the order in which they stood in their own partition, so that a key's letters are replayed in their order. */
export function inOriginalOrder(a: Letter, b: Letter): number {
  const [x, y] = [a.origin, b.origin];
  const place = compare(`${x?.topic} ${x?.partition}`, `${y?.topic} ${y?.partition}`);
  return place || Number(x?.offset) - Number(y?.offset) || 0;
}

/** The message as it was, byte for byte, for the group that gave up on it; every other group leaves it alone. */
export function replayOf({ record }: Letter, { topic, group }: Origin): OutgoingRecord {
  const added: ReadonlySet<string> = new Set(Object.values(deadLetterHeaders));
  const headers: RawHeaders = Object.fromEntries(Object.entries(record.headers).filter(([name]) => !added.has(name)));
  return { topic, key: record.key, value: record.value, headers: { ...headers, [replayForHeader]: group } };
}

/** Says in the dead-letter topic itself that a letter was replayed: whoever reads it there finds that out, too. */
export function markerOf({ id }: Letter, deadLetterTopic: string, replayedAt: Date): OutgoingRecord {
  return {
    topic: deadLetterTopic,
    key: null,
    value: null,
    headers: { [replayedHeader]: id, [replayedAtHeader]: replayedAt.toISOString() },
  };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
