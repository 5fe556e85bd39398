import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { TopicReader, type TopicRecord } from '../../../scripts/chaos/topic-reader.ts';
import { call } from '../../../scripts/testing/call.ts';
import { until } from '../../../scripts/testing/until.ts';
import { fixtureTimeoutMs, OrdersFixture, walkThrough } from './orders-process.fixture.ts';

const { TEST_KAFKA_BROKERS: brokers = '', TEST_MONGODB_URI: mongodb = '' } = process.env;
const reader = new TopicReader(brokers.split(','), 6);
let fixture: OrdersFixture;

jest.setTimeout(30_000);

beforeAll(async () => {
  fixture = await OrdersFixture.open({ brokers, mongodb });
  await fixture.start();
}, fixtureTimeoutMs);
afterAll(() => fixture?.close());

/** The order's events as soon as there are `count` of them. */
const eventsOf = (id: string, count: number) =>
  until<TopicRecord[] | undefined>(`${count} events of the order`, async () => {
    const records = await reader.records(['orders.created', 'orders.paid', 'orders.failed']);
    const events = records.filter(({ key }) => key === id);
    return events.length >= count ? events : undefined;
  });

describe('the walk-through of the contract', () => {
  it('works as printed: a client, a product, an order, its change, and both events', async () => {
    const client = await call(`${fixture.clients.url}/v1/clients`, { body: walkThrough.client });
    const product = await call(`${fixture.products.url}/v1/products`, { body: walkThrough.product });
    const order = await fixture.place(
      walkThrough.order.replace('CLIENT_ID', client.body.id).replace('PRODUCT_ID', product.body.id),
    );
    expect([client.status, product.status, order.status]).toEqual([201, 201, 201]);
    const { id } = order.body;
    expect(order.headers.get('location')).toBe(`/v1/orders/${id}`);
    expect(order.headers.get('etag')).toBe('"v1"');
    expect(order.body).toEqual({
      ...{ id: expect.stringMatching(/^[0-9a-f]{24}$/), clientId: client.body.id, clientName: 'João' },
      ...{ items: [{ productId: product.body.id, quantity: 1, price: 100 }], total: 100 },
      ...{ payments: [{ typePaymentId: 1, amount: 100 }], status: 'PENDENTE', version: 1 },
      ...{ createdAt: expect.stringMatching(/Z$/), updatedAt: order.body.createdAt },
    });

    const url = `${fixture.orders.url}/v1/orders/${id}`;
    const changed = await call(url, { method: 'PATCH', body: walkThrough.change });
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"v2"']);
    expect(changed.body).toMatchObject({ status: 'PAGO', version: 2 });
    expect((await call(url)).body).toEqual(changed.body);

    const events = await eventsOf(id, 2);
    expect(events.map(({ topic, headers }) => [topic, headers.ce_id])).toEqual(
      expect.arrayContaining([
        ['orders.created', `${id}.1`],
        ['orders.paid', `${id}.2`],
      ]),
    );
  });
});

describe('changing an order', () => {
  it('changes it only if it still is what If-Match names', async () => {
    const { id } = (await fixture.place()).body;
    const stale = await fixture.change(id, 'PAGO', { 'if-match': '"v2"' });
    expect([stale.status, stale.body.code]).toEqual([412, 'version-mismatch']);
    expect((await fixture.change(id, 'PAGO', { 'if-match': '"v1"' })).status).toBe(200);
    expect((await fixture.change(id, 'PAGO', { 'if-match': '"v1"' })).status).toBe(412);
    expect((await fixture.change(id, 'PAGO', { 'if-match': '*' })).status).toBe(200);
  });

  it('answers a repeated change as the first, without another version or event', async () => {
    const { id } = (await fixture.place()).body;
    const answers = [
      await fixture.change(id, 'FALHA'),
      await fixture.change(id, 'FALHA'),
      await fixture.change(id, 'FALHA'),
    ];
    expect(answers.map(({ status, body }) => [status, body.version])).toEqual(Array(3).fill([200, 2]));
    // A later order's event is the barrier: another one of this order would have gone out before it.
    const later = (await fixture.place()).body.id;
    await eventsOf(later, 1);
    expect(await eventsOf(id, 2)).toHaveLength(2);
  });

  it.each(['PAGO', 'CANCELADO', 'FALHA'])('keeps %s for ever', async (status) => {
    const { id } = (await fixture.place()).body;
    await fixture.change(id, status);
    for (const other of ['PENDENTE', 'PAGO', 'CANCELADO', 'FALHA'].filter((word) => word !== status)) {
      const answer = await fixture.change(id, other);
      expect([answer.status, answer.body.code]).toEqual([409, 'illegal-transition']);
    }
    expect((await fixture.get(`/v1/orders/${id}`)).body).toMatchObject({ status, version: 2 });
  });
});

describe('an Idempotency-Key', () => {
  it('gets the first answer again, also when the order was decided meanwhile', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await fixture.place(fixture.order, headers);
    expect(first.headers.has('idempotent-replayed')).toBe(false);
    await fixture.change(first.body.id, 'PAGO');
    // Another order of members is the same order.
    const { total, items, ...rest } = fixture.order;
    const again = await fixture.place({ total, ...rest, items }, headers);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
    expect(again.body).toEqual(first.body);
    for (const name of ['location', 'etag']) expect(again.headers.get(name)).toBe(first.headers.get(name));
  });

  it('is refused with another body', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    await fixture.place(fixture.order, headers);
    const other = await fixture.place({ ...fixture.order, payments: [{ typePaymentId: 2, amount: 100 }] }, headers);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency-key-reused']);
    expect(other.body.errors.map(({ at }) => at)).toEqual(['header idempotency-key']);
  });

  it('makes one order of twenty posts at once', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => fixture.place(fixture.order, headers)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ headers: got }) => !got.has('idempotent-replayed'))).toHaveLength(1);
  });
});

describe('pages of orders', () => {
  it('hold every order of a client once, newest first, while others arrive, and are linked', async () => {
    const { id: clientId } = (await call(`${fixture.clients.url}/v1/clients`, { body: walkThrough.client })).body;
    const order = { ...fixture.order, clientId };
    const placed: string[] = [];
    for (let count = 0; count < 25; count += 1) placed.push((await fixture.place(order)).body.id);
    const seen: string[] = [];
    let path = `/v1/orders?limit=10&clientId=${clientId}`;
    for (const length of [10, 10, 5]) {
      const { body, headers } = await fixture.get(path);
      expect(body.items).toHaveLength(length);
      seen.push(...body.items.map(({ id }) => id));
      await fixture.place(order);
      path = /^<(.*)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1] ?? 'none';
      expect(path === 'none').toBe(body.next === null);
    }
    expect(path).toBe('none');
    expect(seen).toEqual(placed.toReversed());
    await fixture.change(placed[7] as string, 'PAGO');
    const paid = await fixture.get(`/v1/orders?clientId=${clientId}&status=PAGO`);
    expect(paid.body.items.map(({ id }) => id)).toEqual([placed[7]]);
  });
});
