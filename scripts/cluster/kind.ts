/** The cluster of our own, where no other is named. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { must } from './access.ts';
import { type ExistingCluster, kindCluster } from './plan.ts';

/** Apart from the person's own, so that no command of ours meets, or changes, what happens to be the current cluster there. */
const kubeconfigPath = join(import.meta.dirname, '../../.data/cluster/kubeconfig.yaml');

async function exists(): Promise<boolean> {
  return (await must('kind', ['get', 'clusters'])).split('\n').includes(kindCluster);
}

async function ourCluster(path: string): Promise<ExistingCluster> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await must('kind', ['get', 'kubeconfig', '--name', kindCluster]), { mode: 0o600 });
  return { kubeconfig: path, context: undefined };
}

/** Makes the cluster if it is not there. */
export async function createKind(path = kubeconfigPath): Promise<ExistingCluster> {
  const options = ['--config', 'kind-config.yaml', '--wait', '120s', '--kubeconfig', path];
  if (!(await exists())) await must('kind', ['create', 'cluster', ...options]);
  return ourCluster(path);
}

/** The cluster, or undefined where there is none. */
export async function findKind(): Promise<ExistingCluster | undefined> {
  return (await exists()) ? ourCluster(kubeconfigPath) : undefined;
}

export async function deleteKind(path = kubeconfigPath): Promise<void> {
  await must('kind', ['delete', 'cluster', '--name', kindCluster, '--kubeconfig', path]);
}
