import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readSettings } from '@shop/shared/env';
import { connectKafka, type Kafka } from '@shop/shared/kafka/connect';
import { kafkaSettings } from '@shop/shared/kafka/settings';
import { createLog } from '@shop/shared/log';
import { type Consumption, consume } from '@shop/shared/messaging/consume';
import { createRegistry } from '@shop/shared/metrics';
import { freePort } from '../../scripts/embedded/free-port.ts';
import { type KafkaServer, startKafka } from '../../scripts/embedded/kafka.ts';
import { replaceFile } from '../../scripts/testing/replace-file.ts';
import { until } from '../../scripts/testing/until.ts';
import { setKafkaPassword } from './kafka-password.ts';

jest.setTimeout(90_000);

const topic = 'rotated';
/** kafkajs logs in again ten seconds before a login ends: here ten seconds after it. */
const loginMs = 20_000;
const loginAgainMs = loginMs - 10_000;
const registry = createRegistry('test');
const log = createLog('test', { logLevel: 'silent' });

let folder: string;
let mounted: { readonly ca: string; readonly password: string };
let startBroker: () => Promise<KafkaServer>;
let broker: KafkaServer;
let kafka: Kafka;
let consumption: Consumption;
let send: (value: string, options?: { timeoutMs: number }) => Promise<void>;
const received: string[] = [];
const fatal: Error[] = [];
const close: (() => Promise<unknown>)[] = [];

const authority = () => readFile(broker.secure?.caFile ?? '');

/** The clients are the same from the first test to the last, as a service's are. */
async function serves(value: string): Promise<void> {
  await until(`${value} is sent`, () => send(value).then(() => true));
  await until(`${value} is received`, () => received.includes(value));
  await consumption.live();
  expect(fatal).toEqual([]);
}

async function joins(): Promise<number> {
  const { values } = (await registry.getSingleMetric('consumer_rebalances_total')?.get()) ?? { values: [] };
  return values.reduce((sum, { value }) => sum + value, 0);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shop-rotation-'));
  mounted = { ca: join(folder, 'mounted-ca.crt'), password: join(folder, 'mounted-password') };
  const ports = { port: await freePort(), secure: await freePort() };
  startBroker = () =>
    startKafka({
      port: ports.port,
      dataDir: join(folder, 'kafka'),
      secure: { port: ports.secure, tls: true, users: [{ name: 'shop', password: 'first' }], loginMs },
    });
  broker = await startBroker();
  await writeFile(mounted.ca, await authority());
  await writeFile(mounted.password, 'first');

  kafka = connectKafka(
    readSettings(kafkaSettings, {
      KAFKA_BROKERS: broker.secure?.brokers.join(','),
      KAFKA_TLS: 'true',
      KAFKA_TLS_CA_FILE: mounted.ca,
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'shop',
      KAFKA_SASL_PASSWORD_FILE: mounted.password,
    }),
    { clientId: 'test', log },
  );
  const admin = kafka.admin();
  await admin.createTopics([{ topic, partitions: 1, replicationFactor: 1 }]);
  await admin.close();
  const producer = kafka.producer();
  send = (value, options) => producer.send([{ topic, key: null, value, headers: {} }], options);
  consumption = consume({
    kafka,
    groupId: 'rotation',
    topic,
    async handle({ value }) {
      received.push(String(value));
      return 'applied';
    },
    deadLetter: () => Promise.reject(new Error('nothing is wrong with these messages')),
    registry,
    log,
    onFatal: (error) => fatal.push(error),
    sessionTimeoutMs: 6_000,
  });
  close.push(kafka.close, producer.close, () => consumption.stop({ timeoutMs: 1_000 }));
});

afterAll(async () => {
  for (const one of close.reverse()) await one();
  broker.kill();
  await broker.exited;
  await rm(folder, { recursive: true });
});

describe('a producer and a consumer whose Secrets are replaced', () => {
  it('log in again with a new password while they are connected, and notice nothing', async () => {
    await serves('before');
    const joinsBefore = await joins();
    // No two passwords are good at once, so a login between these two lines is refused: they come long before the next.
    await replaceFile(mounted.password, 'second');
    await setKafkaPassword(broker.brokers[0] ?? '', 'shop', 'second');
    for (const end = Date.now() + 2.2 * loginAgainMs; Date.now() < end; await sleep(500)) await send('meanwhile');
    await serves('after two logins');
    expect(await joins()).toBe(joinsBefore);
  });

  it('are kept out by a new password that they do not have yet, and go on when they have it', async () => {
    await setKafkaPassword(broker.brokers[0] ?? '', 'shop', 'third');
    await broker.stop();
    broker = await startBroker();
    await expect(send('too early', { timeoutMs: 3_000 })).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(kafka.ping()).rejects.toMatchObject({ kind: 'unavailable' });
    await replaceFile(mounted.password, 'third\n');
    await serves('with the new password');
  });

  it('trust the next authority as soon as the bundle holds it', async () => {
    await broker.stop();
    await rm(join(folder, 'kafka', 'tls'), { recursive: true });
    broker = await startBroker();
    await expect(send('untrusted', { timeoutMs: 3_000 })).rejects.toMatchObject({ kind: 'unavailable' });
    await appendFile(mounted.ca, await authority());
    await serves('by the new authority');
  });

  it('go on with what they had when they are given nonsense', async () => {
    await replaceFile(mounted.password, '');
    await replaceFile(mounted.ca, '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n');
    await broker.stop();
    broker = await startBroker();
    await serves('with the last good ones');
  });
});
