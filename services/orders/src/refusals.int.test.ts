import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SampleOrder } from '../../../scripts/load/shop-api.ts';
import { type Answer, call } from '../../../scripts/testing/call.ts';
import { fixtureTimeoutMs, OrdersFixture } from './orders-process.fixture.ts';

const { TEST_KAFKA_BROKERS: brokers = '', TEST_MONGODB_URI: mongodb = '' } = process.env;
const unknownId = '64b0000000000000ffffffff';
let fixture: OrdersFixture;

beforeAll(async () => {
  fixture = await OrdersFixture.open({ brokers, mongodb });
  await fixture.start();
}, fixtureTimeoutMs);
afterAll(() => fixture?.close());

const url = (path: string) => fixture.orders.url + path;
const item = (more: object) => [{ ...fixture.order.items[0], ...more }];
const pays = (amount: number) => [{ typePaymentId: 1, amount }];

function expectProblem(answer: Answer, status: number, at: readonly string[]): void {
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.body).toMatchObject({
    status,
    type: expect.stringMatching(/^urn:shop:problem:[a-z-]+$/),
    instance: `urn:request:${answer.headers.get('x-request-id')}`,
  });
  expect([answer.status, (answer.body.errors ?? []).map((fault) => fault.at)]).toEqual([status, at]);
}

describe('an order that is refused', () => {
  const bodies: [string, number, string[], (order: SampleOrder) => unknown][] = [
    ['unknown client', 422, ['#/clientId'], (order) => ({ ...order, clientId: unknownId })],
    ['unknown product', 422, ['#/items/0/productId'], (order) => ({ ...order, items: item({ productId: unknownId }) })],
    [
      'wrong price',
      422,
      ['#/items/0/price'],
      (order) => ({ ...order, items: item({ price: 99 }), total: 99, payments: pays(99) }),
    ],
    ['wrong total', 422, ['#/total'], (order) => ({ ...order, total: 101, payments: pays(101) })],
    ['payments that do not add up', 422, ['#/payments'], (order) => ({ ...order, payments: pays(99.99) })],
    [
      'several wrong things',
      422,
      ['#/clientId', '#/total', '#/payments'],
      (order) => ({ ...order, clientId: unknownId, total: 1 }),
    ],
    ['quantity 0', 400, ['#/items/0/quantity'], (order) => ({ ...order, items: item({ quantity: 0 }) })],
    ['negative quantity', 400, ['#/items/0/quantity'], (order) => ({ ...order, items: item({ quantity: -1 }) })],
    ['half a product', 400, ['#/items/0/quantity'], (order) => ({ ...order, items: item({ quantity: 0.5 }) })],
    ['three decimals in a price', 400, ['#/items/0/price'], (order) => ({ ...order, items: item({ price: 100.001 }) })],
    ['three decimals in the total', 400, ['#/total'], (order) => ({ ...order, total: 100.001 })],
    ['negative payment', 400, ['#/payments/0/amount'], (order) => ({ ...order, payments: pays(-100) })],
    ['total of 0', 400, ['#/total'], (order) => ({ ...order, total: 0 })],
    ['amount as text', 400, ['#/total'], (order) => ({ ...order, total: '100' })],
    ['no items', 400, ['#/items'], (order) => ({ ...order, items: [] })],
    ['malformed client id', 400, ['#/clientId'], (order) => ({ ...order, clientId: '1' })],
    ['missing total', 400, ['#/total'], ({ total: _, ...order }) => order],
    ['unknown member', 400, ['#/more'], (order) => ({ ...order, more: 1 })],
    ['unknown member of an item', 400, ['#/items/0/more'], (order) => ({ ...order, items: item({ more: 1 }) })],
    ['list for an order', 400, ['#'], (order) => [order]],
    ['malformed JSON', 400, [], () => '{"clientId":'],
    ['nothing but white space', 400, [], () => ' '],
    ['more than 64 kB', 413, [], (order) => ({ ...order, more: 'x'.repeat(64 * 1_024) })],
  ];
  it.each(bodies)('%s: %d %j', async (_title, status, at, make) => {
    expectProblem(await fixture.place(make(fixture.order)), status, at);
  });

  it('is none of the listed ones afterwards', async () => {
    expect((await fixture.get('/v1/orders')).body.items).toEqual([]);
  });
});

describe('a request that is refused', () => {
  const requests: [string, number, string[], () => Promise<Answer>][] = [
    [
      'another content type',
      415,
      [],
      () => fixture.place(JSON.stringify(fixture.order), { 'content-type': 'text/plain' }),
    ],
    [
      'another character set',
      415,
      [],
      () => fixture.place(JSON.stringify(fixture.order), { 'content-type': 'application/json; charset=latin1' }),
    ],
    ['no body', 415, [], () => call(url('/v1/orders'), { method: 'POST' })],
    ['empty body', 400, ['#/clientId', '#/items', '#/total', '#/payments'], () => fixture.place('')],
    [
      'key with a space',
      400,
      ['header idempotency-key'],
      () => fixture.place(fixture.order, { 'idempotency-key': 'a b' }),
    ],
    ['malformed id', 400, ['path id'], () => fixture.get('/v1/orders/1')],
    ['malformed id in a change', 400, ['path id'], () => fixture.change('1', 'PAGO')],
    ['malformed If-Match', 400, ['header if-match'], () => fixture.change(unknownId, 'PAGO', { 'if-match': '1' })],
    ['unknown status word', 400, ['#/status'], () => fixture.change(unknownId, 'PAID')],
    ['unknown status word in a list', 400, ['query status'], () => fixture.get('/v1/orders?status=pago')],
    ['page that is too long', 400, ['query limit'], () => fixture.get('/v1/orders?limit=101')],
    ['made-up cursor', 400, ['query after'], () => fixture.get('/v1/orders?after=1')],
    ['misspelt parameter', 400, ['query wiat'], () => fixture.get(`/v1/orders/${unknownId}?wiat=1`)],
    ['wait that is too long', 400, ['query wait'], () => fixture.get(`/v1/orders/${unknownId}?wait=31`)],
    ['unknown order', 404, [], () => fixture.get(`/v1/orders/${unknownId}`)],
    ['change of an unknown order', 404, [], () => fixture.change(unknownId, 'PAGO')],
    ['unknown path', 404, [], () => fixture.get('/v2/orders')],
    ['another method', 405, [], () => call(url('/v1/orders'), { method: 'DELETE' })],
  ];
  it.each(requests)('%s: %d %j', async (_title, status, at, send) => {
    expectProblem(await send(), status, at);
  });

  it('is told which methods there are', async () => {
    const answer = await call(url('/v1/orders'), { method: 'DELETE' });
    expect(answer.headers.get('allow')?.split(', ').toSorted()).toEqual(['GET', 'HEAD', 'POST']);
  });
});
