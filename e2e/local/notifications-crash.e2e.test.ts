import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../scripts/embedded/free-port.ts';
import { type KafkaServer, startKafka } from '../../scripts/embedded/kafka.ts';
import { type RabbitServer, startRabbit } from '../../scripts/embedded/rabbitmq.ts';
import { openSmtpSink, type SmtpSink } from '../../services/notifications/src/channels/smtp-sink.fixture.ts';
import { listParked } from '../../services/notifications/src/parking.ts';
import { eventHeaders } from '../../services/shared/src/contracts/cloud-event.ts';
import { ordersFailed, ordersPaid, topics } from '../../services/shared/src/contracts/topics.ts';
import { readSettings } from '../../services/shared/src/env.ts';
import { createLog } from '../../services/shared/src/log.ts';
import { connectKafka, type Kafka } from '../../services/shared/src/messaging/kafka.ts';
import { kafkaSettings } from '../../services/shared/src/messaging/kafka-settings.ts';
import { call } from './call.ts';
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
  kafka = connectKafka(readSettings(kafkaSettings, { KAFKA_BROKERS: brokers }), {
    clientId: 'test',
    log: createLog('test', { logLevel: 'silent' }),
  });
  const admin = kafka.admin();
  await admin.createTopics(topics.map((topic) => ({ topic, partitions: 6, replicationFactor: 1 })));
  await admin.close();
  clients = await new Replica('clients', await freePort(), { MONGODB_URI: testDatabase() }).start();
  const environment = {
    MONGODB_URI: testDatabase(),
    KAFKA_BROKERS: brokers,
    AMQP_URL: rabbit.url,
    CLIENTS_URL: clients.url,
    CLIENTS_TIMEOUT_MS: '1000',
    NOTIFICATION_CHANNEL: 'smtp',
    NOTIFICATION_TIMEOUT_MS: '1000',
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

/** Decisions of one client's orders, every fifth of them bad news. */
async function decide(clientId: string): Promise<string[]> {
  const ids = Array.from({ length: decisions }, (_, i) => `64b0000000000000${String(i).padStart(8, '0')}`);
  const records = ids.map((orderId, i) => {
    const topic = i % 5 === 0 ? ordersFailed : ordersPaid;
    const status = topic === ordersPaid ? 'PAGO' : i % 2 === 0 ? 'CANCELADO' : 'FALHA';
    const event = {
      orderId,
      clientId,
      clientName: 'João Silva',
      status,
      total: 19.99,
      updatedAt: '2024-01-15T10:30:00Z',
    };
    return {
      topic,
      key: orderId,
      value: JSON.stringify(event),
      headers: eventHeaders({ topic, orderId, sequence: 2, time: new Date() }),
    };
  });
  const producer = kafka.producer();
  await producer.send(records);
  // What an outbox does after a crash.
  await producer.send(records.slice(0, 50));
  await producer.close();
  return ids;
}

const mailed = (count: number) => until(`${count} mails`, () => sink.mails.length >= count, 120_000);

describe('500 decisions, while the services and RabbitMQ are killed', () => {
  it('are each told once by the record, and nobody is left out', async () => {
    const client = { name: 'João Silva', email: 'joao@example.com', phone: '11999999999', cpf: '12345678901' };
    const ids = await decide((await call(`${clients.url}/v1/clients`, { body: client })).body.id);
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
