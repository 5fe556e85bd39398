import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../scripts/embedded/free-port.ts';
import { type KafkaServer, startKafka } from '../../scripts/embedded/kafka.ts';
import { type RabbitServer, startRabbit } from '../../scripts/embedded/rabbitmq.ts';
import { run } from '../../scripts/embedded/run.ts';
import { call } from '../../scripts/testing/call.ts';
import { killServices } from '../../scripts/testing/service-process.ts';
import { testDatabase } from '../../scripts/testing/test-database.ts';
import { until } from '../../scripts/testing/until.ts';
import { openSmtpSink, type SmtpSink } from '../../services/notifications/src/channels/smtp-sink.fixture.ts';
import { listParked } from '../../services/notifications/src/parking.ts';
import type { Kafka } from '../../services/shared/src/kafka/connect.ts';
import { openTopics, publishDecisions } from './decisions.ts';
import { Replica } from './replica.ts';

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
let clientId: string;

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
  const client = { name: 'João Silva', email: 'joao@example.com', phone: '11999999999', cpf: '12345678901' };
  clientId = (await call(`${clients.url}/v1/clients`, { body: client })).body.id;
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

/** The record of an order, once it says that the client was told. */
const sentRecord = (url: string, id: string) =>
  until(
    `the record of ${id}`,
    async () => {
      const { body } = await call(`${url}/v1/notifications/${id}`);
      return body.status === 'sent' && body;
    },
    60_000,
  );

describe('500 decisions, while the services and RabbitMQ are killed', () => {
  it('are each told once by the record, and nobody is left out', async () => {
    const ids = await publishDecisions(kafka, { clientId, count: decisions });
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
    for (const id of ids) expect((await sentRecord(first.url, id)).eventId).toBe(`${id}.2`);

    const messageIds = sink.mails.map(({ headers }) => headers['message-id']);
    expect(new Set(messageIds)).toEqual(new Set(ids.map((id) => `<${id}.2@shop.example>`)));
    // Only what a killed process had in hand can have gone out twice: of two lanes, by two kills. RabbitMQ's end costs none.
    expect(messageIds.length - decisions).toBeLessThanOrEqual(2 * 2 * concurrency);
    expect(await listParked({ url: rabbit.url, retryDelayMs })).toEqual([]);
  }, 400_000);
});

describe('a notification that the mail server refuses for good', () => {
  /** `npm run notifications`, with the address of a RabbitMQ. */
  const command = (url: string, ...words: string[]) =>
    run(process.execPath, ['scripts/notifications.ts', ...words], {
      env: { ...process.env, AMQP_URL: url, NOTIFICATION_RETRY_DELAY_MS: String(retryDelayMs) },
    });

  it('is parked with the reason, and told when somebody asks for it again', async () => {
    const [{ url, process: service }] = notifications as [Replica];
    sink.refuse({ code: 550, text: 'joao@example.com is unknown' });
    const [id] = await publishDecisions(kafka, { clientId, count: 1, from: 10_000 });
    const parked = () => command(rabbit.url, 'parked');
    // Its event comes twice, and so does the task.
    const shown = await until('both tasks', async () => {
      const { output } = await parked();
      return output.split(`${id}.2`).length === 3 && output;
    });
    expect(shown).toMatch(/urgent .* 1 +address-refused +The mail server refused it for good \(550\)\./);

    sink.refuse(undefined);
    expect(await command(rabbit.url, 'retry', `${id}.2`, 'unknown')).toEqual({
      code: 1,
      output: `${id}.2 is back in the queue.\nunknown is not parked.\n`,
    });
    await sentRecord(url, String(id));
    expect(await parked()).toEqual({ code: 0, output: 'Nothing is parked.\n' });
    expect(service.output).toMatch(/task parked/);
    expect(service.output).not.toMatch(/joao@|João/);
  }, 120_000);

  it('cannot be looked for where there is no RabbitMQ, which is said without the password', async () => {
    const { code, output } = await command('amqp://me:secret@127.0.0.1:9', 'parked');
    expect(code).toBe(1);
    expect(output).toMatch(/^RabbitMQ at 127\.0\.0\.1:9 cannot be used\./);
    expect(output).not.toContain('secret');
  });
});
