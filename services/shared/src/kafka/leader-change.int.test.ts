import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Admin as ClusterAdmin, Kafka } from 'kafkajs';
import { freePort } from '../../../../scripts/embedded/free-port.ts';
import { startKafka } from '../../../../scripts/embedded/kafka.ts';
import { joinCluster } from '../../../../scripts/testing/second-broker.ts';
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
const close: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'leader-change-'));
  close.push(() => rm(folder, { recursive: true, force: true }));
  const [dataDir, controllerPort] = [join(folder, 'first'), await freePort()];
  const first = await startKafka({ port: await freePort(), controllerPort, dataDir });
  close.push(first.stop);
  const second = await joinCluster(dataDir, { folder: join(folder, 'second'), controllerPort });
  close.push(second.stop);
  settings = readSettings(kafkaSettings, { KAFKA_BROKERS: first.brokers.join() });
  cluster = new Kafka({ brokers: first.brokers, logLevel: 0 }).admin();
  await cluster.connect();
  close.push(cluster.disconnect);
  await until('both brokers are there', async () => (await cluster.describeCluster()).brokers.length === 2);
});
afterAll(async () => {
  for (const step of close.reverse()) await step();
});

async function leaderOf(topic: string, partition: number): Promise<number | undefined> {
  const { topics } = await cluster.fetchTopicMetadata({ topics: [topic] });
  return topics[0]?.partitions.find(({ partitionId }) => partitionId === partition)?.leader;
}

describe.each(adapters)('a producer on %s, when a partition is led by another broker than it thinks', (name, open) => {
  const topic = `moved-${name.replace(/\W/g, '')}`;
  const lengths = async () =>
    (await cluster.fetchTopicOffsets(topic))
      .sort((left, right) => left.partition - right.partition)
      .map(({ high }) => Number(high));

  it('writes what is for it as well, though the other broker has answered for its own', async () => {
    const replicaAssignment = [1, 2].map((broker, partition) => ({ partition, replicas: [broker] }));
    await cluster.createTopics({ topics: [{ topic, replicaAssignment }], waitForLeaders: true });
    const producer = open(settings);
    close.push(producer.close);
    const send = (value: string) => producer.send(keys.map((key) => ({ topic, key, value, headers: {} })));
    await send('before');
    const before = await lengths();
    expect(before).toEqual([expect.any(Number), keys.length - (before[0] ?? 0)]);

    const partitionAssignment = [{ partition: 1, replicas: [1] }];
    await cluster.alterPartitionReassignments({ topics: [{ topic, partitionAssignment }] });
    await until('the first broker leads both', async () => (await leaderOf(topic, 1)) === 1);
    await send('after');
    // What was written before the failure was seen may be there twice.
    const after = await lengths();
    expect(after[0]).toBeGreaterThanOrEqual(2 * (before[0] ?? 0));
    expect(after[1]).toBe(2 * (before[1] ?? 0));
  });
});
