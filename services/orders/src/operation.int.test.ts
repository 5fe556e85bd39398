import { randomUUID } from 'node:crypto';
import SwaggerParser from '@apidevtools/swagger-parser';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { z } from 'zod';
import { type Answer, call } from '../../../scripts/testing/call.ts';
import { until } from '../../../scripts/testing/until.ts';
import { fixtureTimeoutMs, OrdersFixture } from './orders-process.fixture.ts';

const { TEST_KAFKA_BROKERS: brokers = '', TEST_MONGODB_URI: mongodb = '' } = process.env;
let fixture: OrdersFixture;

jest.setTimeout(30_000);

beforeAll(async () => {
  fixture = await OrdersFixture.open({ brokers, mongodb });
  await fixture.start();
}, fixtureTimeoutMs);
afterAll(() => fixture?.close());

type Schema = Parameters<typeof z.fromJSONSchema>[0];
interface Document {
  readonly openapi: string;
  readonly paths: Record<
    string,
    Record<string, { responses: Record<string, { content: Record<string, { schema: Schema }> }> }>
  >;
}

/** Throws with every difference between an answer and what the document says of it. */
function checkAnswer(document: Document, path: string, method: string, answer: Answer): void {
  const { content } = document.paths[path]?.[method]?.responses[answer.status] ?? {};
  const [mediaType = ''] = (answer.headers.get('content-type') ?? '').split(';');
  const schema = content?.[mediaType]?.schema;
  if (!schema) throw new Error(`${method} ${path}: an answer ${answer.status} of ${mediaType} is not described`);
  z.fromJSONSchema(schema).parse(answer.body);
}

describe('operating orders', () => {
  it('tells of its connections as the contract prints it', async () => {
    const { status, body } = await until('Kafka has answered', async () => {
      const answer = await fixture.get('/health');
      return answer.body.kafka === 'connected' && answer;
    });
    expect([status, body]).toEqual([200, { service: 'orders-service', kafka: 'connected', mongodb: 'connected' }]);
  });

  it('describes its API validly, and answers as described', async () => {
    const raw = (await fixture.get('/openapi.json')).body as never;
    const document = (await SwaggerParser.validate(raw)) as unknown as Document;
    expect(document.openapi).toMatch(/^3\.1\./);
    const placed = await fixture.place();
    const { id } = placed.body;
    const answers: [string, string, Answer][] = [
      ['/v1/orders', 'post', placed],
      ['/v1/orders', 'post', await fixture.place({})],
      ['/v1/orders', 'post', await fixture.place({ ...fixture.order, total: 1 })],
      ['/v1/orders', 'get', await fixture.get('/v1/orders')],
      ['/v1/orders/{id}', 'get', await fixture.get(`/v1/orders/${id}`)],
      ['/v1/orders/{id}', 'get', await fixture.get('/v1/orders/1')],
      ['/v1/orders/{id}', 'get', await fixture.get('/v1/orders/64b0000000000000ffffffff')],
      ['/v1/orders/{id}', 'patch', await fixture.change(id, 'PAGO')],
      ['/v1/orders/{id}', 'patch', await fixture.change(id, 'FALHA')],
      ['/v1/orders/{id}', 'patch', await fixture.change(id, 'PAGO', { 'if-match': '"v9"' })],
    ];
    for (const [path, method, answer] of answers) checkAnswer(document, path, method, answer);
  });

  it('counts what comes in, what is decided and what waits to be sent', async () => {
    const { text, headers } = await fixture.get('/metrics');
    expect(headers.get('content-type')).toMatch(/^text\/plain/);
    const names = [
      'orders_placed_total',
      'orders_decided_total',
      'order_decision_seconds_count',
      'outbox_delivered_total',
      'outbox_publish_delay_seconds_count',
      'outbox_pending_documents',
      'outbox_oldest_age_seconds',
      'outbox_failures_total',
      'outbox_fenced_total',
      'http_request_duration_seconds_count',
    ];
    expect(names.filter((name) => !text.includes(`# HELP ${name.replace(/_count$/, '')} `))).toEqual([]);
    expect(text).toMatch(/^orders_placed_total\{replayed="true",[^}]*\} \d+$/m);
  });

  it('takes a request id that is given, and makes one otherwise', async () => {
    const url = `${fixture.orders.url}/v1/orders`;
    const given = await call(url, { headers: { 'x-request-id': 'caller-1' } });
    expect(given.headers.get('x-request-id')).toBe('caller-1');
    expect((await call(url)).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    await fixture.orders.line(({ requestId, path }) => requestId === 'caller-1' && path === '/v1/orders');
  });

  it('writes no personal data into any log', async () => {
    const person = { name: 'Zuleica Quaresma', email: 'zuleica@example.org', phone: '21987654321', cpf: '98765432109' };
    const url = `${fixture.clients.url}/v1/clients`;
    const { id: clientId } = (await call(url, { body: person })).body;
    await call(url, { body: { ...person, cpf: `${person.cpf}0` } });
    await call(url, { body: JSON.stringify(person).slice(0, -1) });
    const key = randomUUID();
    const { id } = (await fixture.place({ ...fixture.order, clientId }, { 'idempotency-key': key })).body;
    await fixture.place({ ...fixture.order, clientId, total: 1 }, { 'idempotency-key': key });
    await fixture.change(id, 'PAGO');
    await fixture.change(id, 'FALHA');
    expect((await fixture.get(`/v1/orders/${id}`)).body.clientName).toBe(person.name);
    const services = [fixture.orders, fixture.clients, fixture.products];
    await Promise.all(services.map((service) => service.stop()));
    const output = services.map((service) => service.output).join('\n');
    expect(output).toContain(id);
    expect(Object.values(person).filter((value) => output.includes(value))).toEqual([]);
  });
});
