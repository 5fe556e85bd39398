import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { until } from '../../scripts/testing/until.ts';
import { ordersCreated } from '../../services/shared/src/contracts/topics.ts';
import { readSettings } from '../../services/shared/src/env.ts';
import { connectKafka, type Kafka } from '../../services/shared/src/kafka/connect.ts';
import type { Producer } from '../../services/shared/src/kafka/producer.ts';
import type { OutgoingRecord } from '../../services/shared/src/kafka/records.ts';
import { kafkaSettings } from '../../services/shared/src/kafka/settings.ts';
import { createLog } from '../../services/shared/src/log.ts';
import { describeRequest, hostileRequest, sendRaw } from './hostile-requests.ts';
import { hostileBytes } from './hostile-values.ts';
import { deadLetters, paymentsGroup, Shop } from './shop.ts';

jest.setTimeout(400_000);

const hexId = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 24, maxLength: 24 });
let shop: Shop;
let kafka: Kafka;
let producer: Producer;

beforeAll(async () => {
  shop = await Shop.open();
  const settings = readSettings(kafkaSettings, { KAFKA_BROKERS: shop.brokers.join() });
  kafka = connectKafka(settings, { clientId: 'hostile', log: createLog('test', { logLevel: 'silent' }) });
  producer = kafka.producer();
}, 240_000);

afterAll(async () => {
  await producer?.close();
  await kafka?.close();
  await shop?.close();
});

function expectAllAlive(): void {
  const services = [...shop.orders, ...shop.payments, ...shop.catalog];
  expect(services.filter(({ process }) => !process.isRunning).map(({ name }) => name)).toEqual([]);
}

/** That each is paid, and was charged once. */
async function expectPaid(ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    expect((await shop.order(id, 20)).body.status).toBe('PAGO');
    expect((await shop.ledger(id)).filter(({ kind }) => kind === 'ledger')).toHaveLength(1);
  }
}

describe('two thousand hostile requests', () => {
  it('are never answered by a fault of ours, and the orders between them are placed and paid', async () => {
    const { clientId, productId } = shop.sample;
    const items = [{ productId, quantity: 1, price: 4_500 }];
    const order = { clientId, items, total: 4_500, payments: [{ typePaymentId: 1, amount: 4_500 }] };
    const client = { name: 'João Silva', email: 'joao@example.com', phone: '11999999999', cpf: '12345678901' };
    const product = { name: 'Notebook', description: '14 polegadas', price: 4_500, quantity: 1 };
    const [orders, payments, clients, products] = [...shop.orders, ...shop.payments, ...shop.catalog].map(
      ({ process }) => process.port,
    );
    const to = (port: number | undefined, path: string, base: object) =>
      hostileRequest(path, base).map((request) => ({ port: port as number, request }));
    const requests = fc.oneof(
      { weight: 6, arbitrary: to(orders, '/v1/orders', order) },
      { weight: 1, arbitrary: to(orders, '/v1/orders', { status: 'PAGO' }) },
      { weight: 2, arbitrary: to(clients, '/v1/clients', client) },
      { weight: 2, arbitrary: to(products, '/v1/products', product) },
      { weight: 1, arbitrary: to(payments, '/v1/payments', {}) },
    );
    const placed: string[] = [];
    await fc.assert(
      fc.asyncProperty(fc.array(requests, { minLength: 20, maxLength: 20 }), async (batch) => {
        const good = shop.place();
        const faults = await Promise.all(
          batch.map(async ({ port, request }) => {
            const status = await sendRaw(port, request);
            return status !== undefined && status >= 500 ? [`${status}: ${describeRequest(request)}`] : [];
          }),
        );
        placed.push(await good);
        expect(faults.flat()).toEqual([]);
      }),
      { numRuns: 100, endOnFailure: true },
    );
    await expectPaid(placed);
    expectAllAlive();
  });
});

describe('two thousand hostile messages', () => {
  const event = {
    ...{ orderId: '64b000000000000000000000', clientId: '64b000000000000000000001', total: 10.5, status: 'PENDENTE' },
    items: [{ productId: '64b000000000000000000002', quantity: 1, price: 10.5 }],
    ...{ itemsCount: 1, createdAt: '2026-01-31T12:00:00.000Z' },
  };
  const headerValue = fc.oneof(
    fc.constantFrom('', 'orders.created', '1.0', 'x\r\ny: z', '\u0000', 'é', '00-0-0-0', null),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  );
  const headerName = fc.constantFrom(
    ...['ce_type', 'ce_id', 'ce_sequence', 'traceparent', 'content-type', 'constructor', 'toString', 'dlq-error-code'],
    '__dlq.errors.topic',
  );
  const message = fc.record({
    key: fc.option(
      fc.oneof(
        hexId,
        fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
      ),
    ),
    value: fc.option(
      hexId.chain((orderId) => hostileBytes({ ...event, orderId })),
      { freq: 20 },
    ),
    headers: fc.dictionary(headerName, fc.oneof(headerValue, fc.array(headerValue, { maxLength: 3 })), { maxKeys: 3 }),
  });

  it('each become a payment or a dead letter, and the orders between them are paid', async () => {
    const sent = fc.sample(message, { numRuns: 2_000 });
    const placed: string[] = [];
    for (let from = 0; from < sent.length; from += 50) {
      const batch = sent.slice(from, from + 50).map(
        ({ headers, ...rest }, index): OutgoingRecord => ({
          ...{ topic: ordersCreated, ...rest },
          headers: { ...headers, 'test-number': String(from + index) },
        }),
      );
      const [id] = await Promise.all([shop.place(), producer.send(batch)]);
      placed.push(id);
    }
    await expectPaid(placed);
    await until('every message is finished', async () => {
      const positions = await shop.reader.positions(paymentsGroup, ordersCreated);
      return positions.every(({ end, committed }) => end === committed);
    });
    // Leaves a byte order mark out, as payments does.
    const decoder = new TextDecoder();
    const letters = await shop.reader.records([deadLetters]);
    const refused = new Set(letters.map(({ headers }) => Number(headers['test-number'])));
    const paid = sent.flatMap(({ value }, number) =>
      refused.has(number) ? [] : [JSON.parse(decoder.decode(value as Buffer)).orderId],
    );
    expect([refused.size > 1_000, paid.length > 20]).toEqual([true, true]);
    for (const orderId of paid) expect((await shop.payment(orderId)).status).toBe(200);
    expectAllAlive();
  });
});
