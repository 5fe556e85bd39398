/** `npm run up`, `wait` and `down`, as a person types them, on the cluster that KUBECONFIG names; Strimzi must be in it. */
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type RunResult, run } from '../../scripts/embedded/run.ts';
import { kubectl } from './cluster.ts';

const namespace = `up-${randomBytes(3).toString('hex')}`;
const others = `${namespace}-others`;
const patienceMs = 240_000;

const npm = (script: string, ...flags: string[]): Promise<RunResult> =>
  run('npm', ['run', '--silent', script, '--', '--namespace', namespace, ...flags]);
const down = (...flags: string[]) => npm('down', '--execute', '--keep-operators', ...flags);
// Where a stand-in serves Strimzi's resources, its folder: the real operator has another idea of the network policy there.
const kafka = join(dirname(process.env.SHOP_KAFKA ?? 'k8s/kafka/staging'), 'dev');
const up = () => npm('up', '--kafka', kafka, '--only', 'kafka,mongo', '--timeout', '200');

async function names(kind: string, where = namespace): Promise<string[]> {
  const list = await kubectl(['-n', where, 'get', kind, '--ignore-not-found', '-o', 'name']);
  return list.split('\n').filter(Boolean);
}

/** Which process of a pod it is, and of which revision everything is. */
async function state(): Promise<string> {
  const kinds = 'pods,kafkas,kafkanodepools,kafkatopics,statefulsets,services,networkpolicies';
  const path = '{range .items[*]}{.kind}/{.metadata.name} {.metadata.uid} {.metadata.generation}{"\\n"}{end}';
  return kubectl(['-n', namespace, 'get', kinds, '-o', `jsonpath=${path}`]);
}

jest.setTimeout(120_000);

let first: RunResult;

beforeAll(async () => {
  first = await up();
}, patienceMs);

afterAll(async () => {
  await kubectl(['delete', 'namespace', namespace, others, '--ignore-not-found', '--wait=false']);
});

describe('npm run up', () => {
  it('ends when Kafka, its topics and MongoDB are ready', async () => {
    expect(first).toEqual({ code: 0, output: expect.stringMatching(/✓ Kafka, topics and users .*\n.*MongoDB/s) });
    const ready = '{range .items[*]}{.status.conditions[?(@.type=="Ready")].status} {end}';
    const said = await kubectl(['-n', namespace, 'get', 'kafkas,kafkatopics', '-o', `jsonpath=${ready}`]);
    // Kafka, the three topics, and the dead-letter topics of payments and of both that notifications read.
    expect(said.trim().split(' ')).toEqual(Array(7).fill('True'));
  });

  it(
    'may be repeated, and then changes nothing',
    async () => {
      const before = await state();
      expect(await up()).toMatchObject({ code: 0 });
      expect(await state()).toBe(before);
    },
    patienceMs,
  );

  it(
    'tells the words of the operator about what it refuses, and does not wait for it',
    async () => {
      const fewer = '{"spec":{"partitions":1}}';
      await kubectl(['-n', namespace, 'patch', 'kafkatopic', 'orders.paid', '--type=merge', '-p', fewer]);
      const waited = await npm('wait', '--timeout', '200');
      expect(waited).toEqual({
        code: 1,
        output: expect.stringMatching(/KafkaTopic\/orders\.paid: NotSupported: .*partitions/),
      });
      expect(waited.output).not.toContain('orders.failed:');
      // It is as it was asked to be, once that is again what it is.
      expect(await up()).toMatchObject({ code: 0 });
    },
    patienceMs,
  );

  it(
    "finds the operator that serves Strimzi's resources, and brings no second",
    async () => {
      const operators = async () =>
        (await kubectl(['get', 'deployments', '--all-namespaces', '-o', 'name'])).match(/\S*strimzi\S*/g);
      const before = await operators();
      const found = await npm('up', '--only', 'operator');
      expect(found).toEqual({
        code: 0,
        output: expect.stringMatching(/✓ Strimzi's operator (is there|\S+ is installed)/),
      });
      expect(await operators()).toEqual(before);
    },
    patienceMs,
  );

  it('names what is wrong with its flags', async () => {
    expect(await npm('up', '--only', 'zookeeper')).toEqual({
      code: 1,
      output: expect.stringContaining('--only must be of images, operator'),
    });
  });
});

describe('npm run down', () => {
  it('shows what would be lost, and keeps it', async () => {
    const before = await state();
    const shown = await npm('down');
    expect(shown).toEqual({ code: 0, output: expect.stringContaining('KafkaTopic/orders.created') });
    expect(await state()).toBe(before);
  });

  it(
    'leaves nothing of ours',
    async () => {
      const definitions = await names('crd');
      expect(await down()).toMatchObject({ code: 0 });
      expect(await names(`namespace/${namespace}`)).toEqual([]);
      expect(await names('crd')).toEqual(definitions);
      expect(await down()).toMatchObject({ code: 0 });
    },
    patienceMs,
  );

  it('takes what carries our label from a namespace of others, and leaves the rest alone', async () => {
    await kubectl(['create', 'namespace', others]);
    const service = (name: string, labels: object) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: others, labels },
      spec: { ports: [{ port: 27_017 }] },
    });
    await kubectl(['apply', '-f', '-'], service('mongo', { 'app.kubernetes.io/part-of': 'blog' }));
    await kubectl(['apply', '-f', '-'], service('kafka-ui', { 'app.kubernetes.io/part-of': 'shop' }));
    expect(await down('--namespace', others)).toMatchObject({ code: 0 });
    expect(await names('services', others)).toEqual(['service/mongo']);
  });
});
