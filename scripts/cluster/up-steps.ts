/** The steps of `npm run up`. Each may be repeated at any time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupError } from '../embedded/setup-error.ts';
import type { Access } from './access.ts';
import { awaitReady } from './await-ready.ts';
import type { Resource } from './condition.ts';
import { imageTag } from './images.ts';
import { type ClusterPlan, monitoring } from './plan.ts';
import { requireFree } from './release.ts';

export const kafkaKinds = ['kafkas.kafka.strimzi.io', 'kafkatopics.kafka.strimzi.io', 'kafkausers.kafka.strimzi.io'];
export const scalerKinds = ['lagscalers.lagscaler.io'];

/** The controller first: it brings the definition of LagScaler, which the shop has one of. */
export const charts = ['lag-controller', 'shop'] as const;
type Chart = (typeof charts)[number];

/** Kafka with its topics and users, MongoDB, RabbitMQ, and the monitors where Prometheus' operator is. @returns the number of resources */
export async function applyManifests(access: Access, { kafka, rabbitmq, parts }: ClusterPlan): Promise<number> {
  const hasMonitors = await access.has('crd', monitoring.crd);
  const folders = [
    ...(parts.has('kafka') ? [kafka] : []),
    ...(hasMonitors && (parts.has('kafka') || parts.has('monitoring')) ? ['k8s/kafka/pod-monitors'] : []),
    ...(parts.has('mongo') ? [mongoFolder(await hasDisks(access))] : []),
    ...(parts.has('rabbitmq') && rabbitmq !== undefined ? [rabbitmq] : []),
    ...(parts.has('kafka-ui') ? ['k8s/kafka-ui'] : []),
  ];
  let count = 0;
  for (const folder of folders) count += await access.apply(folder);
  return count;
}

function mongoFolder(hasDefaultStorage: boolean): string {
  return hasDefaultStorage ? 'k8s/mongo/persistent' : 'k8s/mongo/base';
}

/** Whether there is a default StorageClass, which serves claims that name none. */
export async function hasDisks(access: Access): Promise<boolean> {
  const classes = await access.list<{ metadata: { annotations?: Record<string, string> } }>('storageclass', []);
  return classes.some(
    ({ metadata }) => metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true',
  );
}

/** Until the resources of these kinds are as they were asked to be. @throws SetupError in their operators' words */
export async function awaitResources(
  access: Access,
  kinds: readonly string[],
  { timeoutMs, note }: { timeoutMs: number; note: (text: string) => void },
): Promise<void> {
  await awaitReady({
    list: () => access.list<Resource>(kinds.join()),
    note,
    nowMs: () => performance.now(),
    pause: (ms) => sleep(ms),
    timeoutMs,
  });
}

/** RabbitMQ, whether its own StatefulSet or the Cluster Operator makes it. @throws SetupError */
export async function awaitRabbitmq(access: Access, timeoutMs: number): Promise<void> {
  const clusters = await access.list<{ metadata: { name: string } }>('rabbitmqclusters.rabbitmq.com');
  if (clusters.every(({ metadata }) => metadata.name !== 'rabbitmq'))
    return awaitRollout(access, 'statefulset/rabbitmq', timeoutMs);
  await awaitPods(
    access,
    ['wait', 'rabbitmqclusters.rabbitmq.com/rabbitmq', '--for=condition=AllReplicasReady'],
    timeoutMs,
  );
}

/** Until the pods of a Deployment or StatefulSet run. @throws SetupError with the state of its pods */
export async function awaitRollout(access: Access, workload: string, timeoutMs: number): Promise<void> {
  await awaitPods(access, ['rollout', 'status', workload], timeoutMs);
}

async function awaitPods(access: Access, waiting: readonly string[], timeoutMs: number): Promise<void> {
  const namespace = ['-n', access.namespace];
  try {
    await access.kubectl([...waiting, ...namespace, `--timeout=${Math.ceil(timeoutMs / 1_000)}s`]);
  } catch (error) {
    const pods = await access.kubectl(['get', 'pods', ...namespace]);
    throw new SetupError(`${(error as Error).message}\n${pods.trimEnd()}`);
  }
}

/** The address is in the Secret that the Cluster Operator makes, and our manifests after it. */
const notified = 'notifications.enabled=true,notifications.rabbitmqSecret=rabbitmq-default-user';

/** Helm installs the definition with the chart, but never renews it. Parts of it may be Helm's still: they are taken over. */
async function renewScalerDefinition(access: Access): Promise<void> {
  const folder = 'charts/lag-controller/crds';
  await access.kubectl(['apply', '--server-side', '--force-conflicts', '-f', folder]);
  const definition = `crd/${scalerKinds[0]}`;
  await access.kubectl(['wait', '--for=condition=Established', definition, '--timeout=60s']);
}

/** What a person may want to type now. */
export function whatNext(access: Access, { cluster, parts }: Pick<ClusterPlan, 'cluster' | 'parts'>): string[] {
  const shop = parts.has('charts') ? ['To reach it: npm run forward. To remove it: npm run down.'] : [];
  // kind's is apart from the person's own kubeconfig, so that kubectl alone does not see it.
  const pods = access.typed('kubectl', ['-n', access.namespace, 'get', 'pods']);
  return [...shop, ...(cluster === undefined ? [`To look into it: ${pods}`] : [])];
}

/** The shop has several images, the controller one. */
const imageIn: Record<Chart, (registry: string) => string> = {
  'lag-controller': (registry) => `image.repository=${registry}/lag-controller`,
  shop: (registry) => `image.registry=${registry}`,
};

export interface Installing {
  readonly timeoutMs: number;
  /** The digest of what the images were built of, where they were built by this command. */
  readonly sources: string | undefined;
}

/** Installs or upgrades a chart of ours with the values of the environment, and waits until it runs. */
export async function installChart(
  access: Access,
  chart: Chart,
  plan: ClusterPlan,
  { timeoutMs, sources }: Installing,
): Promise<void> {
  await requireFree(access, chart, access.namespace);
  if (chart === 'lag-controller') await renewScalerDefinition(access);
  const monitored = (await access.has('crd', monitoring.crd)) ? [`k8s/monitoring/${chart}.values.yaml`] : [];
  const values = chart === 'shop' ? plan.values : plan.controllerValues;
  const given = values === undefined ? [] : [values];
  const tag = plan.parts.has('images') ? imageTag : plan.tag;
  const options = [
    ...[`charts/${chart}/values-${plan.environment}.yaml`, ...monitored, ...given].flatMap((file) => [
      '--values',
      file,
    ]),
    ...(plan.registry === undefined ? [] : ['--set', imageIn[chart](plan.registry)]),
    // By `--set` a tag of digits alone, as a date, would be a number, which the charts refuse.
    ...(tag === undefined ? [] : ['--set-string', `image.tag=${tag}`]),
    // The tag stays the same: without this, no pod would be replaced by one of the new image.
    ...(sources === undefined ? [] : ['--set-string', `podAnnotations.shop/sources=${sources}`]),
    ...(chart === 'shop' && plan.rabbitmq !== undefined ? ['--set', notified] : []),
    ...['--wait', '--timeout', `${Math.ceil(timeoutMs / 1_000)}s`],
  ];
  await access.helm(['upgrade', '--install', chart, `charts/${chart}`, '-n', access.namespace, ...options]);
}
