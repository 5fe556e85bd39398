/** What `npm run up`, `down` and `forward` work on, from their flags and the environment. Pure. */
import { SetupError } from '../embedded/setup-error.ts';

export const environments = ['dev', 'staging'] as const;
export type EnvironmentName = (typeof environments)[number];

/** In the order in which they are brought up. */
export const allParts = [
  'images',
  'operator',
  'monitoring',
  'kafka',
  'mongo',
  'rabbitmq',
  'kafka-ui',
  'charts',
] as const;
export type Part = (typeof allParts)[number];

export const services = [
  'orders',
  'payments',
  'clients',
  'products',
  'notifications',
  'provider',
  'lag-controller',
] as const;
export type ServiceName = (typeof services)[number];

export const kindCluster = 'shop';
export const operator = {
  part: 'operator',
  release: 'strimzi',
  namespace: 'strimzi',
  chart: 'oci://quay.io/strimzi-helm/strimzi-kafka-operator',
  version: '1.2.0',
  values: 'k8s/strimzi/values.yaml',
  crd: 'kafkas.kafka.strimzi.io',
  crdGroups: ['kafka.strimzi.io', 'core.strimzi.io'],
  // The real one, however it was installed, and what stands in for it where it cannot be had.
  sign: /^strimzi-(cluster-operator|stand-in)|^strimzi\.io\/kind=cluster-operator$/,
  wanted:
    'it must have STRIMZI_POD_SECURITY_PROVIDER_CLASS=restricted, or the pods of Kafka are refused by the namespace',
} as const;
export const monitoring = {
  part: 'monitoring',
  release: 'monitoring',
  namespace: 'monitoring',
  chart: 'oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack',
  version: '87.21.0',
  values: 'k8s/monitoring/kube-prometheus-stack.values.yaml',
  crd: 'podmonitors.monitoring.coreos.com',
  crdGroups: ['monitoring.coreos.com'],
  sign: /prometheus-operator([:@]|$)/,
  wanted: 'docs/observability.md says what it has to select, and from where it is let in',
} as const;
/**
 * `sign` tells its operator by the Deployment's name, one of its images, or a `LABEL=VALUE` of its pods; `wanted` is what one that
 * others have installed has to be like.
 */
export type Addon = typeof operator | typeof monitoring;

/** One that is there already. */
export interface ExistingCluster {
  /** As in KUBECONFIG; the person's own when it is undefined. */
  readonly kubeconfig: string | undefined;
  /** The current one when it is undefined. */
  readonly context: string | undefined;
}

export interface ClusterFlags {
  readonly env?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly namespace?: string | undefined;
  readonly kafka?: string | undefined;
  readonly rabbitmq?: string | undefined;
  readonly only?: string | undefined;
  readonly without?: string | undefined;
  readonly values?: string | undefined;
  readonly 'controller-values'?: string | undefined;
  readonly tag?: string | undefined;
  readonly registry?: string | undefined;
}

export interface ClusterPlan {
  readonly environment: EnvironmentName;
  readonly namespace: string;
  /** `undefined` for the kind cluster of our own. */
  readonly cluster: ExistingCluster | undefined;
  /** Folder of the kustomization that makes Kafka. */
  readonly kafka: string;
  /** Folder of the kustomization that makes RabbitMQ; `undefined` where nobody asked for one. */
  readonly rabbitmq: string | undefined;
  readonly parts: ReadonlySet<Part>;
  /** File of values for charts/shop, after those of the environment. */
  readonly values: string | undefined;
  /** The same for charts/lag-controller. */
  readonly controllerValues: string | undefined;
  /** Of the images, where they are not built here; the charts' own when it is undefined. */
  readonly tag: string | undefined;
  /** Where the nodes get the images, as `ghcr.io/me/shop`; they have them when it is undefined. */
  readonly registry: string | undefined;
  /** Run for each image with IMAGE and SERVICE set, instead of docker. */
  readonly imageCommand: string | undefined;
}

/** @throws SetupError naming the flag that is wrong and what it takes */
export function planCluster(flags: ClusterFlags, env: NodeJS.ProcessEnv): ClusterPlan {
  const environment = pick('env', flags.env ?? 'dev', environments);
  const namespace = flags.namespace ?? 'shop';
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace))
    throw new SetupError(`--namespace must be a name of Kubernetes, but is ${JSON.stringify(namespace)}.`);
  const { context, registry } = flags;
  requireRegistry(registry);
  const kubeconfig = flags.kubeconfig ?? nonEmpty(env.KUBECONFIG);
  const cluster = kubeconfig === undefined && context === undefined ? undefined : { kubeconfig, context };
  const imageCommand = nonEmpty(env.IMAGES);
  const canBuild = imageCommand !== undefined || (cluster === undefined && registry === undefined);
  const parts = partsOf(flags, (part) => {
    if (part === 'images') return canBuild;
    return part === 'rabbitmq' ? flags.rabbitmq !== undefined : isOf(environment, part);
  });
  requireProvider(environment, parts, flags.values);
  return {
    environment,
    namespace,
    cluster,
    kafka: flags.kafka ?? `k8s/kafka/${environment}`,
    rabbitmq: flags.rabbitmq,
    parts,
    values: flags.values,
    controllerValues: flags['controller-values'],
    tag: flags.tag,
    registry,
    imageCommand,
  };
}

function requireRegistry(registry: string | undefined): void {
  // It goes into an option of Helm's, where a comma would begin another.
  if (registry !== undefined && !/^[\w.-]+(:\d+)?(\/[\w.-]+)*$/.test(registry))
    throw new SetupError(
      `--registry must be HOST/PATH without a scheme, a slash at the end or a tag, but is ${JSON.stringify(registry)}.`,
    );
}

/** The chart would refuse it, too, but only when all else is there, after minutes. */
function requireProvider(environment: EnvironmentName, parts: ReadonlySet<Part>, values: string | undefined): void {
  if (environment === 'staging' && parts.has('charts') && values === undefined)
    throw new SetupError(
      '--env staging takes no payment provider for granted: give --values FILE with `provider: {url: …}`, or with `provider: {enabled: true}` for the simulated one.',
    );
}

function partsOf({ only, without }: ClusterFlags, isPossible: (part: Part) => boolean): Set<Part> {
  const wanted = only === undefined ? allParts : partList('only', only);
  const unwanted = partList('without', without ?? '');
  return new Set(allParts.filter((part) => wanted.includes(part) && !unwanted.includes(part) && isPossible(part)));
}

function partList(flag: string, raw: string): readonly Part[] {
  return raw
    .split(',')
    .filter(Boolean)
    .map((word) => pick(flag, word, allParts));
}

/** Staging's Kafka lets no tool in that it does not know. */
function isOf(environment: EnvironmentName, part: Part): boolean {
  return environment === 'dev' || part !== 'kafka-ui';
}

function pick<const W extends string>(flag: string, raw: string, words: readonly W[]): W {
  const word = words.find((one) => one === raw);
  if (word === undefined)
    throw new SetupError(`--${flag} must be of ${words.join(', ')}, but is ${JSON.stringify(raw)}.`);
  return word;
}

function nonEmpty(raw: string | undefined): string | undefined {
  return raw === '' ? undefined : raw;
}
