import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readSettings } from '@shop/shared/env';
import { connectKafka } from '@shop/shared/kafka/connect';
import { kafkaSettings } from '@shop/shared/kafka/settings';
import { createLog } from '@shop/shared/log';
import { Link } from '../../../../scripts/chaos/link.ts';
import { type Address, kafkaDialogue } from '../../../../scripts/chaos/wire/kafka.ts';
import { until } from '../../../../scripts/testing/until.ts';
import { connectBrokers, type KafkaReader } from './connect.ts';
import { offsetsReader } from './offsets.ts';

jest.setTimeout(60_000);

const brokers = process.env.TEST_KAFKA_BROKERS ?? '';
const [host = '', port = ''] = brokers.split(':');
const log = createLog('test', { logLevel: 'silent' });
const settingsOf = (address: string) => readSettings(kafkaSettings, { KAFKA_BROKERS: address });
const topics = Array.from({ length: 10 }, () => `topic-${randomUUID()}`);
/** Of as many scalers, each with a group of its own. */
const wanted = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    ...{ name: `scaler-${index}`, group: `group-${index}` },
    topic: topics[index % topics.length] as string,
  }));

describe('what a round asks of a real Kafka', () => {
  let link: Link;
  let reader: KafkaReader;
  let requests: string[] = [];

  beforeAll(async () => {
    const kafka = connectKafka(settingsOf(brokers), {
      clientId: 'test',
      log: createLog('test', { logLevel: 'silent' }),
    });
    const admin = kafka.admin();
    await admin.createTopics(topics.map((topic) => ({ topic, partitions: 3, replicationFactor: 1 })));
    await admin.close();
    await kafka.close();
    const broker = { host, port: Number(port) };
    const dialogue = (address: () => Address) => kafkaDialogue([{ broker, link: address }]);
    link = await new Link({ name: 'kafka', target: broker, dialogue }).open();
    link.watch = ({ direction, operation }) => {
      if (direction === 'request') requests.push(operation);
      return 'pass';
    };
    reader = connectBrokers(settingsOf(link.authority), { clientId: 'test', log });
  });
  afterAll(async () => {
    await reader.close();
    await link.close();
  });

  it('is five requests of a broker, for one scaler as for three hundred', async () => {
    const read = offsetsReader(reader);
    for (const count of [1, 10, 100, 300]) {
      await until(`${count} are known`, async () => {
        const found = await read(wanted(count));
        return [...found.values()].every(
          ({ faults, partitions }) => faults.length === 0 && partitions?.every(({ high }) => high === 0),
        );
      });
      requests = [];
      const found = await read(wanted(count));
      expect(found.size).toBe(count);
      // 15 is DescribeGroups.
      expect([count, ...requests.sort()]).toEqual([
        ...[count, 'ListOffsets', 'ListOffsets', 'Metadata', 'OffsetFetch', 'request 15'],
      ]);
    }
  });

  it('has no answer for some seconds when the broker falls silent, and one again after that', async () => {
    const read = offsetsReader(reader);
    await read(wanted(2));
    link.blackHole(true);
    const since = performance.now();
    const found = await read(wanted(2));
    expect(performance.now() - since).toBeLessThan(8_000);
    for (const sample of found.values())
      expect(sample).toEqual({ faults: [expect.stringContaining('Kafka does not answer')] });
    await expect(reader.ping()).rejects.toMatchObject({ kind: 'unavailable' });
    link.blackHole(false);
    await reader.ping();
    expect((await read(wanted(2))).get('scaler-1')).toMatchObject({ partitions: [{ high: 0 }, {}, {}], faults: [] });
  });
});
