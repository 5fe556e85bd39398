import { randomUUID } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Issuer } from '@shop/shared/auth/issuer.fixture';
import { freePort } from '../../../scripts/embedded/free-port.ts';
import { startKafka } from '../../../scripts/embedded/kafka.ts';
import { type Answer, call } from '../../../scripts/testing/call.ts';
import { type ServiceProcess, startService } from '../../../scripts/testing/service-process.ts';
import { until } from '../../../scripts/testing/until.ts';
import { fixtureTimeoutMs, OrdersFixture } from './orders-process.fixture.ts';

const { TEST_MONGODB_URI: mongodb = '' } = process.env;
const paymentsSubject = 'system:serviceaccount:shop:payments';

jest.setTimeout(60_000);

describe('a shop whose callers must show tokens', () => {
  let folder: string;
  let kafka: Awaited<ReturnType<typeof startKafka>>;
  let issuer: Issuer;
  let fixture: OrdersFixture;
  let provider: ServiceProcess;
  let payments: ServiceProcess;
  let caller: Record<string, string>;

  /** As Kubernetes does it: the new token is there at once, or not at all. */
  async function writeToken(name: string, token: string): Promise<string> {
    const file = join(folder, name);
    await writeFile(`${file}.new`, token);
    await rename(`${file}.new`, file);
    return file;
  }

  const tokens = () => ({ AUTH_ISSUER: issuer.url, AUTH_AUDIENCE: 'shop' });
  const bearer = async (subject: string) => ({ authorization: `Bearer ${await issuer.token(subject)}` });
  const decided = (id: string) =>
    call(`${fixture.orders.url}/v1/orders/${id}?wait=20`, { headers: caller }).then(({ body }) => body.status);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokens-'));
    // Not the one of all tests: its own payments would share the orders with those of other tests.
    kafka = await startKafka({ port: await freePort(), dataDir: join(folder, 'kafka') });
    const brokers = kafka.brokers.join();
    issuer = await Issuer.start();
    caller = await bearer('alice');
    const ordersToken = await writeToken('orders', await issuer.token('system:serviceaccount:shop:orders'));
    fixture = await OrdersFixture.open(
      { brokers, mongodb, catalog: tokens(), headers: caller },
      { ...tokens(), CATALOG_TOKEN_FILE: ordersToken },
    );
    await fixture.start({ AUTH_PAYMENTS_SUBJECTS: `other, ${paymentsSubject}`, CATALOG_CACHE_MS: '0' });
    provider = await startService('provider', { PROVIDER_LEDGER_FILE: join(folder, 'ledger') });
    payments = await startService('payments', {
      ...tokens(),
      MONGODB_URI: `${mongodb}/payments-${randomUUID()}`,
      KAFKA_BROKERS: brokers,
      ORDERS_URL: fixture.orders.url,
      ORDERS_TOKEN_FILE: await writeToken('payments', await issuer.token(paymentsSubject)),
      PROVIDER_URL: provider.url,
      OUTBOX_SWEEP_MS: '200',
    });
  }, fixtureTimeoutMs);

  afterAll(async () => {
    await payments?.stop();
    await fixture?.close();
    await issuer.stop();
    await kafka?.stop();
    await rm(folder, { recursive: true });
  });

  it('takes an order of anybody with a token, and payments pays it with its own', async () => {
    const { status, body } = await fixture.place(fixture.order, caller);
    expect(status).toBe(201);
    expect(await decided(body.id)).toBe('PAGO');
    const payment = await call(`${payments.url}/v1/payments/${body.id}`, { headers: caller });
    expect([payment.status, payment.body.status]).toEqual([200, 'paid']);
  });

  it('tells the idempotency keys of two callers apart', async () => {
    const place = async (subject: string) =>
      fixture.place(fixture.order, { ...(await bearer(subject)), 'idempotency-key': '1001' });
    const [one, other] = [await place('one'), await place('other')];
    expect([one.status, other.status, other.headers.has('idempotent-replayed')]).toEqual([201, 201, false]);
    expect(other.body.id).not.toBe(one.body.id);
    expect((await place('one')).body.id).toBe(one.body.id);
  });

  it('answers nobody else', async () => {
    const id = '64b0000000000000ffffffff';
    const urls = [
      `${fixture.orders.url}/v1/orders`,
      `${fixture.orders.url}/v1/orders/${id}`,
      `${fixture.clients.url}/v1/clients`,
      `${fixture.clients.url}/v1/clients/${fixture.order.clientId}`,
      `${fixture.products.url}/v1/products`,
      `${payments.url}/v1/payments/${id}`,
    ];
    expect((await Promise.all(urls.map((url) => call(url)))).map(({ status }) => status)).toEqual(urls.map(() => 401));
    const changes = [fixture.place(), fixture.change(id, 'CANCELADO'), fixture.change(id, 'PAGO')];
    expect((await Promise.all(changes)).map(({ status }) => status)).toEqual([401, 401, 401]);
  });

  it('lets nobody but payments say that an order is paid or failed, and anybody cancel', async () => {
    await call(`${provider.url}/faults`, { method: 'PUT', body: { faults: [{ kind: 'error-503', on: ['charge'] }] } });
    const { id } = (await fixture.place(fixture.order, caller)).body;
    const refused = await Promise.all(['PAGO', 'FALHA'].map((word) => fixture.change(id, word, caller)));
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(Array(2).fill([403, 'not-payments']));
    expect(refused[0]?.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope"');
    // Whether there is such an order is no business of theirs either.
    expect((await fixture.change('64b0000000000000ffffffff', 'PAGO', caller)).status).toBe(403);
    expect((await fixture.change(id, 'CANCELADO', caller)).status).toBe(200);
    await call(`${provider.url}/faults`, { method: 'PUT', body: {} });
    expect((await call(`${fixture.orders.url}/v1/orders/${id}`, { headers: caller })).body.status).toBe('CANCELADO');
  });

  it('goes on after the token of payments was refused: no order is lost, and the new token is read', async () => {
    await writeToken('payments', await issuer.token(paymentsSubject, { expiresInSeconds: -60 }));
    const { id } = (await fixture.place(fixture.order, caller)).body;
    await until<Answer | undefined>('it is charged', async () => {
      const answer = await call(`${payments.url}/v1/payments/${id}`, { headers: caller });
      return answer.body.status === 'paid' ? answer : undefined;
    });
    await fixture.orders.line(({ method, status }) => method === 'PATCH' && status === 401);
    expect((await call(`${fixture.orders.url}/v1/orders/${id}`, { headers: caller })).body.status).toBe('PENDENTE');
    await writeToken('payments', await issuer.token(paymentsSubject));
    expect(await decided(id)).toBe('PAGO');
  });

  it('tells tokens from secrets that may be shown: none is in any log', async () => {
    const output = [fixture.orders, fixture.clients, fixture.products, payments]
      .map((service) => service.output)
      .join('\n');
    expect(output).toContain(paymentsSubject);
    expect(output).not.toMatch(/eyJ[\w-]+\.[\w-]+/);
  });
});
