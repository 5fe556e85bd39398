import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { call } from '../../../scripts/testing/call.ts';
import { closeAll } from '../../../scripts/testing/close-all.ts';
import { until } from '../../../scripts/testing/until.ts';
import { helm } from '../helm.ts';
import { evict, podNames } from './eviction.ts';
import { getJson, inShop, installShop, restPayments } from './installed-shop.ts';
import { namespace } from './namespace.ts';
import { type PortForward, portForward } from './port-forward.ts';

jest.setTimeout(600_000);

describe('the shop in a cluster', () => {
  beforeAll(installShop);

  let forwards: PortForward[] = [];
  afterAll(() => closeAll(...forwards.map(({ close }) => close)));

  it('pays an order that is placed through a port-forward', async () => {
    forwards = await Promise.all([
      portForward('service/orders', 3001),
      portForward('service/clients', 3002),
      portForward('service/products', 3003),
    ]);
    const [orders, clients, products] = forwards.map(({ url }) => url);
    const post = async (url: string, body: object) => (await call(url, { body })).body;
    const person = { name: 'João', email: 'joao@test.com', phone: '11999999999', cpf: '12345678901' };
    const client = await post(`${clients}/v1/clients`, person);
    const product = await post(`${products}/v1/products`, {
      name: 'Produto',
      description: 'Desc',
      price: 100,
      quantity: 10,
    });
    const { id } = await post(`${orders}/v1/orders`, {
      clientId: client.id,
      items: [{ productId: product.id, quantity: 1, price: 100 }],
      total: 100,
      payments: [{ typePaymentId: 1, amount: 100 }],
    });
    const isPaid = async () => (await call(`${orders}/v1/orders/${id}?wait=10`)).body.status === 'PAGO';
    await until('the order is paid', isPaid, 60_000);
  });

  it('passes `helm test`', async () => {
    expect(await helm(['test', 'shop', '--namespace', namespace, '--timeout', '3m'])).toMatch(/Phase:\s+Succeeded/);
  });

  it('lets any of its pods be evicted when a node is drained, also where there is one only', async () => {
    await restPayments();
    const names = await podNames();
    expect(names.filter((name) => name.startsWith('payments-'))).toHaveLength(1);
    for (const name of names) await evict(name, { isTrial: true });
  });

  it('runs in a namespace where PodSecurity «restricted» is enforced, every pod of it', async () => {
    const { metadata } = await getJson<{ metadata: { labels: Record<string, string> } }>(['namespace', namespace]);
    expect(metadata.labels['pod-security.kubernetes.io/enforce']).toBe('restricted');
    const { items } = await getJson<{ items: { status: { phase: string } }[] }>(['pods']);
    expect(items.length).toBeGreaterThan(8);
    expect(items.filter(({ status }) => status.phase !== 'Running' && status.phase !== 'Succeeded')).toEqual([]);
    const rooted = { image: 'orders:dev', name: 'rooted', securityContext: { runAsUser: 0 } };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'rooted' }, spec: { containers: [rooted] } };
    await expect(inShop(['apply', '-f', '-'], pod)).rejects.toThrow(/violates PodSecurity "restricted:latest"/);
  });
});
