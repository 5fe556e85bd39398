import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TraceCollector, treeOf } from '../../scripts/testing/trace-collector.ts';
import { until } from '../../scripts/testing/until.ts';
import type { Replica } from './replica.ts';
import { Shop } from './shop.ts';

let collector: TraceCollector;
let shop: Shop;
let orders: Replica;
let payments: Replica;

beforeAll(async () => {
  collector = await TraceCollector.open();
  const tracing = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  };
  shop = await Shop.open({ environment: { all: tracing, payments: { OTEL_SERVICE_NAME: 'payments-of-test' } } });
  [orders, payments] = [shop.orders[0] as Replica, shop.payments[0] as Replica];
}, 90_000);
afterAll(async () => {
  await shop?.close();
  await collector?.close();
}, 30_000);

let made = 0;
/** A context as a caller sends it. */
function newCaller(flags = '01') {
  made += 1;
  const traceId = `${made}`.padStart(32, 'a');
  return { traceId, spanId: 'b7ad6b7169203331', traceparent: `00-${traceId}-b7ad6b7169203331-${flags}` };
}

async function place(traceparent: string): Promise<string> {
  const { status, body } = await shop.tryPlace(orders, 1, { traceparent });
  expect(status).toBe(201);
  return body.id;
}

const paid = (id: string) => until(`PAGO of ${id}`, async () => (await shop.order(id, 10)).body.status === 'PAGO');

describe('a trace', () => {
  it('is one tree of all that an order causes, from the request of its caller to the event that it is paid', async () => {
    const { traceId, spanId, traceparent } = newCaller();
    const id = await place(traceparent);
    const tree = await until('the whole tree', () => {
      const lines = treeOf(collector.of(traceId), spanId);
      return lines.length >= 12 && lines;
    });
    expect(tree).toEqual([
      'orders-service server POST /v1/orders',
      '  orders-service client GET /v1/clients/{id}',
      '    clients-service server GET /v1/clients/{id}',
      '  orders-service client GET /v1/products/{id}',
      '    products-service server GET /v1/products/{id}',
      '  orders-service producer send orders.created',
      '    payments-of-test consumer process orders.created',
      '      payments-of-test client PATCH /v1/orders/{id}',
      '        orders-service server PATCH /v1/orders/{id}',
      '          orders-service producer send orders.paid',
      '      payments-of-test client POST /charges',
      '        provider-service server POST /charges',
    ]);
    // Each process sends its spans when it likes, so those of a tree are asked for when it is whole.
    const spans = collector.of(traceId);
    expect(spans.filter(({ failed }) => failed)).toEqual([]);
    const consumed = spans.find(({ kind }) => kind === 'consumer');
    expect(consumed?.attributes).toMatchObject({
      'messaging.system': 'kafka',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'orders.created',
      'messaging.consumer.group.name': 'payments-service-group',
      'messaging.destination.partition.id': expect.stringMatching(/^[0-5]$/),
      'messaging.kafka.message.key': id,
      outcome: 'applied',
    });
    expect(consumed?.resource).toMatchObject({ 'deployment.environment.name': 'test', 'service.namespace': 'shop' });
    const [created] = (await shop.reader.records(['orders.created'])).filter(({ key }) => key === id);
    const sent = spans.find(({ name }) => name === 'send orders.created');
    expect(created?.headers.traceparent).toBe(`00-${traceId}-${sent?.spanId}-01`);
  }, 60_000);

  it('is found in the logs by its id, and the order by its own', async () => {
    const { traceId, traceparent } = newCaller();
    const id = await place(traceparent);
    await paid(id);
    const lines = [orders, payments, shop.provider].flatMap(({ name, process }) =>
      process.lines
        .filter((line) => line.trace_id === traceId)
        .map(({ msg, method, orderId }) => [name, msg, method, orderId]),
    );
    expect(lines).toEqual([
      ['orders', 'request', 'POST', id],
      ['orders', 'request', 'PATCH', id],
      ['payments', 'message handled', undefined, id],
      ['provider', 'request', 'POST', id],
    ]);
  }, 60_000);

  it('goes on in the next process when orders is killed between the write of an event and its publication', async () => {
    const { traceId, spanId, traceparent } = newCaller();
    await shop.stopKafka();
    const id = await place(traceparent);
    await collector.trace(traceId, ['POST /v1/orders']);
    await orders.kill();
    await shop.startKafka();
    const before = collector.of(traceId).filter(({ name, failed }) => name.startsWith('send') && !failed);
    expect(before).toEqual([]);
    await orders.start();
    await paid(id);
    const spans = await collector.trace(traceId, ['send orders.paid']);
    const request = spans.find(({ parentSpanId }) => parentSpanId === spanId);
    const sent = spans.find(({ name, failed }) => name === 'send orders.created' && !failed);
    expect(sent?.parentSpanId).toBe(request?.spanId);
    expect(sent?.resource['process.pid']).toBe(orders.process.pid);
    expect(request?.resource['process.pid']).not.toBe(orders.process.pid);
  }, 90_000);

  it('is not recorded where the caller says so, and its context is passed on all the same', async () => {
    const { traceId, traceparent } = newCaller('00');
    const id = await place(traceparent);
    await paid(id);
    const [created] = (await shop.reader.records(['orders.created'])).filter(({ key }) => key === id);
    expect(created?.headers.traceparent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
    const recorded = newCaller();
    await place(recorded.traceparent);
    await collector.trace(recorded.traceId, ['send orders.paid']);
    expect(collector.of(traceId)).toEqual([]);
  }, 60_000);

  it('is lost with its collector, and nothing else is', async () => {
    await collector.close();
    const ids = await Promise.all(Array.from({ length: 20 }, () => place(newCaller().traceparent)));
    await Promise.all(ids.map(paid));
    await orders.process.line(({ msg }) => msg === 'traces cannot be sent; the service goes on');
    expect(await shop.faultsAtRest()).toEqual([]);
    const stoppedAt = Date.now();
    expect(await orders.process.stop()).toEqual({ code: 0, signal: null });
    expect(Date.now() - stoppedAt).toBeLessThan(6_000);
  }, 90_000);
});
