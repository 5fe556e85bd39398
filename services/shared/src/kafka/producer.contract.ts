import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Consumer } from '@platformatic/kafka';
import { openTopic, type TopicFixture } from '../messaging/topic.fixture.ts';
import type { Producer } from './producer.ts';
import type { OutgoingRecord } from './records.ts';

export interface ProducerPlace {
  readonly brokers: string;
  readonly timeoutMs: number;
}

/** Reads with a client that is not under test. */
async function readIndependently(brokers: string, topic: string, count: number) {
  const consumer = new Consumer({ clientId: 'other', groupId: randomUUID(), bootstrapBrokers: [brokers] });
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest' });
  const messages = [];
  for await (const message of stream) {
    messages.push(message);
    if (messages.length === count) break;
  }
  await consumer.close(true);
  return messages;
}

/** What a producer does, whichever client it is made of. */
export function producerContract(name: string, brokers: string, open: (place: ProducerPlace) => Producer): void {
  describe(`a producer on ${name}`, () => {
    let fixture: TopicFixture;
    let producer: Producer;
    beforeAll(async () => {
      fixture = await openTopic(brokers, 4);
      producer = open({ brokers, timeoutMs: 3_000 });
    });
    afterAll(async () => {
      await producer.close();
      await fixture.close();
    });

    it('writes what another client reads: bytes, headers, and the partition that Java would choose', async () => {
      const headers = { one: '1', none: null, many: ['a', Buffer.from([0xfe])] };
      await producer.send([{ topic: fixture.topic, key: 'abc', value: Buffer.from([0xff]), headers }]);
      const [message] = await readIndependently(brokers, fixture.topic, 1);
      expect(message?.key).toEqual(Buffer.from('abc'));
      expect(message?.value).toEqual(Buffer.from([0xff]));
      expect([...(message?.headers ?? [])].map(([key, value]) => [String(key), [...(value as Buffer)]])).toEqual([
        ['one', [0x31]],
        ['none', []],
        ['many', [0x61]],
        ['many', [0xfe]],
      ]);
      // murmur2('abc') = 479470107
      expect(message?.partition).toBe(479_470_107 % 4);
    });

    it('keeps a tombstone apart from an empty value', async () => {
      const { topic, close } = await openTopic(brokers, 1);
      await producer.send([
        { topic, key: 'k', value: null, headers: {} },
        { topic, key: 'k', value: '', headers: {} },
      ]);
      const [tombstone, empty] = await readIndependently(brokers, topic, 2);
      expect(tombstone?.value ?? null).toBeNull();
      expect(empty?.value).toEqual(Buffer.alloc(0));
      await close();
    });

    it('spreads records without a key over all partitions', async () => {
      const { topic, close, admin } = await openTopic(brokers, 4);
      await producer.send(Array.from({ length: 200 }, () => ({ topic, key: null, value: 'v', headers: {} })));
      for (const { high } of await admin.offsets(topic)) expect(high).toBeGreaterThan(0n);
      await close();
    });

    it('takes more at once than Kafka takes in one batch', async () => {
      const { topic, close, admin } = await openTopic(brokers, 1);
      await producer.send(Array.from({ length: 30 }, (_, i) => record(topic, `${i}`, 'x'.repeat(60_000))));
      expect((await admin.offsets(topic))[0]?.high).toBe(30n);
      await close();
    });

    it('keeps the order of the records of a partition', async () => {
      const { topic, close } = await openTopic(brokers, 1);
      await Promise.all(
        [0, 1, 2].map((part) => producer.send(Array.from({ length: 100 }, (_, i) => record(topic, `${part}`, `${i}`)))),
      );
      const messages = await readIndependently(brokers, topic, 300);
      for (const part of ['0', '1', '2'])
        expect(messages.filter(({ key }) => String(key) === part).map(({ value }) => Number(value))).toEqual(
          Array.from({ length: 100 }, (_, i) => i),
        );
      await close();
    });

    it('tells a message that Kafka refuses from Kafka being away', async () => {
      await expect(producer.send([record(fixture.topic, 'k', 'x'.repeat(2_000_000))])).rejects.toMatchObject({
        kind: 'unprocessable',
        code: 'message-refused',
      });
      await expect(producer.send([record('no-such-topic', 'k', 'v')])).rejects.toMatchObject({
        kind: 'unavailable',
        code: 'kafka-unavailable',
      });
    });

    it('says in time that nobody is there, and needs nobody to be made', async () => {
      const alone = open({ brokers: 'nobody.example:9092', timeoutMs: 1_000 });
      const since = Date.now();
      await expect(alone.send([record('t', 'k', 'v')])).rejects.toMatchObject({ kind: 'unavailable' });
      expect(Date.now() - since).toBeLessThan(3_000);
      await alone.close();
    });
  });
}

function record(topic: string, key: string, value: string): OutgoingRecord {
  return { topic, key, value, headers: {} };
}
