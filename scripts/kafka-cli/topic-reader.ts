/** Reads a topic from given offsets without touching any group of the services. */
import { randomUUID } from 'node:crypto';
import type { Admin } from '../../services/shared/src/kafka/admin.ts';
import type { Kafka } from '../../services/shared/src/kafka/connect.ts';
import type { Fetch } from '../../services/shared/src/kafka/consumer-life.ts';
import { kafkaUnavailable } from '../../services/shared/src/kafka/errors.ts';
import type { FetchedRecord } from '../../services/shared/src/kafka/records.ts';

export interface StoredRecord extends FetchedRecord {
  readonly partition: number;
}

export interface Reading {
  readonly topic: string;
  /** Partition → the first offset that is wanted. */
  readonly from: ReadonlyMap<number, bigint>;
  /** Partition → the first offset that is not wanted any more. Without it, reading goes on until it is ended. */
  readonly to?: ReadonlyMap<number, bigint> | undefined;
  /** False for having seen enough. */
  readonly onRecord: (record: StoredRecord) => boolean;
  readonly signal: AbortSignal;
}

/** What was deleted or compacted away at the end of a partition never comes: nobody can tell it from what is slow. */
const silenceMs = 10_000;

/**
 * Hands over the records of a partition in order, those of several partitions as they come. The group that Kafka wants
 * for this is thrown away again, and nothing is ever committed. Answers whether it came to where it should, and was not
 * ended by the signal or by nothing coming any more.
 *
 * @throws DomainError `unavailable`
 */
export async function readTopic(kafka: Kafka, admin: Admin, reading: Reading): Promise<boolean> {
  const cursor = new Cursor(reading);
  if (cursor.isDone) return true;
  const groupId = `kafka-cli-${randomUUID()}`;
  const ended = Promise.withResolvers<void>();
  let silence: NodeJS.Timeout | undefined;
  const listenToSilence = () => {
    clearTimeout(silence);
    if (reading.to && !cursor.isDone) silence = setTimeout(ended.resolve, silenceMs);
  };
  const life = kafka.consumer(
    {
      groupId,
      topic: reading.topic,
      sessionTimeoutMs: 10_000,
      maxBytesPerPartition: 1_048_576,
    },
    {
      joined(partitions) {
        for (const partition of partitions) life.seek(partition, cursor.position(partition));
        listenToSilence();
      },
      rebalancing: () => undefined,
      heartbeat: () => undefined,
      crashed: (error) => ended.reject(kafkaUnavailable(error)),
      ready: async () => undefined,
      take(fetch) {
        const isTaken = cursor.take(fetch);
        if (!isTaken) life.seek(fetch.partition, cursor.position(fetch.partition));
        if (isTaken) listenToSilence();
        if (cursor.isDone) ended.resolve();
        return isTaken;
      },
    },
  );
  const onAbort = () => ended.resolve();
  reading.signal.addEventListener('abort', onAbort);
  try {
    await Promise.race([life.start().then(() => ended.promise), ended.promise]);
    return cursor.isDone;
  } finally {
    clearTimeout(silence);
    reading.signal.removeEventListener('abort', onAbort);
    await life.stop();
    life.kill();
    // Kafka forgets an empty group without offsets by itself, only later.
    await admin.deleteGroup(groupId).catch(() => undefined);
  }
}

/** Everything that is in the topic now, by partition and offset; `undefined` where only a part of it came. */
export async function readAll(
  kafka: Kafka,
  admin: Admin,
  topic: string,
  signal: AbortSignal,
): Promise<StoredRecord[] | undefined> {
  const offsets = await admin.offsets(topic);
  const records: StoredRecord[] = [];
  const isComplete = await readTopic(kafka, admin, {
    topic,
    from: new Map(offsets.map(({ partition, low }) => [partition, low])),
    to: new Map(offsets.map(({ partition, high }) => [partition, high])),
    onRecord: (record) => records.push(record) > 0,
    signal,
  });
  if (!isComplete || signal.aborted) return undefined;
  return records.sort((a, b) => a.partition - b.partition || (a.offset < b.offset ? -1 : 1));
}

/** Where reading is in every partition, and whether there is more to come. */
export class Cursor {
  readonly #reading: Reading;
  readonly #positions: Map<number, bigint>;
  readonly #doubted = new Map<number, bigint>();
  #enough: boolean;

  constructor(reading: Reading) {
    this.#reading = reading;
    this.#positions = new Map(reading.from);
    this.#enough = reading.signal.aborted;
  }

  get isDone(): boolean {
    const { to } = this.#reading;
    if (this.#enough) return true;
    if (to === undefined) return false;
    return [...this.#positions].every(([partition, position]) => position >= (to.get(partition) ?? 0n));
  }

  position(partition: number): bigint {
    return this.#positions.get(partition) ?? 0n;
  }

  /** False for what does not follow on what was read before: it must be asked for again, from `position`. */
  take({ partition, from, next, records }: Fetch): boolean {
    if (!this.#follows(partition, from)) return false;
    const end = this.#reading.to?.get(partition);
    for (const record of records) {
      if (this.#enough) break;
      if (end === undefined || record.offset < end) this.#enough = !this.#reading.onRecord({ ...record, partition });
    }
    this.#positions.set(partition, next);
    return true;
  }

  /** A jump ahead that comes a second time is real: retention deleted what was in between. */
  #follows(partition: number, from: bigint): boolean {
    const position = this.position(partition);
    if (from === position) return true;
    const isReal = from > position && this.#doubted.get(partition) === from;
    this.#doubted.set(partition, from);
    return isReal;
  }
}
