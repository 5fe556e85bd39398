import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ordersCreated, partitionCount, topics } from '@shop/shared/contracts/topics';
import { readSettings } from '@shop/shared/env';
import { connectKafka } from '@shop/shared/kafka/connect';
import { kafkaSettings } from '@shop/shared/kafka/settings';
import { createLog } from '@shop/shared/log';
import { connectMongo } from '@shop/shared/mongo/connect';
import { Types } from 'mongoose';
import { type Answer, call } from '../../../scripts/testing/call.ts';
import { killServices, type ServiceProcess, startService } from '../../../scripts/testing/service-process.ts';
import { until } from '../../../scripts/testing/until.ts';
import { openPayment } from './payment.ts';
import { mongoPaymentStore } from './store.ts';

const brokers = process.env.TEST_KAFKA_BROKERS ?? '';
const kafka = connectKafka(readSettings(kafkaSettings, { KAFKA_BROKERS: brokers }), {
  clientId: 'test',
  log: createLog('test', { logLevel: 'silent' }),
});

/** Answers every report as orders would that accepts it, and keeps them. */
async function startOrdersStub(reports: string[]): Promise<Server> {
  const server = createServer(async (request, response) => {
    const body = await text(request);
    reports.push(`${request.method} ${request.url} ${body}`);
    const order = { id: request.url?.split('/').at(-1), ...JSON.parse(body) };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(order));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

jest.setTimeout(40_000);

describe('payments, as a process', () => {
  const reports: string[] = [];
  const producer = kafka.producer();
  const mongodbUri = `${process.env.TEST_MONGODB_URI}/payments-${randomUUID()}`;
  let folder: string;
  let orders: Server;
  let provider: ServiceProcess;
  let payments: ServiceProcess;

  const get = (path: string) => call(payments.url + path);

  function created(orderId: string, total: number) {
    const value = JSON.stringify({
      ...{ orderId, clientId: '1', total, status: 'PENDENTE', itemsCount: 1, createdAt: new Date().toISOString() },
      items: [{ productId: '1', quantity: 1, price: total }],
    });
    return { topic: ordersCreated, key: orderId, value, headers: {} };
  }

  /** Sends one accepted order, twice, and waits for its payment. */
  async function pay(orderId: string, total: number): Promise<Answer> {
    const event = created(orderId, total);
    await producer.send([event, event]);
    return until<Answer | undefined>('the payment is decided', async () => {
      const answer = await get(`/v1/payments/${orderId}`);
      return answer.status === 200 && answer.body.status !== 'processing' ? answer : undefined;
    });
  }

  beforeAll(async () => {
    const admin = kafka.admin();
    await admin.createTopics(topics.map((topic) => ({ topic, partitions: partitionCount, replicationFactor: 1 })));
    await admin.close();
    folder = await mkdtemp(join(tmpdir(), 'payments-'));
    orders = await startOrdersStub(reports);
    provider = await startService('provider', {
      PROVIDER_LEDGER_FILE: join(folder, 'ledger.jsonl'),
      PROVIDER_DECLINE_ABOVE_CENTS: '100000',
    });
    payments = await startService('payments', {
      MONGODB_URI: mongodbUri,
      KAFKA_BROKERS: brokers,
      ORDERS_URL: `http://127.0.0.1:${(orders.address() as AddressInfo).port}`,
      PROVIDER_URL: provider.url,
    });
  }, 60_000);

  afterAll(async () => {
    await payments?.stop();
    await killServices();
    orders?.close();
    await producer.close();
    await kafka.close();
    await rm(folder, { recursive: true });
  });

  it('charges an order whose event came twice once, shows the payment and reports it', async () => {
    const orderId = new Types.ObjectId().toHexString();
    const { body } = await pay(orderId, 19.99);
    expect(body).toEqual({
      ...{ orderId, status: 'paid', amount: 19.99, chargeId: expect.stringMatching(/^ch_/) },
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
    });
    await payments.line((line) => line.orderId === orderId && line.outcome === 'duplicate');
    const charges = await call(`${provider.url}/charges?orderId=${orderId}`);
    expect(charges.body.items).toEqual([expect.objectContaining({ id: body.chargeId, amountCents: 1_999 })]);
    await until('the payment is reported', () => reports.some((report) => report.includes(orderId)));
    expect(reports.filter((report) => report.includes(orderId))).toEqual([
      `PATCH /v1/orders/${orderId} {"status":"PAGO"}`,
    ]);
  });

  it('shows and reports a declined payment with its reason', async () => {
    const orderId = new Types.ObjectId().toHexString();
    const { body } = await pay(orderId, 1_000.01);
    expect(body).toMatchObject({ status: 'declined', amount: 1_000.01, declineReason: expect.any(String) });
    expect(body).not.toHaveProperty('chargeId');
    await until('the payment is reported', () => reports.some((report) => report.includes(orderId)));
    expect(reports).toContain(`PATCH /v1/orders/${orderId} {"status":"FALHA"}`);
  });

  it('reports an order again that comes again long after it was decided, as after a restore, and charges nothing more', async () => {
    const orderId = new Types.ObjectId().toHexString();
    await pay(orderId, 19.99);
    const reported = () => reports.filter((report) => report.includes(orderId));
    await until('the payment is reported', () => reported().length === 1);
    const mongo = await connectMongo({ mongodbUri });
    const longAgo = { $set: { updatedAt: new Date(Date.now() - 3_600_000) } };
    await mongo.collection('payments').updateOne({ _id: new Types.ObjectId(orderId) }, longAgo);
    await mongo.close();
    await producer.send([created(orderId, 19.99)]);
    await until('it is reported again', () => reported().length === 2);
    expect(new Set(reported())).toEqual(new Set([`PATCH /v1/orders/${orderId} {"status":"PAGO"}`]));
    expect((await call(`${provider.url}/charges?orderId=${orderId}`)).body.items).toHaveLength(1);
  });

  it('answers 404 for an order without a payment and 400 for what is no id', async () => {
    const missing = await get('/v1/payments/64b0000000000000ffffffff');
    expect([missing.status, missing.body.code]).toEqual([404, 'payment-not-found']);
    expect(missing.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const malformed = await get('/v1/payments/1');
    expect([malformed.status, malformed.body.errors]).toEqual([
      400,
      [{ at: 'path orderId', detail: 'must be 24 hex digits (0-9, a-f)' }],
    ]);
  });

  it('leaves the group at once on SIGTERM and ends in time, though the provider hangs and callers are answered a while longer', async () => {
    const hanging = createServer();
    await once(hanging.listen(0, '127.0.0.1'), 'listening');
    const uri = `${process.env.TEST_MONGODB_URI}/leaving-${randomUUID()}`;
    const mongo = await connectMongo({ mongodbUri: uri });
    const { store } = await mongoPaymentStore(mongo);
    await store.open(openPayment(new Types.ObjectId().toHexString(), 100, new Date(0)));
    await mongo.close();
    const asked = once(hanging, 'request');
    const leaving = await startService('payments', {
      ...{ MONGODB_URI: uri, KAFKA_BROKERS: brokers, ORDERS_URL: 'http://127.0.0.1:1' },
      PROVIDER_URL: `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`,
      ...{ UNFINISHED_AFTER_MS: '1000', DRAIN_DELAY_MS: '3000', SHUTDOWN_TIMEOUT_MS: '8000' },
    });
    await asked;
    const ended = leaving.stop();
    await leaving.line(({ msg }) => msg === 'left the group');
    expect((await call(`${leaving.url}/v1/payments/64b0000000000000ffffffff`)).status).toBe(404);
    expect(await ended).toEqual({ code: 0, signal: null });
    hanging.close();
    hanging.closeAllConnections();
  });

  it('tells how its connections are', async () => {
    const { body } = await until('Kafka has answered', async () => {
      const answer = await get('/health');
      return answer.body.kafka === 'connected' && answer;
    });
    expect(body).toEqual({ service: 'payments-service', kafka: 'connected', mongodb: 'connected' });
  });
});
