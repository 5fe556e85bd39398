/** A real Kafka for the tests of this folder: a topic and a group for each, and everything closed at the end. */
import { randomUUID } from 'node:crypto';
import { type Logger, pino } from 'pino';
import { until } from '../../../../scripts/testing/until.ts';
import { deadLetterTopic } from '../contracts/topics.ts';
import { readSettings } from '../env.ts';
import type { Admin } from '../kafka/admin.ts';
import { connectKafka, type Kafka } from '../kafka/connect.ts';
import type { Producer } from '../kafka/producer.ts';
import type { OutgoingRecord } from '../kafka/records.ts';
import { kafkaSettings } from '../kafka/settings.ts';
import { createRegistry, type Registry } from '../metrics.ts';
import { type ConsumeOptions, type Consumption, consume } from './consume.ts';
import type { Message } from './message.ts';

export interface Member extends Consumption {
  readonly registry: Registry;
  readonly fatal: Error[];
  /** Sum of a metric over all label values that match. */
  readonly metric: (name: string, labels?: Record<string, string>) => Promise<number>;
}

export interface TopicFixture {
  readonly topic: string;
  readonly groupId: string;
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly producer: Producer;
  readonly log: Logger;
  /** Sends `key=value` words, to the test's topic unless another is named. */
  readonly produce: (...words: string[]) => Promise<void>;
  /** A member of the test's group, in a process of its own as far as Kafka is concerned. */
  readonly consume: (options: Pick<ConsumeOptions, 'handle'> & Partial<ConsumeOptions>) => Member;
  /** The group's committed offset in partition 0; `undefined` for none. */
  readonly committed: () => Promise<bigint | undefined>;
  /** Over all partitions: how many messages the group has finished in a topic that began empty. */
  readonly committedTotal: () => Promise<bigint>;
  /** Over all partitions: how many messages the topic has had. */
  readonly endTotal: () => Promise<bigint>;
  /** Everything in a topic, read by a group of its own. */
  readonly readAll: (topic: string, count: number) => Promise<Message[]>;
  readonly close: () => Promise<void>;
}

/** Of the test's producer. */
export const sendTimeoutMs = 3_000;

/** Quick pauses: what is waited for in seconds elsewhere takes tens of milliseconds here. */
export const quick = {
  attempts: { attempts: 4, pause: { firstMs: 10, maxMs: 20 } },
  outage: { firstMs: 50, maxMs: 200 },
};

/** With a topic of so many partitions, or with one that exists, and its group. */
export async function openTopic(
  brokers: string,
  source: number | { readonly topic: string; readonly groupId: string } = 1,
): Promise<TopicFixture> {
  const log = pino({ level: 'silent' });
  const kafka = connectKafka(readSettings(kafkaSettings, { KAFKA_BROKERS: brokers }), { clientId: 'test', log });
  const [admin, producer] = [kafka.admin(), kafka.producer({ timeoutMs: sendTimeoutMs })];
  const { topic, groupId } =
    typeof source === 'object' ? source : { topic: `topic-${randomUUID()}`, groupId: `group-${randomUUID()}` };
  if (typeof source === 'number')
    await admin.createTopics(
      [topic, deadLetterTopic(groupId, topic)].map((name) => ({
        topic: name,
        partitions: source,
        replicationFactor: 1,
      })),
    );
  const members: Member[] = [];

  const join = (options: Pick<ConsumeOptions, 'handle'> & Partial<ConsumeOptions>): Member => {
    const registry = createRegistry('test');
    const fatal: Error[] = [];
    const consumption = consume({
      kafka,
      groupId,
      topic,
      deadLetter: (record) => producer.send([record]),
      registry,
      log,
      onFatal: (error) => fatal.push(error),
      timing: quick,
      sessionTimeoutMs: 6_000,
      ...options,
    });
    const member = { ...consumption, registry, fatal, metric: metricOf(registry) };
    members.push(member);
    return member;
  };

  return {
    topic,
    groupId,
    kafka,
    admin,
    producer,
    log,
    produce: (...words) => producer.send(words.map((word) => recordOf(topic, word))),
    consume: join,
    committed: async () => (await admin.offsets(topic, groupId))[0]?.committed,
    committedTotal: async () =>
      (await admin.offsets(topic, groupId)).reduce((sum, { committed = 0n }) => sum + committed, 0n),
    endTotal: async () => (await admin.offsets(topic)).reduce((sum, { high }) => sum + high, 0n),
    async readAll(from, count) {
      const messages: Message[] = [];
      const reader = join({
        topic: from,
        groupId: `reader-${randomUUID()}`,
        async handle(message) {
          messages.push(message);
          return 'applied';
        },
      });
      await until('as many were read', () => messages.length >= count);
      await reader.stop({ timeoutMs: 0 });
      return messages;
    },
    async close() {
      await Promise.all(members.map((member) => member.stop({ timeoutMs: 0 })));
      await producer.close();
      await admin.close();
      await kafka.close();
    },
  };
}

function recordOf(topic: string, word: string): OutgoingRecord {
  const [key = null, value = ''] = word.split('=');
  return { topic, key: key === '' ? null : key, value, headers: { ce_id: word } };
}

function metricOf(registry: Registry) {
  return async (name: string, labels: Record<string, string> = {}): Promise<number> => {
    const metric = await registry.getSingleMetric(name)?.get();
    return (metric?.values ?? [])
      .filter(({ labels: own }) => Object.entries(labels).every(([label, value]) => own[label] === value))
      .reduce((sum, { value }) => sum + value, 0);
  };
}
