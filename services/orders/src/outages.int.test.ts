import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { LoopbackListener } from '../../../scripts/chaos/loopback-listener.ts';
import type { Answer } from '../../../scripts/testing/call.ts';
import { proxyOf } from '../../../scripts/testing/tcp-proxy.ts';
import { until } from '../../../scripts/testing/until.ts';
import { OrdersFixture } from './orders-process.fixture.ts';

const { TEST_KAFKA_BROKERS: brokers = '', TEST_MONGODB_URI: mongodb = '' } = process.env;
let fixture: OrdersFixture | undefined;

afterEach(() => fixture?.close());

const outcome = ({ status, headers, body }: Answer) => [status, headers.get('retry-after'), body.code];

/** MongoDB, which answers everything but the making of that index, as for a collection that takes minutes to read. */
async function mongodbThatHangsAt(index: string): Promise<{ uri: string; close: () => Promise<void> }> {
  const { hostname, port, host } = new URL(mongodb);
  const sockets = new Set<Socket>();
  const listener = new LoopbackListener((near) => {
    const far = connect(Number(port), hostname);
    near.on('data', (chunk) => {
      if (!(chunk.includes('createIndexes') && chunk.includes(index))) far.write(chunk);
    });
    far.pipe(near);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => (socket === near ? far : near).destroy());
    }
  });
  await listener.open();
  return {
    uri: mongodb.replace(host, `127.0.0.1:${listener.port}`),
    close: () =>
      listener.close(() => {
        for (const socket of sockets) socket.destroy();
      }),
  };
}

describe('orders in an outage', () => {
  it('asks to try again while clients is down, and still repeats the answer under a known key', async () => {
    fixture = await OrdersFixture.open({ brokers, mongodb }, { CATALOG_CACHE_MS: '0' });
    await fixture.start();
    const headers = { 'idempotency-key': randomUUID() };
    const first = await fixture.place(fixture.order, headers);
    await fixture.clients.kill();
    expect(outcome(await fixture.place())).toEqual([503, '2', 'catalog-unavailable']);
    const again = await fixture.place(fixture.order, headers);
    expect([again.status, again.body, again.headers.get('idempotent-replayed')]).toEqual([201, first.body, 'true']);
    expect((await fixture.get('/readyz')).status).toBe(200);
  }, 60_000);

  it('asks to try again while MongoDB is away, and goes on by itself when it is back', async () => {
    const { proxy, uri } = await proxyOf(mongodb);
    try {
      fixture = await OrdersFixture.open({ brokers, mongodb }, { MONGODB_URI: `${uri}/orders-${randomUUID()}` });
      const { pid } = await fixture.start();
      const { id } = (await fixture.place()).body;
      await proxy.close();
      const answers = await Promise.all([
        fixture.place(),
        fixture.change(id, 'PAGO'),
        fixture.get(`/v1/orders/${id}`),
        fixture.get('/v1/orders'),
      ]);
      expect(answers.map(outcome)).toEqual(Array(4).fill([503, '2', 'database-unavailable']));
      const back = fixture;
      await until('orders is not ready', async () => (await back.get('/readyz')).status === 503, 2_000);
      expect((await back.get('/livez')).status).toBe(200);
      const health = await until('Kafka has answered', async () => {
        const answer = await back.get('/health');
        return answer.body.kafka === 'connected' && answer;
      });
      expect([health.status, health.body.mongodb]).toEqual([200, 'disconnected']);

      await proxy.open();
      await until('orders is ready again', async () => (await back.get('/readyz')).status === 200);
      expect((await fixture.change(id, 'PAGO')).body).toMatchObject({ status: 'PAGO', version: 2 });
      expect((await fixture.place()).status).toBe(201);
      expect([fixture.orders.isRunning, fixture.orders.pid]).toEqual([true, pid]);
    } finally {
      await fixture?.close();
      await proxy.close();
    }
  }, 60_000);

  it('starts and serves while MongoDB makes the indexes of the lists, and says that lists are slow when it takes long', async () => {
    const { uri, close } = await mongodbThatHangsAt('clientId_1__id_-1');
    try {
      fixture = await OrdersFixture.open({ brokers, mongodb }, { MONGODB_URI: `${uri}/orders-${randomUUID()}` });
      const orders = await fixture.start();
      expect((await fixture.place()).status).toBe(201);
      expect((await fixture.get(`/v1/orders?clientId=${fixture.order.clientId}`)).body.items).toHaveLength(1);
      expect(await orders.line(({ msg }) => msg.startsWith('lists are slow'))).toMatchObject({ level: 'warn' });
      expect((await fixture.place()).status).toBe(201);
      expect(orders.isRunning).toBe(true);
    } finally {
      await fixture?.close();
      await close();
    }
  }, 60_000);
});
