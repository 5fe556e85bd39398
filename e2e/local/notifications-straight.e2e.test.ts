import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../scripts/embedded/free-port.ts';
import { type KafkaServer, startKafka } from '../../scripts/embedded/kafka.ts';
import { call } from '../../scripts/testing/call.ts';
import { killServices, type LogLine } from '../../scripts/testing/service-process.ts';
import { testDatabase } from '../../scripts/testing/test-database.ts';
import { until } from '../../scripts/testing/until.ts';
import type { Kafka } from '../../services/shared/src/kafka/connect.ts';
import { openTopics, publishDecisions } from './decisions.ts';
import { Replica } from './replica.ts';

const concurrency = 4;

let folder: string;
let kafkaServer: KafkaServer;
let kafka: Kafka;
let clients: Replica;
let notifications: Replica;
let clientId: string;
/** Of a process that was killed. */
let earlier: readonly LogLine[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notifications-straight-e2e-'));
  kafkaServer = await startKafka({ port: await freePort(), dataDir: join(folder, 'kafka') });
  const brokers = kafkaServer.brokers.join();
  kafka = await openTopics(brokers);
  clients = await new Replica('clients', await freePort(), { MONGODB_URI: testDatabase() }).start();
  const client = { name: 'João Silva', email: 'joao@example.com', phone: '11999999999', cpf: '12345678901' };
  clientId = (await call(`${clients.url}/v1/clients`, { body: client })).body.id;
  notifications = await new Replica('notifications', await freePort(), {
    MONGODB_URI: testDatabase(),
    KAFKA_BROKERS: brokers,
    CLIENTS_URL: clients.url,
    CLIENTS_TIMEOUT_MS: '500',
    NOTIFICATION_TIMEOUT_MS: '500',
    CONSUMER_CONCURRENCY: String(concurrency),
    CONSUMER_SESSION_TIMEOUT_MS: '6000',
  }).start(90_000);
}, 180_000);

afterAll(async () => {
  await killServices();
  await kafka?.close();
  await kafkaServer?.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

const told = () => [...earlier, ...notifications.process.lines].filter(({ msg }) => msg === 'client notified');
const isTold = (ids: readonly string[]) => () => {
  const orders = new Set(told().map(({ orderId }) => orderId));
  return ids.every((id) => orders.has(id));
};

async function expectRecords(ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const record = async () => (await call(`${notifications.url}/v1/notifications/${id}`)).body;
    const sent = await until(`the record of ${id}`, async () => (await record()).status === 'sent' && record(), 60_000);
    expect(sent.eventId).toBe(`${id}.2`);
  }
}

describe('notifications without RabbitMQ', () => {
  it('tell each client once, in the log and without the address, however often the event comes', async () => {
    await notifications.process.line(({ msg }) => msg.startsWith('clients are told straight from Kafka'));
    const ids = await publishDecisions(kafka, { clientId, count: 40 });
    await until('40 letters', isTold(ids), 60_000);
    await expectRecords(ids);
    const repeated = () => notifications.metric('consumer_messages_total', 'outcome="duplicate"');
    await until('what came again', async () => (await repeated()) === 4, 60_000);
    expect(told()).toHaveLength(40);
    expect(told()[0]).toMatchObject({ to: 'j***@example.com', subject: expect.stringMatching(/pedido/i) });
    expect(notifications.process.output).not.toMatch(/joao@|João/);
  }, 120_000);

  it('wait for what they need, and pass nobody over', async () => {
    await clients.kill();
    const ids = await publishDecisions(kafka, { clientId, count: 20, from: 1_000 });
    await until('a pause', async () => (await notifications.metric('consumer_paused_partitions')) > 0, 60_000);
    expect(isTold(ids.slice(0, 1))()).toBe(false);
    await clients.start();
    await until('20 letters', isTold(ids), 90_000);
    await expectRecords(ids);
  }, 240_000);

  it('leave nobody out when the process is killed, and repeat only what it had in hand', async () => {
    const before = told().length;
    const ids = await publishDecisions(kafka, { clientId, count: 300, from: 2_000 });
    await until('the first letters', () => told().length > before + 20, 60_000);
    const killed = notifications.process;
    await notifications.kill();
    earlier = killed.lines;
    await notifications.start(90_000);
    await until('every letter', isTold(ids), 120_000);
    await expectRecords(ids);
    const letters = told().filter(({ orderId }) => ids.includes(String(orderId)));
    // Of two topics.
    expect(letters.length - ids.length).toBeLessThanOrEqual(2 * concurrency);
  }, 300_000);
});
