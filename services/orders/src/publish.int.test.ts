import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { alterPartitionReassignmentsV0, Admin as ClusterAdmin, Connection } from '@platformatic/kafka';
import { readSettings } from '@shop/shared/env';
import { connectKafka, type PlacingProducer } from '@shop/shared/kafka/connect';
import { kafkaSettings } from '@shop/shared/kafka/settings';
import { createLog } from '@shop/shared/log';
import type { Deliver } from '@shop/shared/outbox/relay';
import { freePort } from '../../../scripts/embedded/free-port.ts';
import { newCluster, startKafka } from '../../../scripts/embedded/kafka.ts';
import { until } from '../../../scripts/testing/until.ts';
import type { OrderEntry } from './order-event.ts';
import { publishTo } from './publish.ts';

jest.setTimeout(120_000);

const log = createLog('test', { logLevel: 'silent' });
const timeoutMs = 3_000;
const ids = Array.from({ length: 20 }, (_, index) => `order-${index}`);
const close: (() => Promise<unknown>)[] = [];
let cluster: ClusterAdmin;
let stopSecond: () => Promise<unknown>;
let producer: PlacingProducer;
let deliver: Deliver<OrderEntry>;
let kafka: ReturnType<typeof connectKafka>;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'publish-'));
  close.push(() => rm(folder, { recursive: true, force: true }));
  const brokers = await newCluster(1);
  const ports = [await freePort(), await freePort()] as const;
  for (const [index, port] of ports.entries()) {
    const member = { ...brokers, nodeId: index + 1 };
    const { stop } = await startKafka({ port, dataDir: join(folder, `${index}`), member });
    close.push(stop);
    stopSecond = stop;
  }
  const bootstrapBrokers = [`127.0.0.1:${ports[0]}`];
  cluster = new ClusterAdmin({ clientId: 'test', bootstrapBrokers });
  close.push(() => cluster.close());
  await until('both brokers are there', async () => (await metadata([])).brokers.size === 2);
  const configs = [{ name: 'min.insync.replicas', value: '2' }];
  for (const topic of ['made', 'well'])
    await cluster.createTopics({ topics: [topic], partitions: 2, replicas: 2, configs });
  const connection = new Connection('test');
  await connection.connect('127.0.0.1', ports[0]);
  close.push(() => connection.close());
  const short = [{ name: 'made', partitions: [{ partitionIndex: 0, replicas: [1] }] }];
  await alterPartitionReassignmentsV0.api.async(connection, 10_000, false, short);
  await until('one partition does with one replica', async () => {
    const [first] = (await metadata(['made'])).topics.get('made')?.partitions ?? [];
    return first?.replicas.length === 1;
  });
  kafka = connectKafka(readSettings(kafkaSettings, { KAFKA_BROKERS: bootstrapBrokers[0] }), { clientId: 'test', log });
  close.push(kafka.close);
});
afterAll(async () => {
  for (const step of close.reverse()) await step();
});

const metadata = (topics: string[]) => cluster.metadata({ topics, forceUpdate: true });

const begin = () => {
  producer = kafka.producer({ timeoutMs });
  close.push(producer.close);
  deliver = publishTo(producer.send, { placeOf: producer.placeOf, timeoutMs, log });
};
const parcelsOf = (topic: string) =>
  ids.map((id) => ({ id, entry: { seq: 1, topic, payload: '{}', headers: {} } as OrderEntry }));

async function lengths(topic: string): Promise<number[]> {
  const admin = kafka.admin();
  const offsets = await admin.offsets(topic);
  await admin.close();
  return offsets.map(({ high }) => Number(high));
}

describe('publishing', () => {
  it('goes on to other topics while there is none of a name', async () => {
    begin();
    const parcels = [...parcelsOf('well'), ...parcelsOf('missing')];
    await expect(deliver(parcels)).rejects.toMatchObject({ kind: 'unavailable' });
    const answers = await deliver(parcels);
    expect(answers.slice(0, ids.length)).toEqual(ids.map(() => 'sent'));
    expect(answers.slice(ids.length)).not.toContain('sent');
    expect((await lengths('well')).reduce((sum, high) => sum + high)).toBe(ids.length);
  });

  it('goes on to other partitions while one has too few replicas, and sends what was taken no second time', async () => {
    begin();
    await stopSecond();
    await until('the other partition has one of two', async () => {
      const [, second] = (await metadata(['made'])).topics.get('made')?.partitions ?? [];
      return second?.isr.length === 1 && second.leader === 1;
    });
    const parcels = parcelsOf('made');
    await expect(deliver(parcels)).rejects.toMatchObject({ kind: 'unavailable' });
    const before = await lengths('made');
    const isWell = ({ id, entry: { topic } }: (typeof parcels)[number]) =>
      producer.placeOf({ topic, key: id, value: '', headers: {} }) === 'made/0';
    const well = parcels.filter(isWell);
    expect(well.length).toBeGreaterThan(0);
    for (let time = 1; time <= 2; time += 1) {
      const answers = await deliver(parcels);
      for (const [index, answer] of answers.entries())
        expect(answer === 'sent').toBe(well.includes(parcels[index] as (typeof parcels)[number]));
      expect(await lengths('made')).toEqual([(before[0] ?? 0) + time * well.length, 0]);
    }
  });
});
