import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { build } from 'esbuild';
import { kubectl } from '../cluster.ts';
import { getJson, inShop, installShop, podOutput, startPod } from './installed-shop.ts';
import { namespace } from './namespace.ts';

jest.setTimeout(600_000);
const suffix = randomBytes(3).toString('hex');
const foreign = `foreign-${suffix}`;
const probe = `kafka-probe-${suffix}`;

beforeAll(async () => {
  await installShop();
  await kubectl(['create', 'namespace', foreign]);
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'kafka-probe.ts')],
    ...{ bundle: true, platform: 'node', format: 'esm', minify: true, keepNames: true, write: false },
    banner: { js: "import { createRequire as cjs } from 'node:module'; const require = cjs(import.meta.url);" },
  });
  const data = { 'probe.mjs': outputFiles[0]?.text };
  await inShop(['create', '-f', '-'], { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: probe }, data });
});
afterAll(async () => {
  await kubectl(['delete', 'namespace', foreign, '--wait=false']);
  await inShop(['delete', 'configmap', probe]);
});

interface Container {
  [member: string]: unknown;
  env: object[];
  volumeMounts?: object[];
}
interface Template {
  spec: { containers: Container[]; volumes?: object[]; [member: string]: unknown };
}

/** Tries something on Kafka as `service`: with its user, its certificates and its place in the network. */
async function onKafkaAs(service: string, env: Readonly<Record<string, string>>): Promise<string> {
  const { spec } = await getJson<{ spec: { template: Template } }>(['deployment', service]);
  const { containers, volumes = [], topologySpreadConstraints: _, ...rest } = spec.template.spec;
  const [{ livenessProbe: _l, readinessProbe: _r, startupProbe: _s, ports: _p, ...container }] = containers as [
    Container,
  ];
  const name = `${probe}-${randomBytes(2).toString('hex')}`;
  await inShop(['create', '-f', '-'], {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { 'app.kubernetes.io/name': service } },
    spec: {
      ...rest,
      restartPolicy: 'Never',
      volumes: [...volumes, { name: 'probe', configMap: { name: probe } }],
      containers: [
        {
          ...container,
          args: ['/probe/probe.mjs'],
          env: [...container.env, ...Object.entries(env).map(([variable, value]) => ({ name: variable, value }))],
          volumeMounts: [...(container.volumeMounts ?? []), { name: 'probe', mountPath: '/probe' }],
        },
      ],
    },
  });
  return (await podOutput(name)).trim();
}

describe('Kafka', () => {
  const group = { GROUP: 'payments-service-group' };

  it('lets payments read orders.created and not write it', async () => {
    expect(await onKafkaAs('payments', { ACTION: 'describe', ...group })).toBe('done');
    expect(await onKafkaAs('payments', { ACTION: 'write', TOPIC: 'orders.created' })).toMatch(/not authorized/i);
  });

  it('lets the controller see the group and not read a topic', async () => {
    expect(await onKafkaAs('lag-controller', { ACTION: 'describe', ...group })).toBe('done');
    expect(await onKafkaAs('lag-controller', { ACTION: 'read', TOPIC: 'orders.created', ...group })).toMatch(
      /not authorized/i,
    );
  });
});

describe('the API server', () => {
  it.each([
    [`system:serviceaccount:${foreign}:default`, 'payments'],
    [`system:serviceaccount:${namespace}:default`, 'payments'],
    [`system:serviceaccount:${namespace}:lag-controller`, 'orders'],
  ])('refuses %s who scales %s', async (user, deployment) => {
    await expect(inShop(['scale', `deployment/${deployment}`, '--replicas=5', `--as=${user}`])).rejects.toThrow(
      /is forbidden/,
    );
  });
});

describe('the network', () => {
  const connect = (host: string, port: number) => `
    const { createConnection } = await import('node:net');
    const socket = createConnection({ host: '${host}.${namespace}.svc', port: ${port}, timeout: 5000 });
    socket.on('connect', () => { console.log('connected'); process.exit(); });
    socket.on('timeout', () => { console.log('no way'); process.exit(); });
    socket.on('error', (error) => { console.log('no way: ' + error.code); process.exit(); });`;
  const asTest = { labels: { 'app.kubernetes.io/name': 'shop-test', 'app.kubernetes.io/instance': 'shop' } };

  it('lets a pod in that may call orders', async () => {
    expect(await podOutput(await startPod(connect('orders', 3001), asTest))).toBe('connected\n');
  });

  it.each([
    ['mongo', 27_017],
    ['shop-kafka-bootstrap', 9_093],
    ['payments', 3_004],
    ['orders', 3_001],
    ['lag-controller', 3_005],
  ])('keeps a foreign pod out of %s', async (host, port) => {
    const options = { in: foreign };
    expect(await podOutput(await startPod(connect(host, port), options), options)).toMatch(
      /^no way(: ECONNREFUSED)?\n$/,
    );
  });
});
