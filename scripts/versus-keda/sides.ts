/** What scales the consumers on each side. Pure. */
import { lagSeconds, messageMs, partitions } from './loads.ts';

/** The consumers of one side in one load; all that Kubernetes and Kafka have of them is called like that. */
export interface Group {
  readonly name: string;
  readonly topic: string;
  readonly bootstrapServers: string;
}

/** `limit`: not a scaler, but what none can be better than. */
export type SideKind = 'ours' | 'keda' | 'limit';

export interface Side {
  readonly name: string;
  readonly about: string;
  readonly kind: SideKind;
  /** The resource that scales the Deployment of the group's name. */
  readonly scaler: (group: Group) => object;
}

export const metricsPort = 8080;
/** What one replica does within the objective. */
const worth = (lagSeconds * 1_000) / messageMs;

function lagScaler({ name, topic }: Group, changes: object): object {
  return {
    apiVersion: 'lagscaler.io/v1alpha1',
    kind: 'LagScaler',
    metadata: { name },
    spec: { scaleTargetRef: { name }, consumerGroup: name, topic, objective: { lagSeconds }, ...changes },
  };
}

interface KedaSettings {
  readonly lagThreshold: number;
  readonly spec?: object;
}

/** Bounds are the same as ours; a group that is new begins at the beginning, as it does here. */
function scaledObject({ name, topic, bootstrapServers }: Group, { lagThreshold, spec }: KedaSettings): object {
  const metadata = {
    ...{ bootstrapServers, consumerGroup: name, topic, offsetResetPolicy: 'earliest' },
    lagThreshold: String(lagThreshold),
  };
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name },
    spec: {
      scaleTargetRef: { name },
      minReplicaCount: 1,
      maxReplicaCount: partitions,
      ...spec,
      triggers: [{ type: 'kafka', metadata }],
    },
  };
}

const stabilizationSeconds = 60;
const quicker = {
  pollingInterval: 5,
  advanced: {
    horizontalPodAutoscalerConfig: {
      behavior: { scaleDown: { stabilizationWindowSeconds: stabilizationSeconds } },
    },
  },
};

function swept(lagThreshold: number): Side {
  return {
    name: `keda-${lagThreshold}`,
    about: `KEDA, lagThreshold ${lagThreshold}, polling 5 s, down after ${stabilizationSeconds} s`,
    kind: 'keda',
    scaler: (group) => scaledObject(group, { lagThreshold, spec: quicker }),
  };
}

export const sides: readonly Side[] = [
  {
    name: 'lag-controller',
    about: "lag controller, with the consumers' busy time",
    kind: 'ours',
    scaler: (group) =>
      lagScaler(group, { consumerMetrics: { service: group.name, port: metricsPort, path: '/metrics' } }),
  },
  {
    name: 'lag-controller-offsets',
    about: 'lag controller, offsets only',
    kind: 'ours',
    scaler: (group) => lagScaler(group, {}),
  },
  {
    name: 'keda',
    about: 'KEDA at its defaults: lagThreshold 10, polling 30 s, down after 300 s',
    kind: 'keda',
    scaler: (group) => scaledObject(group, { lagThreshold: 10 }),
  },
  swept(worth / 4),
  swept(worth / 2),
  swept(worth),
  {
    name: `always-${partitions}`,
    about: `all ${partitions} replicas from before the load to its end`,
    kind: 'limit',
    scaler: (group) => lagScaler(group, { minReplicas: partitions }),
  },
];
