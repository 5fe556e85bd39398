import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type Answer, call } from '../../../scripts/testing/call.ts';
import { until } from '../../../scripts/testing/until.ts';
import { kubectl } from '../cluster.ts';
import { charts, helm } from '../helm.ts';
import { imageTag } from './installed-shop.ts';
import { type PortForward, portForward } from './port-forward.ts';

jest.setTimeout(900_000);

const namespace = `tokens-${randomBytes(3).toString('hex')}`;
const inNamespace = (...args: string[]) => kubectl(['--namespace', namespace, ...args]);

/** A shop of its own, on the small Kafka beside that of the others, with the cluster's own tokens and without a lag controller. */
async function installShop(): Promise<void> {
  await kubectl(['create', 'namespace', namespace]);
  await inNamespace('apply', '-k', join(dirname(process.env.SHOP_KAFKA ?? 'k8s/kafka/staging'), 'dev'));
  await inNamespace('apply', '-k', 'k8s/mongo/base');
  await inNamespace('wait', 'kafka/shop', '--for=condition=Ready', '--timeout=400s');
  const values = {
    'auth.enabled': true,
    'payments.autoscaling.enabled': false,
    'payments.replicas': 1,
    'image.tag': imageTag,
  };
  const set = Object.entries(values).flatMap(([name, value]) => ['--set-json', `${name}=${JSON.stringify(value)}`]);
  const file = join(charts, 'shop/values-dev.yaml');
  const target = ['--namespace', namespace, '--values', file, '--wait', '--timeout', '400s'];
  await helm(['install', 'shop', join(charts, 'shop'), ...target, ...set]);
}

describe('a shop that trusts the tokens of its cluster', () => {
  let forwards: PortForward[];
  let [orders, clients, products] = ['', '', ''];
  let caller: Record<string, string>;
  let order: object;

  const tokenOf = async (account: string, ...args: string[]) => ({
    authorization: `Bearer ${(await inNamespace('create', 'token', account, ...args)).trim()}`,
  });
  const place = (headers: Record<string, string>): Promise<Answer> =>
    call(`${orders}/v1/orders`, { body: order, headers });
  const change = (id: string, status: string, headers: Record<string, string>): Promise<Answer> =>
    call(`${orders}/v1/orders/${id}`, { method: 'PATCH', body: { status }, headers });

  beforeAll(async () => {
    await installShop();
    await inNamespace('create', 'serviceaccount', 'caller');
    caller = await tokenOf('caller', '--audience', 'shop');
    const ports = [
      ['orders', 3001],
      ['clients', 3002],
      ['products', 3003],
    ] as const;
    forwards = await Promise.all(ports.map(([name, port]) => portForward(`service/${name}`, port, { in: namespace })));
    [orders, clients, products] = forwards.map(({ url }) => url) as [string, string, string];
    const person = { name: 'João', email: 'joao@test.com', phone: '11999999999', cpf: '12345678901' };
    const product = { name: 'Produto', description: 'Desc', price: 100, quantity: 10 };
    const headers = caller;
    const [clientId, productId] = [
      (await call(`${clients}/v1/clients`, { body: person, headers })).body.id,
      (await call(`${products}/v1/products`, { body: product, headers })).body.id,
    ];
    const items = [{ productId, quantity: 1, price: 100 }];
    order = { clientId, items, total: 100, payments: [{ typePaymentId: 1, amount: 100 }] };
  });
  afterAll(async () => {
    for (const forward of forwards ?? []) await forward.close();
    await kubectl(['delete', 'namespace', namespace, '--wait=false']);
  });

  it('takes an order of a service account, and payments reports with its own', async () => {
    const { status, body } = await place(caller);
    expect(status).toBe(201);
    const isPaid = async () =>
      (await call(`${orders}/v1/orders/${body.id}?wait=10`, { headers: caller })).body.status === 'PAGO';
    await until('the order is paid', isPaid, 120_000);
  });

  it('answers nobody without a token, nor with one that is for the API server', async () => {
    for (const url of [`${orders}/v1/orders`, `${clients}/v1/clients`, `${products}/v1/products`]) {
      expect((await call(url)).status).toBe(401);
      const { status, body } = await call(url, { headers: await tokenOf('caller') });
      expect([status, body.detail]).toEqual([401, 'The token is for another audience.']);
    }
  });

  it('lets no other service account say that an order is paid, of orders itself neither', async () => {
    const { id } = (await place(caller)).body;
    for (const headers of [caller, await tokenOf('orders', '--audience', 'shop')])
      expect((await change(id, 'FALHA', headers)).body.code).toBe('not-payments');
    expect((await change(id, 'CANCELADO', caller)).body.code).not.toBe('not-payments');
  });

  it('passes `helm test`, whose pod has a token too', async () => {
    expect(await helm(['test', 'shop', '--namespace', namespace, '--timeout', '4m'])).toMatch(/Phase:\s+Succeeded/);
  });
});
