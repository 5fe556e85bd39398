import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AppsV1Api, type Cluster, KubeConfig, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { kubectl } from '../cluster.ts';
import { ensureShop, podOutput, startPod } from './installed-shop.ts';
import { bringKafkaProbes, type KafkaProbes } from './kafka-probes.ts';
import { namespace } from './namespace.ts';

jest.setTimeout(600_000);
const foreign = `foreign-${randomBytes(3).toString('hex')}`;
let kafka: KafkaProbes;

beforeAll(async () => {
  await ensureShop();
  await kubectl(['create', 'namespace', foreign]);
  kafka = await bringKafkaProbes();
});
afterAll(async () => {
  await kubectl(['delete', 'namespace', foreign, '--wait=false']);
  await kafka.remove();
});

describe('Kafka', () => {
  const group = { GROUP: 'payments-service-group' };

  it('lets payments read orders.created and not write it', async () => {
    const [described, wrote] = await Promise.all([
      kafka.as('payments', { ACTION: 'describe', ...group }),
      kafka.as('payments', { ACTION: 'write', TOPIC: 'orders.created' }),
    ]);
    expect(described).toBe('done');
    expect(wrote).toMatch(/not authorized/i);
  });

  it('lets payments read a topic by a bare fetch, and the controller see the group only', async () => {
    const read = { TOPIC: 'orders.created' };
    const [fetched, described, denied] = await Promise.all([
      kafka.as('payments', read, 'kafka-fetch-probe'),
      kafka.as('lag-controller', { ACTION: 'describe', ...group }),
      kafka.as('lag-controller', read, 'kafka-fetch-probe'),
    ]);
    expect([fetched, described]).toEqual(['done', 'done']);
    expect(denied).toMatch(/topic authorization failed/i);
  });
});

/** Scales a Deployment as a ServiceAccount, with a token of its own; in a dry run, so that nobody is disturbed. */
async function scaleAs(account: string, home: string, deployment: string): Promise<number | undefined> {
  const config = new KubeConfig();
  config.loadFromDefault();
  const token = (await kubectl(['create', 'token', account, '--namespace', home])).trim();
  config.loadFromClusterAndUser(config.getCurrentCluster() as Cluster, { name: account, token });
  const { spec } = await config
    .makeApiClient(AppsV1Api)
    .patchNamespacedDeploymentScale(
      { name: deployment, namespace, body: { spec: { replicas: 5 } }, dryRun: 'All' },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
  return spec?.replicas;
}

describe('the API server', () => {
  it('lets the controller scale payments', async () => {
    expect(await scaleAs('lag-controller', namespace, 'payments')).toBe(5);
  });

  it.each([
    ['default', foreign, 'payments'],
    ['default', namespace, 'payments'],
    ['lag-controller', namespace, 'orders'],
  ])('refuses %s of %s who scales %s', async (account, home, deployment) => {
    await expect(scaleAs(account, home, deployment)).rejects.toMatchObject({ code: 403 });
  });
});

describe('the network', () => {
  const connect = (host: string, port: number) => `
    const { createConnection } = await import('node:net');
    const socket = createConnection({ host: '${host}.${namespace}.svc', port: ${port}, timeout: 5000 });
    socket.on('connect', () => { console.log('connected'); process.exit(); });
    socket.on('timeout', () => { console.log('no way'); process.exit(); });
    socket.on('error', (error) => { console.log('no way: ' + error.code); process.exit(); });`;
  const named = (name: string) => ({ 'app.kubernetes.io/name': name });

  const targets = [
    ['mongo', 27_017, named('payments')],
    ['shop-kafka-bootstrap', 9_093, named('payments')],
    ['payments', 3_004, named('lag-controller')],
    ['orders', 3_001, { ...named('shop-test'), 'app.kubernetes.io/instance': 'shop' }],
  ] as const;
  const told = new Map<string, readonly string[]>();

  beforeAll(async () => {
    await Promise.all(
      targets.map(async ([host, port, labels]) => {
        const visitors = [
          startPod(connect(host, port), { labels }).then((pod) => podOutput(pod)),
          startPod(connect(host, port), { labels, in: foreign }).then((pod) => podOutput(pod, { in: foreign })),
        ];
        told.set(host, await Promise.all(visitors));
      }),
    );
  });

  /** Who may is let in, so the port is open and a refusal is the policy's. */
  it.each(targets.map(([host]) => host))('lets into %s who may call it, and keeps a foreign pod out', (host) => {
    expect(told.get(host)).toEqual(['connected\n', expect.stringMatching(/^no way(: ECONNREFUSED)?\n$/)]);
  });

  it('lets nobody into the controller where nobody was named', async () => {
    const visitor = await startPod(connect('lag-controller', 3_005), { labels: named('payments') });
    expect(await podOutput(visitor)).toMatch(/^no way(: ECONNREFUSED)?\n$/);
  });
});
