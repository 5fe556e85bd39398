import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readSettings } from '@shop/shared/env';
import { connectKafka, type Kafka } from '@shop/shared/kafka/connect';
import { kafkaSettings } from '@shop/shared/kafka/settings';
import { createLog } from '@shop/shared/log';
import { freePort } from '../../scripts/embedded/free-port.ts';
import { startKafka } from '../../scripts/embedded/kafka.ts';
import { until } from '../../scripts/testing/until.ts';

const log = createLog('test', { logLevel: 'silent' });

let folder: string;
let broker: Awaited<ReturnType<typeof startKafka>>;
let environment: Record<string, string>;
const opened: Kafka[] = [];

/** The connection that these variables make, as a service would read them. */
function connect(overrides: Record<string, string | undefined> = {}): Kafka {
  const kafka = connectKafka(readSettings(kafkaSettings, { ...environment, ...overrides }), { clientId: 'test', log });
  opened.push(kafka);
  return kafka;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shop-secure-kafka-'));
  broker = await startKafka({
    port: await freePort(),
    dataDir: folder,
    secure: { port: await freePort(), tls: true, users: [{ name: 'shop', password: 'correct-horse' }] },
  });
  environment = {
    KAFKA_BROKERS: broker.secure?.brokers.join(',') ?? '',
    KAFKA_TLS: 'true',
    KAFKA_TLS_CA_FILE: broker.secure?.caFile ?? '',
    KAFKA_SASL_MECHANISM: 'scram-sha-512',
    KAFKA_SASL_USERNAME: 'shop',
    KAFKA_SASL_PASSWORD: 'correct-horse',
  };
  // A broker's first handshake takes longer than a ping may.
  await until('the broker answers by TLS', () =>
    connect()
      .ping()
      .then(() => true),
  );
}, 60_000);

afterEach(() => Promise.all(opened.splice(0).map((kafka) => kafka.close())));

afterAll(async () => {
  broker.kill();
  await broker.exited;
  await rm(folder, { recursive: true });
});

describe('a Kafka that wants TLS and SCRAM', () => {
  it('takes topics and messages from who has the authority and the password', async () => {
    const kafka = connect();
    const admin = kafka.admin();
    const producer = kafka.producer();
    try {
      await admin.createTopics([{ topic: 'secured', partitions: 1, replicationFactor: 1 }]);
      await producer.send([{ topic: 'secured', key: 'key', value: 'value', headers: {} }]);
      expect(await admin.offsets('secured')).toMatchObject([{ low: 0n, high: 1n }]);
    } finally {
      await producer.close();
      await admin.close();
    }
  });

  it.each([
    ['the password is wrong', /refuses the login: .*authentication failed/, { KAFKA_SASL_PASSWORD: 'wrong' }],
    [
      'there is no password',
      /Closed connection/,
      { KAFKA_SASL_MECHANISM: '', KAFKA_SASL_USERNAME: '', KAFKA_SASL_PASSWORD: '' },
    ],
    ['its authority is not trusted', /self-signed certificate/, { KAFKA_TLS_CA_FILE: '' }],
    ['the connection is not encrypted', /Closed connection/, { KAFKA_TLS: 'false', KAFKA_TLS_CA_FILE: '' }],
  ])('is unavailable when %s', async (_case, why, overrides) => {
    await expect(connect(overrides).ping()).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(why),
    });
  });
});
