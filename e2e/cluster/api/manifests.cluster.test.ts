/** What k8s/ holds, judged by a real API server with the real resource definitions: parsing proves nothing about a schema. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parse } from 'yaml';
import { must } from '../../../scripts/cluster/access.ts';
import {
  deadLetterTopic,
  notificationsGroup,
  ordersCreated,
  ordersFailed,
  ordersPaid,
  partitionCount,
  paymentsGroup,
  topicConfig,
  topics,
} from '../../../services/shared/src/contracts/topics.ts';
import { type Cluster, kubectl, openCluster } from '../cluster.ts';
import { objectsOf } from '../helm.ts';

const root = join(import.meta.dirname, '../../..');

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: each kind has its own shape, which the API server knows
  readonly spec: any;
}

jest.setTimeout(30_000);

let cluster: Cluster;

const definitions = ['kafkas.kafka.strimzi.io', 'podmonitors.monitoring.coreos.com'];

beforeAll(async () => {
  await kubectl(['get', 'crd', ...definitions]).catch((error: Error) => {
    throw new Error(
      `Strimzi or the Prometheus operator is not in this cluster: npm run up brings them. ${error.message}`,
    );
  });
  cluster = await openCluster('manifests');
  const level = 'pod-security.kubernetes.io/warn=restricted';
  await kubectl(['label', 'namespace', cluster.namespace, level]);
});

afterAll(() => cluster?.remove());

/** Folders that can be applied as they are: a component and a base for overlays cannot. RabbitMQ's operator is in no cluster of these tests. */
const folders = readdirSync(join(root, 'k8s'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('kustomization.yaml'))
  .map((path) => relative(root, dirname(join(root, 'k8s', path))))
  .filter((folder) => !['k8s/kafka/base', 'k8s/kafka/test/stand-in', 'k8s/rabbitmq/cluster'].includes(folder))
  .sort();

async function manifestsOf(folder: string): Promise<Manifest[]> {
  return objectsOf(await kubectl(['kustomize', join(root, folder)])) as Manifest[];
}

/** A namespace of that name may be there, and have other pods in it than ours. */
function asNew(manifest: Manifest): Manifest {
  const name = `${manifest.metadata.name}-${cluster.namespace}`;
  return manifest.kind === 'Namespace' ? { ...manifest, metadata: { ...manifest.metadata, name } } : manifest;
}

/** @throws with the API server's words when it would not take them; warnings count as such */
async function tryOut(manifests: readonly object[]): Promise<string[]> {
  const args = ['--namespace', cluster.namespace, 'apply', '--dry-run=server', '--validate=strict', '--output=name'];
  return (await kubectl([...args, '--warnings-as-errors', '-f', '-'], listOf(manifests))).trim().split('\n');
}

function listOf(items: readonly object[]): object {
  return { apiVersion: 'v1', kind: 'List', items };
}

async function one(folder: string, kind: string, name?: string): Promise<Manifest> {
  const manifests = await manifestsOf(folder);
  const found = manifests.find(
    (manifest) => manifest.kind === kind && (name ?? manifest.metadata.name) === manifest.metadata.name,
  );
  if (!found) throw new Error(`no ${kind} ${name ?? ''} in ${folder}`);
  return found;
}

describe('the manifests', () => {
  it('are all looked at', () => {
    expect(folders).toEqual([
      'k8s/kafka-ui',
      'k8s/kafka/dev',
      'k8s/kafka/pod-monitors',
      'k8s/kafka/staging',
      'k8s/kafka/staging-one-node',
      'k8s/kafka/test/dev',
      'k8s/kafka/test/staging',
      'k8s/mongo/base',
      'k8s/mongo/persistent',
      'k8s/namespaces',
      'k8s/rabbitmq/dev',
      'k8s/rabbitmq/persistent',
    ]);
  });

  it.each(folders)('of %s are taken by the API server, strictly and without a warning', async (folder) => {
    const manifests = (await manifestsOf(folder)).map(asNew);
    expect(await tryOut(manifests)).toHaveLength(manifests.length);
  });
});

describe('the charts, with the values that `npm run up` gives them', () => {
  it.each([
    ['lag-controller', 'dev', []],
    ['lag-controller', 'staging', []],
    ['shop', 'dev', []],
    ['shop', 'staging', ['--set', 'provider.url=https://payments.example']],
  ])('%s in %s is taken by the API server, monitors, alerts and all', async (chart, environment, more) => {
    const files = [`charts/${chart}/values-${environment}.yaml`, `k8s/monitoring/${chart}.values.yaml`];
    const options = ['--namespace', cluster.namespace, ...files.flatMap((file) => ['--values', file]), ...more];
    const rendered = await must('helm', ['template', chart, `charts/${chart}`, ...options]);
    const manifests = objectsOf(rendered) as Manifest[];
    expect(manifests.map(({ kind }) => kind)).toContain('PodMonitor');
    // A bare pod, as that of `helm test`, is only taken where its ServiceAccount is.
    const accounts = manifests.filter(({ kind }) => kind === 'ServiceAccount');
    await kubectl(['--namespace', cluster.namespace, 'apply', '-f', '-'], listOf(accounts));
    expect(await tryOut(manifests)).toHaveLength(manifests.length);
  });
});

describe('the API server', () => {
  it('refuses a Kafka with a field of the versions before Strimzi 1.0', async () => {
    const kafka = await one('k8s/kafka/staging', 'Kafka');
    const old = { ...kafka, spec: { ...kafka.spec, kafka: { ...kafka.spec.kafka, replicas: 3 } } };
    await expect(tryOut([old])).rejects.toThrow(/unknown field "(spec\.kafka\.)?replicas"/);
  });

  it('refuses a Kafka of the old API', async () => {
    const kafka = await one('k8s/kafka/staging', 'Kafka');
    await expect(tryOut([{ ...kafka, apiVersion: 'kafka.strimzi.io/v1beta2' }])).rejects.toThrow('no matches for kind');
  });

  it('refuses a user whose right is written in the old way', async () => {
    const user = await one('k8s/kafka/staging', 'KafkaUser', 'payments');
    const acls = [{ resource: { type: 'topic', name: ordersCreated }, operation: 'Read' }];
    const old = { ...user, spec: { ...user.spec, authorization: { type: 'simple', acls } } };
    await expect(tryOut([old])).rejects.toThrow('operation');
  });

  it('refuses a monitor that asks for an interval that is none', async () => {
    const monitor = await one('k8s/kafka/pod-monitors', 'PodMonitor', 'kafka');
    const odd = { ...monitor, spec: { ...monitor.spec, podMetricsEndpoints: [{ port: 'x', interval: 'often' }] } };
    await expect(tryOut([odd])).rejects.toThrow('interval');
  });

  it('warns of a pod that may do more than it should', async () => {
    const mongo = await one('k8s/mongo/base', 'StatefulSet');
    const template = structuredClone(mongo.spec.template);
    delete template.spec.securityContext.runAsNonRoot;
    await expect(tryOut([{ ...mongo, spec: { ...mongo.spec, template } }])).rejects.toThrow('restricted');
  });
});

describe.each(['k8s/kafka/dev', 'k8s/kafka/staging'])('the topics of %s', (folder) => {
  it('are those of the contract, with its partitions, and belong to the Kafka beside them', async () => {
    const manifests = await manifestsOf(folder);
    const made = manifests.filter(({ kind }) => kind === 'KafkaTopic');
    expect(made.map(({ metadata }) => metadata.name).sort()).toEqual([...topics].sort());
    expect(made.map(({ spec }) => spec.partitions)).toEqual(topics.map(() => partitionCount));
    for (const { spec } of made) expect(spec.config).toMatchObject(topicConfig);
    const owned = manifests.filter(({ kind }) => ['KafkaTopic', 'KafkaUser', 'KafkaNodePool'].includes(kind));
    for (const { metadata } of owned) expect(metadata.labels).toMatchObject({ 'strimzi.io/cluster': 'shop' });
  });
});

describe('staging', () => {
  it('has three copies of every message, two of which must be written', async () => {
    const kafka = await one('k8s/kafka/staging', 'Kafka');
    expect((await one('k8s/kafka/staging', 'KafkaNodePool')).spec.replicas).toBe(3);
    expect(kafka.spec.kafka.config).toMatchObject({ 'min.insync.replicas': 2, 'offsets.topic.replication.factor': 3 });
    for (const topic of topics) expect((await one('k8s/kafka/staging', 'KafkaTopic', topic)).spec.replicas).toBe(3);
  });

  it('has each broker on a machine of its own, but for the tests on one machine', async () => {
    const pool = async (folder: string) => (await one(folder, 'KafkaNodePool')).spec.template.pod;
    const { topologySpreadConstraints } = await pool('k8s/kafka/staging');
    const apart = {
      maxSkew: 1,
      minDomains: 3,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'DoNotSchedule',
    };
    expect(topologySpreadConstraints).toContainEqual(expect.objectContaining(apart));
    expect(await pool('k8s/kafka/staging-one-node')).not.toHaveProperty('topologySpreadConstraints');
  });

  it('lets nobody in without TLS and a password', async () => {
    const { listeners, authorization } = (await one('k8s/kafka/staging', 'Kafka')).spec.kafka;
    expect(listeners).toMatchObject([{ tls: true, authentication: { type: 'scram-sha-512' } }]);
    expect(authorization).toEqual({ type: 'simple' });
  });

  const dead = deadLetterTopic(paymentsGroup, ordersCreated);
  it.each([
    ['orders', [`${ordersCreated} Describe,Write`, `${ordersPaid} Describe,Write`, `${ordersFailed} Describe,Write`]],
    ['payments', [`${ordersCreated} Describe,Read`, `${paymentsGroup} Describe,Read`, `${dead} Describe,Write`]],
    [
      'notifications',
      [
        `${ordersPaid} Describe,Read`,
        `${ordersFailed} Describe,Read`,
        `${notificationsGroup} Describe,Read`,
        `${deadLetterTopic(notificationsGroup, ordersPaid)} Describe,Write`,
        `${deadLetterTopic(notificationsGroup, ordersFailed)} Describe,Write`,
      ],
    ],
    ['lag-controller', [`${ordersCreated} Describe`, `${paymentsGroup} Describe`]],
    [
      'dead-letters',
      [
        `${dead} Describe,Read,Write`,
        `${deadLetterTopic(notificationsGroup, ordersPaid)} Describe,Read,Write`,
        `${deadLetterTopic(notificationsGroup, ordersFailed)} Describe,Read,Write`,
        `${ordersCreated} Describe,Write`,
        `${ordersPaid} Describe,Write`,
        `${ordersFailed} Describe,Write`,
        'kafka-cli-* Delete,Describe,Read',
      ],
    ],
  ])('gives %s these rights and no other', async (name, rights) => {
    const { acls } = (await one('k8s/kafka/staging', 'KafkaUser', name)).spec.authorization;
    const given = acls.map((acl: { resource: { name: string; patternType: string }; operations: string[] }) => {
      const { name: resource, patternType } = acl.resource;
      return `${resource}${patternType === 'literal' ? '' : '*'} ${acl.operations.join(',')}`;
    });
    expect(given).toEqual(rights);
  });
});

describe('a cluster of kind', () => {
  it('is named and its image pinned by digest', () => {
    const { name, nodes } = parse(readFileSync(join(root, 'kind-config.yaml'), 'utf8'));
    expect(name).toBe('shop');
    for (const { image } of nodes) expect(image).toMatch(/^kindest\/node:v1\.34\.\d+@sha256:[0-9a-f]{64}$/);
  });
});
