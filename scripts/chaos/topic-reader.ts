/** Reads topics and groups with another Kafka client than the services use: what one of them gets wrong, the other shows. */
import { randomUUID } from 'node:crypto';
import { Admin, Consumer, Producer } from '@platformatic/kafka';

export interface TopicRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly key: string;
  /** As text; `bytes` are what was really there. */
  readonly value: string;
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** When the broker wrote it, in ms. */
  readonly appendedAt: number;
}

/** How far a group is in one partition. */
export interface Position {
  readonly partition: number;
  readonly end: bigint;
  /** 0 where the group never committed. */
  readonly committed: bigint;
}

export interface RawMessage {
  readonly topic: string;
  readonly key: string;
  readonly value: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly partition?: number;
}

export class TopicReader {
  readonly #connection: { readonly clientId: string; readonly bootstrapBrokers: string[] };
  readonly #partitions: readonly number[];

  constructor(brokers: readonly string[], partitionCount: number) {
    this.#connection = { clientId: 'checker', bootstrapBrokers: [...brokers] };
    this.#partitions = Array.from({ length: partitionCount }, (_, partition) => partition);
  }

  async #ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = new Admin(this.#connection);
    try {
      return await question(admin);
    } finally {
      await admin.close();
    }
  }

  /**
   * The broker stamps the messages, so that «before» and «after» mean the log, not the clock of some sender; how many
   * replicas there are is also its setting.
   */
  async createTopics(topics: readonly string[]): Promise<void> {
    const configs = [{ name: 'message.timestamp.type', value: 'LogAppendTime' }];
    const partitions = this.#partitions.length;
    await this.#ask((admin) => admin.createTopics({ topics: [...topics], partitions, configs }));
  }

  /** How often each partition came to have another leader, or none. */
  async leaderChanges(topics: readonly string[]): Promise<{ topic: string; partition: number; changes: number }[]> {
    const found = await this.#ask((admin) => admin.metadata({ topics: [...topics], forceUpdate: true }));
    return [...found.topics].flatMap(([topic, { partitions }]) =>
      partitions.map(({ leaderEpoch }, partition) => ({ topic, partition, changes: leaderEpoch })),
    );
  }

  async ends(topics: readonly string[]): Promise<Map<string, bigint>> {
    const partitions = this.#partitions.map((partitionIndex) => ({ partitionIndex, timestamp: -1n }));
    const listed = await this.#ask((admin) =>
      admin.listOffsets({ topics: topics.map((name) => ({ name, partitions })) }),
    );
    return new Map(
      listed.flatMap(({ name, partitions: found }) =>
        found.map(({ partitionIndex, offset }) => [`${name}/${partitionIndex}`, offset] as const),
      ),
    );
  }

  /** Everything that is in the topics now, each partition in its order. */
  async records(topics: readonly string[]): Promise<TopicRecord[]> {
    const ends = new Map([...(await this.ends(topics))].filter(([, end]) => end > 0n));
    const records: TopicRecord[] = [];
    if (ends.size === 0) return records;
    const consumer = new Consumer({ ...this.#connection, groupId: `checker-${randomUUID()}` });
    try {
      const stream = await consumer.consume({
        topics: [...topics],
        mode: 'earliest',
        autocommit: false,
        maxWaitTime: 50,
      });
      for await (const { topic, partition, offset, key, value, headers, timestamp } of stream) {
        records.push({
          topic,
          partition,
          offset,
          key: key?.toString() ?? '',
          value: value?.toString() ?? '',
          bytes: value,
          headers: Object.fromEntries([...headers].map(([name, content]) => [name.toString(), content.toString()])),
          appendedAt: Number(timestamp),
        });
        const place = `${topic}/${partition}`;
        if (offset + 1n >= (ends.get(place) ?? 0n)) ends.delete(place);
        if (ends.size === 0) break;
      }
    } finally {
      await consumer.close(true);
    }
    return records;
  }

  async positions(group: string, topic: string): Promise<Position[]> {
    const [found] = await this.#ask((admin) => admin.listConsumerGroupOffsets({ groups: [group] }));
    const committed = new Map(
      found?.topics
        .find(({ name }) => name === topic)
        ?.partitions.map(({ partitionIndex, committedOffset }) => [partitionIndex, committedOffset]),
    );
    const ends = await this.ends([topic]);
    return this.#partitions.map((partition) => ({
      partition,
      end: ends.get(`${topic}/${partition}`) ?? 0n,
      committed: committed.get(partition) ?? 0n,
    }));
  }

  /** The ids of a group's members; a member that joins again gets another id. */
  async members(group: string): Promise<string[]> {
    const groups = await this.#ask((admin) => admin.describeGroups({ groups: [group] }));
    return [...(groups.get(group)?.members.keys() ?? [])].sort();
  }

  async send(...messages: RawMessage[]): Promise<void> {
    const producer = new Producer(this.#connection);
    try {
      await producer.send({
        messages: messages.map(({ key, headers = {}, ...message }) => ({
          ...message,
          key: Buffer.from(key),
          headers: new Map(Object.entries(headers).map(([name, value]) => [Buffer.from(name), Buffer.from(value)])),
        })),
      });
    } finally {
      await producer.close();
    }
  }
}
