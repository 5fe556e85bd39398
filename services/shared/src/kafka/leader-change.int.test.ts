import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { alterPartitionReassignmentsV0, Admin as ClusterAdmin, Connection, listOffsetsV9 } from '@platformatic/kafka';
import { freePort } from '../../../../scripts/embedded/free-port.ts';
import { newCluster, startKafka } from '../../../../scripts/embedded/kafka.ts';
import { until } from '../../../../scripts/testing/until.ts';
import { readSettings } from '../env.ts';
import { createLog } from '../log.ts';
import { connectKafka } from './connect.ts';
import { platformaticProducer } from './platformatic-producer.ts';
import type { Producer } from './producer.ts';
import { type KafkaSettings, kafkaSettings } from './settings.ts';

jest.setTimeout(120_000);

const client = { clientId: 'test', log: createLog('test', { logLevel: 'silent' }) };
const adapters: [string, (settings: KafkaSettings) => Producer][] = [
  ['kafkajs', (settings) => connectKafka(settings, client).producer()],
  ['@platformatic/kafka', (settings) => platformaticProducer(settings, { ...client, timeoutMs: 10_000 })],
];
const keys = Array.from({ length: 20 }, (_, index) => `${index}`);

let settings: KafkaSettings;
let cluster: ClusterAdmin;
let broker: Connection;
let oldLeader: Connection;
const close: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'leader-change-'));
  close.push(() => rm(folder, { recursive: true, force: true }));
  const [brokers, port] = [await newCluster(1), await freePort()];
  const first = await startKafka({ port, dataDir: join(folder, 'first'), member: { ...brokers, nodeId: 1 } });
  close.push(first.stop);
  const member = { ...brokers, nodeId: 2 };
  const secondPort = await freePort();
  const second = await startKafka({ port: secondPort, dataDir: join(folder, 'second'), member });
  close.push(second.stop);
  settings = readSettings(kafkaSettings, { KAFKA_BROKERS: first.brokers.join() });
  cluster = new ClusterAdmin({ clientId: 'test', bootstrapBrokers: first.brokers });
  close.push(() => cluster.close());
  const connectionTo = async (at: number) => {
    const connection = new Connection('test');
    await connection.connect('127.0.0.1', at);
    close.push(() => connection.close());
    return connection;
  };
  [broker, oldLeader] = await Promise.all([connectionTo(port), connectionTo(secondPort)]);
  await until('both brokers are there', async () => (await metadata()).brokers.size === 2);
});
afterAll(async () => {
  for (const step of close.reverse()) await step();
});

/** Whether a broker takes itself for the leader of a partition. */
async function leads(connection: Connection, topic: string, partitionIndex: number): Promise<boolean> {
  const latest = [{ name: topic, partitions: [{ partitionIndex, currentLeaderEpoch: -1, timestamp: -1n }] }];
  return await listOffsetsV9.api.async(connection, -1, 0, latest).then(
    () => true,
    () => false,
  );
}

const metadata = (topics: string[] = []) => cluster.metadata({ topics, forceUpdate: true });

describe.each(adapters)('a producer on %s, when a partition is led by another broker than it thinks', (name, open) => {
  const topic = `moved-${name.replace(/\W/g, '')}`;
  // By a new admin each time: one that was there before asks the broker that led the partition then, which may not know better yet.
  const lengths = async () => {
    const admin = connectKafka(settings, client).admin();
    const offsets = await admin.offsets(topic);
    await admin.close();
    return offsets.map(({ high }) => Number(high));
  };

  it('writes what is for it as well, though the other broker has answered for its own', async () => {
    const assignments = [1, 2].map((id, partition) => ({ partition, brokers: [id] }));
    await cluster.createTopics({ topics: [{ topic, assignments }] });
    // What one broker has taken when the other has not heard of the topic would be sent again.
    await until('both lead', async () => (await leads(broker, topic, 0)) && (await leads(oldLeader, topic, 1)));
    const producer = open(settings);
    close.push(producer.close);
    const send = (value: string) => producer.send(keys.map((key) => ({ topic, key, value, headers: {} })));
    await send('before');
    const before = await lengths();
    expect(before).toEqual([expect.any(Number), keys.length - (before[0] ?? 0)]);

    const moved = [{ name: topic, partitions: [{ partitionIndex: 1, replicas: [1] }] }];
    await alterPartitionReassignmentsV0.api.async(broker, 10_000, false, moved);
    const leader = async () => (await metadata([topic])).topics.get(topic)?.partitions[1]?.leader;
    await until('the first broker leads both', async () => (await leader()) === 1);
    // The others hear of it one by one. A leader that has not yet goes on acknowledging, with its own copy as the only one
    // it must wait for, and what it takes then is lost: Kafka's own limit for a partition of one replica that moves.
    await until('the old leader knows', async () => !(await leads(oldLeader, topic, 1)));
    await send('after');
    // What was written before the failure was seen may be there twice.
    const after = await lengths();
    expect(after[0]).toBeGreaterThanOrEqual(2 * (before[0] ?? 0));
    expect(after[1]).toBe(2 * (before[1] ?? 0));
  });
});
