/** The cluster of our own, where no other is named. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from './access.ts';
import { kindCluster } from './plan.ts';

async function exists(): Promise<boolean> {
  return (await must('kind', ['get', 'clusters'])).split('\n').includes(kindCluster);
}

/** Apart from the person's own, so that no command of ours meets a cluster that happens to be the current one there. */
async function writeKubeconfig(): Promise<string> {
  const folder = join(import.meta.dirname, '../../.data/cluster');
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'kubeconfig.yaml');
  await writeFile(path, await must('kind', ['get', 'kubeconfig', '--name', kindCluster]), { mode: 0o600 });
  return path;
}

/** @returns the path of its kubeconfig */
export async function createKind(): Promise<string> {
  if (!(await exists())) await must('kind', ['create', 'cluster', '--config', 'kind-config.yaml', '--wait', '120s']);
  return writeKubeconfig();
}

/** The kubeconfig of the cluster, or undefined where there is none. */
export async function findKind(): Promise<string | undefined> {
  return (await exists()) ? writeKubeconfig() : undefined;
}

export async function deleteKind(): Promise<void> {
  await must('kind', ['delete', 'cluster', '--name', kindCluster]);
}
