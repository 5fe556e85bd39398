import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readSettings } from '@shop/shared/env';
import { createLog } from '@shop/shared/log';
import { connectKafka, type Kafka } from '@shop/shared/messaging/kafka';
import type { Admin } from '@shop/shared/messaging/kafka-admin';
import { kafkaSettings } from '@shop/shared/messaging/kafka-settings';
import { offsetsReader, partitionSamples } from './offsets.ts';

jest.setTimeout(60_000);

const log = createLog('test', { logLevel: 'silent' });
const connect = (brokers: string) =>
  connectKafka(readSettings(kafkaSettings, { KAFKA_BROKERS: brokers }), { clientId: 'test', log });

describe('offsets', () => {
  let kafka: Kafka;
  let admin: Admin;
  let reader: ReturnType<typeof offsetsReader>;
  let topic: string;

  beforeAll(async () => {
    kafka = connect(process.env.TEST_KAFKA_BROKERS ?? '');
    admin = kafka.admin();
    reader = offsetsReader(kafka.admin);
    topic = `topic-${randomUUID()}`;
    await admin.createTopics([{ topic, partitions: 2, replicationFactor: 1 }]);
  });
  afterAll(async () => {
    await reader.close();
    await admin.close();
    await kafka.close();
  });

  const sample = async (group: string, ofTopic = topic) => {
    const wanted = { name: 'one', group, topic: ofTopic };
    return (await reader.read([wanted])).get('one');
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

  it('show a partition that was added as unknown at first, then with its offsets', async () => {
    const grown = `topic-${randomUUID()}`;
    await admin.createTopics([{ topic: grown, partitions: 1, replicationFactor: 1 }]);
    const group = `group-${randomUUID()}`;
    await sample(group, grown);
    await admin.addPartitions(grown, 2);
    const first = await sample(group, grown);
    expect(first?.partitions).toHaveLength(2);
    expect((await sample(group, grown))?.partitions?.[1]).toEqual({ partition: 1, high: 0, low: 0, committed: null });
  });

  it('of a deleted topic are absent, and other topics are still read', async () => {
    const gone = `topic-${randomUUID()}`;
    await admin.createTopics([{ topic: gone, partitions: 1, replicationFactor: 1 }]);
    await sample('g', gone);
    await admin.deleteTopics([gone]);
    const both = await reader.read([
      { name: 'gone', group: 'g', topic: gone },
      { name: 'there', group: 'g', topic },
    ]);
    expect(both.get('gone')?.partitions).toBeUndefined();
    expect(both.get('gone')?.faults).toEqual([`topic ${gone}: Kafka has no such topic.`]);
    expect(both.get('there')?.partitions).toHaveLength(2);
  });

  it('are absent with the reason when Kafka is away', async () => {
    const away = connect('127.0.0.1:1');
    const lone = offsetsReader(away.admin);
    const found = (await lone.read([{ name: 'one', group: 'g', topic }])).get('one');
    expect(found?.partitions).toBeUndefined();
    expect(found?.group).toBeUndefined();
    expect(found?.faults.join()).toContain('Kafka does not answer');
    await lone.close();
    await away.close();
  });
});

describe('a partition without a leader', () => {
  it('is unknown, even where an older answer has its offsets', () => {
    const offsets = [{ partition: 0, low: 0n, high: 9n, committed: 3n }];
    expect(partitionSamples([{ partition: 0, leader: -1, replicas: [1] }], offsets)).toEqual([{ partition: 0 }]);
  });
});
