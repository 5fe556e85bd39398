/** A namespace of its own in whatever cluster KUBECONFIG names, for one test file. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  AppsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  EventsV1Api,
  type EventsV1Event,
  KubeConfig,
} from '@kubernetes/client-node';
import { must } from '../../scripts/cluster/access.ts';
import { type Condition, type LagScaler, resource } from '../../services/lag-controller/src/kubernetes/lag-scaler.ts';

const root = join(import.meta.dirname, '../..');

export interface Cluster {
  readonly config: KubeConfig;
  readonly namespace: string;
  readonly apps: AppsV1Api;
  /** Creates or changes it, as `kubectl apply` does; in this namespace unless it names one. @throws the API server's sentence */
  readonly apply: (...objects: object[]) => Promise<void>;
  /** A Deployment of one pod that never runs: what counts is how many are asked for. */
  readonly deploy: (name: string) => Promise<void>;
  readonly replicas: (deployment: string) => Promise<number>;
  readonly scale: (deployment: string, replicas: number) => Promise<void>;
  readonly lagScaler: (name: string) => Promise<LagScaler>;
  readonly condition: (lagScaler: string, type: string) => Promise<Condition | undefined>;
  /** `REASON: note` of the Events about a LagScaler, oldest first. */
  readonly events: (lagScaler: string) => Promise<string[]>;
  readonly remove: () => Promise<void>;
}

/** @throws where KUBECONFIG names no cluster that answers */
export async function openCluster(prefix: string): Promise<Cluster> {
  const config = new KubeConfig();
  config.loadFromDefault();
  const [apps, core] = [config.makeApiClient(AppsV1Api), config.makeApiClient(CoreV1Api)];
  const [custom, eventsApi] = [config.makeApiClient(CustomObjectsApi), config.makeApiClient(EventsV1Api)];
  const namespace = `${prefix}-${randomBytes(3).toString('hex')}`;
  await kubectl(['apply', '--server-side', '-f', join(root, 'charts/lag-controller/crds')]);
  await kubectl(['wait', '--for=condition=Established', 'crd/lagscalers.lagscaler.io', '--timeout=30s']);
  await core.createNamespace({ body: { metadata: { name: namespace } } });
  const lagScaler = async (name: string) =>
    (await custom.getNamespacedCustomObject({ ...resource, namespace, name })) as LagScaler;
  return {
    config,
    namespace,
    apps,
    async apply(...objects) {
      const list = { apiVersion: 'v1', kind: 'List', items: objects };
      await kubectl(['--namespace', namespace, 'apply', '--server-side', '--validate=strict', '-f', '-'], list);
    },
    async deploy(name) {
      await apps.createNamespacedDeployment({ namespace, body: deployment(name) });
    },
    async replicas(name) {
      return (await apps.readNamespacedDeploymentScale({ namespace, name })).spec?.replicas ?? 0;
    },
    async scale(name, replicas) {
      const scale = await apps.readNamespacedDeploymentScale({ namespace, name });
      await apps.replaceNamespacedDeploymentScale({ namespace, name, body: { ...scale, spec: { replicas } } });
    },
    lagScaler,
    async condition(name, type) {
      return (await lagScaler(name)).status?.conditions?.find((condition) => condition.type === type);
    },
    async events(name) {
      const { items } = await eventsApi.listNamespacedEvent({ namespace });
      return items
        .filter(({ regarding }) => regarding?.kind === 'LagScaler' && regarding.name === name)
        .sort((left, right) => timeOf(left) - timeOf(right))
        .map(({ reason, note }) => `${reason}: ${note}`);
    },
    async remove() {
      await core.deleteNamespace({ name: namespace });
    },
  };
}

/** The library says that it is a Date, and leaves the string that it is. */
function timeOf({ eventTime }: EventsV1Event): number {
  return new Date(eventTime ?? 0).getTime();
}

/**
 * The library's own models drop what a schema says in `default`, `enum` and `x-kubernetes-…`, so that objects are written
 * as their users would.
 *
 * @throws with what kubectl said
 */
export function kubectl(args: readonly string[], input?: object): Promise<string> {
  return must('kubectl', args, input && { input: JSON.stringify(input) });
}

function deployment(name: string) {
  const labels = { app: name };
  const containers = [{ name, image: 'never.invalid/never', imagePullPolicy: 'Never' }];
  return {
    metadata: { name },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  };
}
