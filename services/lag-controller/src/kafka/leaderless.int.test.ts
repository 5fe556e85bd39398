import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readSettings } from '@shop/shared/env';
import { connectKafka } from '@shop/shared/kafka/connect';
import { kafkaSettings } from '@shop/shared/kafka/settings';
import { createLog } from '@shop/shared/log';
import { freePort } from '../../../../scripts/embedded/free-port.ts';
import { newCluster, startKafka } from '../../../../scripts/embedded/kafka.ts';
import type { EmbeddedServer } from '../../../../scripts/embedded/server-process.ts';
import { until } from '../../../../scripts/testing/until.ts';
import { connectBrokers } from './connect.ts';
import { offsetsReader, type ReadOffsets } from './offsets.ts';

jest.setTimeout(120_000);

const log = createLog('test', { logLevel: 'silent' });
const topic = 'spread';

describe('a broker that dies', () => {
  let folder: string;
  let second: EmbeddedServer;
  let read: ReadOffsets;
  const close: (() => Promise<unknown>)[] = [];

  const look = async () => {
    const sample = (await read([{ name: 'one', group: 'g', topic }])).get('one');
    const partitions = sample?.partitions ?? [];
    const [known, unknown] = [true, false].map((isKnown) =>
      partitions.flatMap(({ partition, high }) => ((high !== undefined) === isKnown ? [partition] : [])),
    );
    return { known, unknown, group: sample?.group?.state, faults: sample?.faults ?? [] };
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kafka-two-'));
    close.push(() => rm(folder, { recursive: true, force: true }));
    const cluster = await newCluster(1);
    const start = async (nodeId: number) =>
      startKafka({ port: await freePort(), dataDir: join(folder, `${nodeId}`), member: { ...cluster, nodeId } });
    const first = await start(1);
    close.push(first.stop);
    const settings = readSettings(kafkaSettings, { KAFKA_BROKERS: first.brokers.join() });
    const reader = connectBrokers(settings, { clientId: 'test', log });
    close.push(reader.close);
    read = offsetsReader(reader);
    // Before there is a second broker: the first one coordinates every group.
    await until('there are coordinators', async () => (await look()).group === 'Dead');
    second = await start(2);
    close.push(second.stop);
    const kafka = connectKafka(settings, { clientId: 'test', log });
    const admin = kafka.admin();
    close.push(kafka.close, admin.close);
    await until(
      'the second broker is in the cluster',
      async () => (await admin.describeCluster()).brokers.length === 2,
    );
    await admin.createTopics([{ topic, partitions: 4, replicationFactor: 1 }]);
  });
  afterAll(async () => {
    for (const step of close.reverse()) await step();
  });

  it('leaves its own partitions unknown, with the reason, and no others', async () => {
    await until('all are known', async () => (await look()).known?.length === 4);
    second.kill();
    await second.exited;
    const away = await look();
    expect(away).toMatchObject({ known: [expect.any(Number), expect.any(Number)], group: 'Dead' });
    const lost = await until('its partitions have no leader', async () => {
      const now = await look();
      return now.faults.join().includes('no leader') && now;
    });
    expect([lost.known, lost.unknown]).toEqual([away.known, away.unknown]);
    expect(lost.faults).toEqual([
      expect.stringMatching(`^offsets of ${topic}, partitions ${lost.unknown?.join(', ')}: .*no leader`),
    ]);
  });
});
