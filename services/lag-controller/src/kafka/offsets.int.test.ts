import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Consumer, Producer } from '@platformatic/kafka';
import { readSettings } from '@shop/shared/env';
import type { Admin } from '@shop/shared/kafka/admin';
import { connectKafka, type Kafka } from '@shop/shared/kafka/connect';
import { kafkaSettings } from '@shop/shared/kafka/settings';
import { createLog } from '@shop/shared/log';
import { until } from '../../../../scripts/testing/until.ts';
import { connectBrokers, type KafkaReader } from './connect.ts';
import { offsetsReader, type ReadOffsets } from './offsets.ts';

jest.setTimeout(60_000);

const brokers = process.env.TEST_KAFKA_BROKERS ?? '';
const log = createLog('test', { logLevel: 'silent' });
const settingsOf = (address: string) => readSettings(kafkaSettings, { KAFKA_BROKERS: address });

describe('offsets', () => {
  let kafka: Kafka;
  let admin: Admin;
  let reader: KafkaReader;
  let read: ReadOffsets;
  let topic: string;

  beforeAll(async () => {
    kafka = connectKafka(settingsOf(brokers), { clientId: 'test', log });
    admin = kafka.admin();
    reader = connectBrokers(settingsOf(brokers), { clientId: 'test', log });
    read = offsetsReader(reader);
    topic = `topic-${randomUUID()}`;
    await admin.createTopics([{ topic, partitions: 2, replicationFactor: 1 }]);
    await until(
      'a Kafka that has just been started has coordinators',
      async () => (await sample('g'))?.faults.length === 0,
    );
  });
  afterAll(async () => {
    await reader.close();
    await admin.close();
    await kafka.close();
  });

  const sample = async (group: string, ofTopic = topic) => {
    const wanted = { name: 'one', group, topic: ofTopic };
    return (await read([wanted])).get('one');
  };

  it('of a group that never committed and is Dead are null, not zero', async () => {
    expect(await sample(`nobody-${randomUUID()}`)).toEqual({
      partitions: [
        { partition: 0, high: 0, low: 0, committed: null },
        { partition: 1, high: 0, low: 0, committed: null },
      ],
      group: { state: 'Dead', members: 0 },
      faults: [],
    });
  });

  it('tell a committed zero from never having committed', async () => {
    const group = `moved-${randomUUID()}`;
    await admin.setOffsets(group, topic, new Map([[0, 0n]]));
    expect(await sample(group)).toMatchObject({
      partitions: [{ committed: 0 }, { committed: null }],
      group: { state: 'Empty' },
    });
  });

  it('show a partition that was added, as soon as it has a leader with its offsets', async () => {
    const grown = `topic-${randomUUID()}`;
    await admin.createTopics([{ topic: grown, partitions: 1, replicationFactor: 1 }]);
    const group = `group-${randomUUID()}`;
    await sample(group, grown);
    await admin.addPartitions(grown, 2);
    const first = await sample(group, grown);
    expect(first?.partitions).toHaveLength(2);
    await until('it is led', async () => (await sample(group, grown))?.faults.length === 0);
    expect((await sample(group, grown))?.partitions?.[1]).toEqual({ partition: 1, high: 0, low: 0, committed: null });
  });

  it('of a deleted topic are absent, and other topics are still read', async () => {
    const gone = `topic-${randomUUID()}`;
    await admin.createTopics([{ topic: gone, partitions: 1, replicationFactor: 1 }]);
    await sample('g', gone);
    await admin.deleteTopics([gone]);
    const both = await read([
      { name: 'gone', group: 'g', topic: gone },
      { name: 'there', group: 'g', topic },
    ]);
    expect(both.get('gone')?.partitions).toBeUndefined();
    expect(both.get('gone')?.faults).toEqual([`topic ${gone}: Kafka has no such topic.`]);
    expect(both.get('there')?.partitions).toMatchObject([{ high: expect.any(Number) }, { high: expect.any(Number) }]);
    expect(both.get('there')?.faults).toEqual([]);
  });

  it('of a topic that is deleted under a scaler are gone with the next look, and there again when it is made anew', async () => {
    const group = `group-${randomUUID()}`;
    const recreated = `topic-${randomUUID()}`;
    await admin.createTopics([{ topic: recreated, partitions: 3, replicationFactor: 1 }]);
    await admin.setOffsets(group, recreated, new Map([[0, 0n]]));
    expect((await sample(group, recreated))?.partitions).toHaveLength(3);
    await admin.deleteTopics([recreated]);
    await until('the topic is gone', async () => (await sample(group, recreated))?.partitions === undefined);
    await admin.createTopics([{ topic: recreated, partitions: 2, replicationFactor: 1 }]);
    await until('it is read anew', async () => {
      const { partitions = [] } = (await sample(group, recreated)) ?? {};
      return partitions.length === 2 && partitions.every(({ high }) => high === 0);
    });
  });

  it('of a KIP-848 group advance though the classic protocol takes it for dead', async () => {
    const group = `new-${randomUUID()}`;
    const connection = { clientId: 'test', bootstrapBrokers: brokers.split(',') };
    const producer = new Producer(connection);
    const consumer = new Consumer({ ...connection, groupId: group, groupProtocol: 'consumer' });
    const send = (partition: number) => producer.send({ messages: [{ topic, partition, value: Buffer.from('{}') }] });
    try {
      await send(0);
      const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false });
      const messages = stream[Symbol.asyncIterator]();
      const commitNext = async () => {
        const { value } = await messages.next();
        await value?.commit();
      };
      await commitNext();
      const lookFor = (committed: number) =>
        until(`${committed} committed`, async () => {
          const found = await sample(group);
          return found?.partitions?.[0]?.committed === committed && found;
        });
      expect(await lookFor(1)).toMatchObject({ group: { state: 'Dead', members: 0 }, faults: [] });
      await send(0);
      await commitNext();
      expect(await lookFor(2)).toMatchObject({
        partitions: [{ high: 2, low: 0 }, { committed: null }],
        group: { state: 'Dead', members: 0 },
      });
      await stream.close();
    } finally {
      await consumer.close(true);
      await producer.close();
    }
  });

  it('are absent with the reason when Kafka is away', async () => {
    const away = connectBrokers(settingsOf('127.0.0.1:1'), { clientId: 'test', log });
    const found = (await offsetsReader(away)([{ name: 'one', group: 'g', topic }])).get('one');
    expect(found).toEqual({ faults: [expect.stringContaining('Kafka does not answer')] });
    await expect(away.ping()).rejects.toMatchObject({ kind: 'unavailable' });
    await away.close();
  });
});
