import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Producer } from '@platformatic/kafka';
import { until } from '../../../../scripts/testing/until.ts';
import { topicConfig } from '../contracts/topics.ts';
import type { NewTopic } from '../kafka/admin.ts';
import { openTopic, type TopicFixture } from './topic.fixture.ts';

const brokers = process.env.TEST_KAFKA_BROKERS ?? '';

jest.setTimeout(60_000);

let fixture: TopicFixture;
let producer: Producer;
beforeAll(async () => {
  fixture = await openTopic(brokers);
  producer = new Producer({ clientId: 'stranger', bootstrapBrokers: [brokers] });
});
afterAll(async () => {
  await producer?.close();
  await fixture?.close();
});

/** A group that reads a new topic, in which a batch was compressed by a codec that kafkajs does not know. */
async function readerOf(config: NewTopic['config']) {
  const topic = `compressed-${randomUUID()}`;
  await fixture.admin.createTopics([{ topic, partitions: 1, replicationFactor: 1, ...(config && { config }) }]);
  const message = { topic, key: Buffer.from('k'), value: Buffer.from('v') };
  await producer.send({ messages: [message], compression: 'zstd', acks: -1 });
  const handled: string[] = [];
  const handle = async ({ key }: { key: string | null }) => {
    handled.push(key ?? '');
    return 'applied' as const;
  };
  return { handled, member: fixture.consume({ topic, groupId: `group-${randomUUID()}`, handle }) };
}

describe('a batch that somebody has compressed', () => {
  it('is read in the topics of the shop, where the broker keeps it uncompressed', async () => {
    const { handled, member } = await readerOf(topicConfig);
    await until('the message is handled', () => handled.length === 1 || member.fatal.length > 0);
    expect([handled, member.fatal]).toEqual([['k'], []]);
  });

  it('is skipped by nobody in a topic that keeps it as it came: its reader ends', async () => {
    const { handled, member } = await readerOf(undefined);
    await until('the reader ends', () => member.fatal.length > 0);
    expect(handled).toEqual([]);
    expect(String(member.fatal[0]?.cause ?? member.fatal[0])).toMatch(/ZSTD compression not implemented/);
  });
});
