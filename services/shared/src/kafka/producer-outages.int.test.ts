import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { Link } from '../../../../scripts/chaos/link.ts';
import { type Address, kafkaDialogue } from '../../../../scripts/chaos/wire/kafka.ts';
import { freePort } from '../../../../scripts/embedded/free-port.ts';
import { type KafkaServer, startKafka } from '../../../../scripts/embedded/kafka.ts';
import { freeze } from '../../../../scripts/testing/freeze.ts';
import { inTime } from '../../../../scripts/testing/in-time.ts';
import { until } from '../../../../scripts/testing/until.ts';
import { readSettings } from '../env.ts';
import { connectKafka } from './connect.ts';
import { platformaticProducer } from './platformatic-producer.ts';
import type { Producer } from './producer.ts';
import { type KafkaSettings, kafkaSettings } from './settings.ts';

jest.setTimeout(90_000);

const timeoutMs = 2_000;
const client = { clientId: 'test', log: pino({ level: 'silent' }) };
const adapters: [string, (settings: KafkaSettings) => Producer][] = [
  ['kafkajs', (settings) => connectKafka(settings, client).producer({ timeoutMs })],
  ['@platformatic/kafka', (settings) => platformaticProducer(settings, { ...client, timeoutMs })],
];

let dataDir: string;
let port: number;
let broker: KafkaServer;

const start = async () => {
  broker = await startKafka({ port, dataDir });
};

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'producer-outages-'));
  port = await freePort();
  await start();
});
afterAll(async () => {
  await broker.stop();
  await rm(dataDir, { recursive: true, force: true });
});

describe.each(adapters)('a producer on %s, when Kafka goes away', (name, open) => {
  const topic = `outages-${name.replace(/\W/g, '')}`;
  const settings = () => readSettings(kafkaSettings, { KAFKA_BROKERS: broker.brokers[0] });
  const record = { topic, key: 'k', value: 'v', headers: {} };
  let producer: Producer;

  beforeAll(async () => {
    const kafka = connectKafka(settings(), client);
    const admin = kafka.admin();
    await admin.createTopics([{ topic, partitions: 1, replicationFactor: 1 }]);
    await Promise.all([admin.close(), kafka.close()]);
    producer = open(settings());
    await until('it sends', () => sends());
  });
  afterAll(() => producer.close());

  const sends = (by = producer) =>
    by.send([record]).then(
      () => true,
      () => false,
    );

  it('gives up in time on a broker that hangs, and goes on when it wakes up', async () => {
    await freeze(broker.pid);
    try {
      await expect(inTime(timeoutMs + 1_000, producer.send([record]))).rejects.toMatchObject({ kind: 'unavailable' });
    } finally {
      process.kill(broker.pid, 'SIGCONT');
    }
    await until('it sends', () => sends());
  });

  it('goes on after the broker was killed and came back', async () => {
    broker.kill();
    await broker.exited;
    await expect(producer.send([record])).rejects.toMatchObject({ kind: 'unavailable' });
    await start();
    await until('it sends', () => sends());
  });

  it('closes soon while the broker hangs', async () => {
    const other = open(settings());
    await other.send([record]);
    await freeze(broker.pid);
    try {
      void other.send([record]).catch(() => undefined);
      await inTime(5_000, other.close());
    } finally {
      process.kill(broker.pid, 'SIGCONT');
    }
  });

  // The other one does not say when it has its connections.
  if (name === 'kafkajs')
    it('sends from so far away that connecting and an answer take longer than a send, and writes each record once', async () => {
      const target = { host: '127.0.0.1', port };
      const dialogue = (address: () => Address) => kafkaDialogue([{ broker: target, link: address }]);
      const link = await new Link({ name: 'kafka', target, dialogue }).open();
      link.delay(400);
      const admin = connectKafka(settings(), client).admin();
      const length = async () => (await admin.offsets(topic))[0]?.high ?? 0n;
      const lengthBefore = await length();
      const far = open(readSettings(kafkaSettings, { KAFKA_BROKERS: link.authority }));
      try {
        await until('it sends', () => sends(far), 20_000);
        await expect(far.send([record])).resolves.toBeUndefined();
        expect((await length()) - lengthBefore).toBe(2n);
      } finally {
        await Promise.all([far.close(), admin.close()]);
        await link.close();
      }
    });
});
