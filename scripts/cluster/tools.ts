import { findOnPath } from '../embedded/executable.ts';
import { SetupError } from '../embedded/setup-error.ts';
import type { ClusterPlan } from './plan.ts';

const howToGet = {
  kubectl: 'https://kubernetes.io/docs/tasks/tools',
  helm: 'version 3.18 or newer: https://helm.sh/docs/intro/install',
  helm3: 'Helm 3.18 or newer under this name: the charts are tried with both majors',
  promtool: 'of Prometheus: https://prometheus.io/download',
  prometheus: 'https://prometheus.io/download: the tests let it read the pods',
  kind: 'https://kind.sigs.k8s.io/docs/user/quick-start, or name a cluster of yours by KUBECONFIG',
  docker: 'https://docs.docker.com/engine/install, or name a cluster of yours by KUBECONFIG',
} as const;
export type Tool = keyof typeof howToGet;

/** What the plan cannot do without. */
export function toolsOf({ cluster, parts, imageCommand }: ClusterPlan): Tool[] {
  const ofKind: Tool[] = cluster === undefined ? ['kind'] : [];
  const needsDocker = cluster === undefined || (parts.has('images') && imageCommand === undefined);
  return ['kubectl', 'helm', ...ofKind, ...(needsDocker ? (['docker'] as const) : [])];
}

/** @throws SetupError that names all that are missing at once, and how to get each */
export async function requireTools(tools: readonly Tool[], env: NodeJS.ProcessEnv): Promise<void> {
  const found = await Promise.all(tools.map((tool) => findOnPath(tool, env)));
  const missing = tools.filter((_, index) => found[index] === undefined);
  if (missing.length === 0) return;
  const list = missing.map((tool) => `  ${tool.padEnd(8)} ${howToGet[tool]}`);
  throw new SetupError(`Not found on PATH:\n${list.join('\n')}`);
}
