import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../scripts/embedded/free-port.ts';
import { type KafkaServer, startKafka } from '../../scripts/embedded/kafka.ts';
import { type RabbitServer, startRabbit } from '../../scripts/embedded/rabbitmq.ts';
import { openSmtpSink, type SmtpSink } from '../../services/notifications/src/channels/smtp-sink.fixture.ts';
import { listParked } from '../../services/notifications/src/parking.ts';
import type { Kafka } from '../../services/shared/src/kafka/connect.ts';
import { call } from './call.ts';
import { openTopics, publishDecisions } from './decisions.ts';
import { Replica } from './replica.ts';
import { killServices } from './service-process.ts';
import { testDatabase } from './test-database.ts';
import { until } from './until.ts';

const decisions = 500;
const concurrency = 4;
const retryDelayMs = 500;

let folder: string;
let kafkaServer: KafkaServer;
let rabbit: RabbitServer;
let sink: SmtpSink;
let kafka: Kafka;
let clients: Replica;
let notifications: Replica[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'notifications-e2e-'));
  const rabbitPort = await freePort();
  [kafkaServer, rabbit, sink] = await Promise.all([
    startKafka({ port: await freePort(), dataDir: join(folder, 'kafka') }),
    startRabbit({ port: rabbitPort, dataDir: join(folder, 'rabbitmq') }),
    openSmtpSink({ delayMs: 100 }),
  ]);
  const brokers = kafkaServer.brokers.join();
  kafka = await openTopics(brokers);
  clients = await new Replica('clients', await freePort(), { MONGODB_URI: testDatabase() }).start();
  const environment = {
    MONGODB_URI: testDatabase(),
    KAFKA_BROKERS: brokers,
    AMQP_URL: rabbit.url,
    CLIENTS_URL: clients.url,
    CLIENTS_TIMEOUT_MS: '1000',
    NOTIFICATION_CHANNEL: 'smtp',
    NOTIFICATION_TIMEOUT_MS: '3000',
    NOTIFICATION_RETRY_DELAY_MS: String(retryDelayMs),
    SMTP_URL: sink.url,
    SMTP_FROM: 'Loja <loja@shop.example>',
    CONSUMER_CONCURRENCY: String(concurrency),
    CONSUMER_SESSION_TIMEOUT_MS: '6000',
  };
  notifications = [
    new Replica('notifications', await freePort(), environment),
    new Replica('notifications', await freePort(), environment),
  ];
  await Promise.all(notifications.map((each) => each.start(90_000)));
}, 180_000);

afterAll(async () => {
  await killServices();
  await kafka?.close();
  await Promise.all([kafkaServer?.stop(), rabbit?.stop(), sink?.close()]);
  await rm(folder, { recursive: true, force: true });
}, 60_000);

const mailed = (count: number) => until(`${count} mails`, () => sink.mails.length >= count, 120_000);

describe('500 decisions, while the services and RabbitMQ are killed', () => {
  it('are each told once by the record, and nobody is left out', async () => {
    const client = { name: 'João Silva', email: 'joao@example.com', phone: '11999999999', cpf: '12345678901' };
    const { body } = await call(`${clients.url}/v1/clients`, { body: client });
    const ids = await publishDecisions(kafka, { clientId: body.id, count: decisions });
    const [first, second] = notifications as [Replica, Replica];

    await mailed(50);
    const returned = first.crash(90_000);
    await mailed(150);
    rabbit.kill();
    await rabbit.exited;
    rabbit = await startRabbit({ port: Number(new URL(rabbit.url).port), dataDir: join(folder, 'rabbitmq') });
    await mailed(300);
    await returned;
    await second.kill();

    await until('every record', async () => (await first.metric('notification_queue_messages')) === 0, 90_000);
    for (const id of ids) {
      const answer = await until(
        `the record of ${id}`,
        async () => {
          const { body } = await call(`${first.url}/v1/notifications/${id}`);
          return body.status === 'sent' && body;
        },
        60_000,
      );
      expect(answer.eventId).toBe(`${id}.2`);
    }

    const messageIds = sink.mails.map(({ headers }) => headers['message-id']);
    expect(new Set(messageIds)).toEqual(new Set(ids.map((id) => `<${id}.2@shop.example>`)));
    // Only what a killed process had in hand can have gone out twice: of two lanes, by two kills. RabbitMQ's end costs none.
    expect(messageIds.length - decisions).toBeLessThanOrEqual(2 * 2 * concurrency);
    expect(await listParked({ url: rabbit.url, retryDelayMs })).toEqual([]);
  }, 400_000);
});
