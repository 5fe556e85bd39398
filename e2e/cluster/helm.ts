/** What a chart renders, without a cluster, with either major of Helm. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type {
  KubernetesObject,
  V1Deployment,
  V1LabelSelector,
  V1ObjectMeta,
  V1Pod,
  V1PodDisruptionBudget,
  V1PodTemplateSpec,
  V1Role,
  V1Service,
} from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { must } from '../../scripts/cluster/access.ts';

export const charts = join(import.meta.dirname, '../../charts');
export const helms = { 'Helm 4': 'helm', 'Helm 3': 'helm3' };
export type HelmMajor = keyof typeof helms;

interface Ways {
  readonly from?: { readonly podSelector?: V1LabelSelector }[];
  readonly to?: { readonly podSelector?: V1LabelSelector }[];
  readonly ports?: { readonly port: number | string }[];
}

/** As it is written; the library's own type has another name for `from`. */
interface NetworkPolicy {
  readonly metadata?: V1ObjectMeta;
  readonly spec: {
    readonly podSelector: V1LabelSelector;
    readonly policyTypes: string[];
    readonly ingress?: Ways[];
    readonly egress?: Ways[];
  };
}

interface KindOf {
  readonly Deployment: V1Deployment;
  readonly NetworkPolicy: NetworkPolicy;
  readonly Pod: V1Pod;
  readonly PodDisruptionBudget: V1PodDisruptionBudget;
  readonly Role: V1Role;
  readonly Service: V1Service;
}

export interface Rendering {
  readonly text: string;
  readonly objects: readonly KubernetesObject[];
  readonly all: <K extends keyof KindOf>(kind: K) => KindOf[K][];
  /** @throws when there is none of that name */
  readonly one: <K extends keyof KindOf>(kind: K, name: string) => KindOf[K];
  /** The pods that will be there: of Deployments and of tests, by name. */
  readonly pods: () => Map<string, V1PodTemplateSpec>;
}

export interface RenderOptions {
  readonly helm?: HelmMajor;
  /** Files of values, from the folder of the chart. */
  readonly files?: readonly string[];
  /** Over the files. */
  readonly values?: object;
  /** Groups of resources that the cluster has, beside those of Kubernetes. */
  readonly apis?: readonly string[];
}

/** @returns what Helm printed @throws with what it said */
export function helm(args: readonly string[], major: HelmMajor = 'Helm 4'): Promise<string> {
  return must(helms[major], args);
}

export function objectsOf(rendered: string): KubernetesObject[] {
  return parseAllDocuments(rendered)
    .map((document) => document.toJSON() as KubernetesObject | null)
    .filter((object) => object !== null);
}

/** What a file leaves for its user to say. */
const toBeSaid: Record<string, object> = { 'shop/values-staging.yaml': { 'provider.url': 'https://pay.example.com' } };

const renderings = new Map<string, Promise<Rendering>>();

/** The release is called `r`, its namespace `n`. The same is rendered once. @throws with what Helm said */
export function render(chart: string, options: RenderOptions): Promise<Rendering> {
  const key = JSON.stringify([chart, options]);
  const rendering = renderings.get(key) ?? renderAnew(chart, options);
  renderings.set(key, rendering);
  return rendering;
}

async function renderAnew(chart: string, options: RenderOptions): Promise<Rendering> {
  const { helm: major, files = [], values = {}, apis = [] } = options;
  const folder = join(charts, chart);
  const fileArgs = files.flatMap((file) => ['--values', join(folder, file)]);
  const said = Object.assign({}, ...files.map((file) => toBeSaid[`${chart}/${file}`]), values) as object;
  const set = Object.entries(said).flatMap(([name, value]) => ['--set-json', `${name}=${JSON.stringify(value)}`]);
  const known = apis.flatMap((api) => ['--api-versions', api]);
  const text = await helm(['template', 'r', folder, '--namespace', 'n', ...fileArgs, ...set, ...known], major);
  // Where only the text is compared, reading it would take several times what Helm does.
  let parsed: KubernetesObject[] | undefined;
  const objects = () => {
    parsed ??= objectsOf(text);
    return parsed;
  };
  const all = <K extends keyof KindOf>(kind: K) =>
    objects().filter((object) => object.kind === kind) as object[] as KindOf[K][];
  return {
    text,
    get objects() {
      return objects();
    },
    all,
    one(kind, name) {
      const found = all(kind).find(({ metadata }) => metadata?.name === name);
      if (!found) throw new Error(`${chart} renders no ${kind} ${name}`);
      return found;
    },
    pods() {
      const made = all('Deployment').map(({ metadata, spec }) => [metadata?.name ?? '', spec?.template ?? {}] as const);
      const tests = all('Pod').map((pod) => [pod.metadata?.name ?? '', pod] as const);
      return new Map<string, V1PodTemplateSpec>([...made, ...tests]);
    },
  };
}

/** The files of values that a chart must stand. */
export function valueSets(chart: string): string[] {
  const files = readdirSync(join(charts, chart, 'ci')).map((file) => `ci/${file}`);
  return [...files, 'values-dev.yaml', 'values-staging.yaml'];
}

/** Name and value of a container's environment; what comes from a Secret or a field is `from NAME KEY`. */
export function environmentOf({ spec }: V1PodTemplateSpec): Record<string, string> {
  const entries = spec?.containers.flatMap(({ env = [] }) => env) ?? [];
  return Object.fromEntries(
    entries.map(({ name, value, valueFrom }) => {
      const { secretKeyRef: secret, fieldRef: field } = valueFrom ?? {};
      return [name, value ?? (secret ? `from ${secret.name} ${secret.key}` : `from ${field?.fieldPath}`)];
    }),
  );
}
