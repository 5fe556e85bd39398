import { describe, expect, it, jest } from '@jest/globals';
import { kubectl } from '../cluster.ts';
import { type Rendering, render } from '../helm.ts';

jest.setTimeout(120_000);

const files = ['ci/smallest-values.yaml'];
const shop = (values: object) => render('shop', { files, values });

/** One policy's ways out, without DNS: the ports of each, and which service it leads to, where that is one of ours. */
const ways = (rendering: Rendering, name: string) =>
  (rendering.one('NetworkPolicy', name).spec.egress ?? [])
    .map(({ ports = [], to = [] }) => ({
      ports: ports.map(({ port }) => port),
      service: to[0]?.podSelector?.matchLabels?.['app.kubernetes.io/instance']
        ? to[0].podSelector.matchLabels['app.kubernetes.io/name']
        : undefined,
    }))
    .filter(({ ports }) => !ports.includes(53));

/** The ports of those that lead elsewhere than to services of ours. */
const waysOut = (rendering: Rendering, name: string) =>
  ways(rendering, name)
    .filter(({ service }) => service === undefined)
    .map(({ ports }) => ports);

const kafka = [9092, 9093, 9094];
const mongodb = [27017];
const issuer = [443, 6443];

describe('the ways out of the shop', () => {
  it('are those of the network policy where the values name no other', async () => {
    expect(waysOut(await shop({}), 'payments')).toEqual([kafka, mongodb, issuer, [443]]);
  });

  it.each([
    ['orders', { clients: 3002, products: 3003 }],
    ['payments', { orders: 3001, provider: 3010 }],
  ])('of %s to services that it calls are open by number, which Cilium wants', async (name, called) => {
    const rendering = await shop({ 'provider.enabled': true });
    const found = ways(rendering, name).filter(({ service }) => service !== undefined);
    expect(Object.fromEntries(found.map(({ service, ports }) => [service, ...ports]))).toEqual(called);
  });

  it.each([
    ['kafka:9096', [...kafka, 9096]],
    ['a.example.com:9096, b.example.com:9097,c:9096', [...kafka, 9096, 9097]],
  ])('lead to Kafka at %s', async (servers, ports) => {
    expect(waysOut(await shop({ 'kafka.bootstrapServers': servers }), 'orders')).toEqual([ports, mongodb, issuer]);
  });

  it.each([
    ['mongodb://mongo:27018', [...mongodb, 27018]],
    ['mongodb://a:27018,b,c:27019', [...mongodb, 27018, 27019]],
    ['mongodb://user:1234@[2001:db8::1]:27018', [...mongodb, 27018]],
    ['mongodb+srv://cluster.example.com', mongodb],
  ])('lead to MongoDB at %s', async (uri, ports) => {
    expect(waysOut(await shop({ 'mongodb.uri': uri }), 'clients')).toEqual([ports, issuer]);
  });

  it('lead to a MongoDB without a port by its usual one, where another is configured', async () => {
    const values = { 'mongodb.uri': 'mongodb://mongo', 'networkPolicy.mongodbPorts': [27018] };
    expect(waysOut(await shop(values), 'clients')).toEqual([[27018, 27017], issuer]);
  });

  it('stay as they are configured for addresses in Secrets, which a chart cannot read', async () => {
    const values = { 'mongodb.secret': 'addresses', 'mongodb.uri': 'mongodb://mongo:27018' };
    expect(waysOut(await shop(values), 'clients')).toEqual([mongodb, issuer]);
    const access = await render('shop', { files: ['ci/kafka-access-values.yaml'] });
    expect(waysOut(access, 'orders')).toEqual([kafka, mongodb, issuer]);
  });

  it.each([
    ['https://pay.example.com:8443/v1', [443, 8443]],
    ['http://pay.example.com', [443, 80]],
  ])('lead to the payment provider at %s', async (url, ports) => {
    expect(waysOut(await shop({ 'provider.url': url }), 'payments')?.at(-1)).toEqual(ports);
  });

  const external = { 'auth.tokensSecret': 'tokens', 'auth.paymentsSubjects': ['payments'] };

  it.each([
    [{ ...external, 'auth.issuer': 'https://login.example.com:9443/realms/shop' }, [...issuer, 9443]],
    [{ ...external, 'auth.issuer': 'https://login', 'auth.jwksUrl': 'http://keys:8080/jwks' }, [...issuer, 8080]],
    [{ 'auth.issuer': 'https://login', 'auth.jwksUrl': 'https://keys:9443/jwks' }, [...issuer, 9443]],
    [{ ...external, 'auth.issuer': 'https://login:8443,https://old' }, [...issuer, 8443]],
  ])('lead to the keys of the issuer with %j', async (values, ports) => {
    expect(waysOut(await shop(values), 'products')).toEqual([mongodb, ports]);
  });

  it('lead to the webhook', async () => {
    const webhook = { 'notifications.webhookUrl': 'https://hooks.example.com:8443/shop' };
    const rendering = await render('shop', { files: ['ci/kafka-access-values.yaml'], values: webhook });
    expect(waysOut(rendering, 'notifications')).toEqual([kafka, mongodb, issuer, [25, 443, 465, 587, 8443]]);
  });

  it('lead to the mail server as configured, also where a webhook is named that is not used', async () => {
    const webhook = { 'notifications.webhookUrl': 'https://hooks.example.com:8443/shop' };
    const rendering = await render('shop', { files: ['ci/staging-values.yaml'], values: webhook });
    expect(waysOut(rendering, 'notifications')?.at(-1)).toEqual([25, 443, 465, 587]);
  });

  it('are taken by the API server', async () => {
    const values = { 'kafka.bootstrapServers': 'kafka:9096', 'mongodb.uri': 'mongodb://mongo:27018' };
    const items = (await shop(values)).all('NetworkPolicy');
    const list = { apiVersion: 'v1', kind: 'List', items: items.map((item) => ({ ...item, metadata: { name: 'a' } })) };
    expect(await kubectl(['apply', '--server-side', '--dry-run=server', '-f', '-'], list)).toContain('networkpolicy');
  });
});

describe('the ways out of the lag controller', () => {
  it('lead to every broker that it is told of', async () => {
    const values = { 'kafka.bootstrapServers': 'a:9096,b:9097' };
    const rendering = await render('lag-controller', { files, values });
    expect(waysOut(rendering, 'r-lag-controller')).toEqual([issuer, [...kafka, 9096, 9097]]);
  });

  it('stay as they are configured where a Secret names the brokers', async () => {
    const values = { 'networkPolicy.enabled': true };
    const rendering = await render('lag-controller', { files: ['ci/kafka-access-values.yaml'], values });
    expect(waysOut(rendering, 'r-lag-controller')).toEqual([issuer, kafka]);
  });
});
