/** The cluster of our own, where no other is named. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from './access.ts';
import { type ExistingCluster, kindCluster } from './plan.ts';

async function exists(): Promise<boolean> {
  return (await must('kind', ['get', 'clusters'])).split('\n').includes(kindCluster);
}

/** With a kubeconfig apart from the person's own, so that no command of ours meets a cluster that happens to be the current one there. */
async function ourCluster(): Promise<ExistingCluster> {
  const folder = join(import.meta.dirname, '../../.data/cluster');
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'kubeconfig.yaml');
  await writeFile(path, await must('kind', ['get', 'kubeconfig', '--name', kindCluster]), { mode: 0o600 });
  return { kubeconfig: path, context: undefined };
}

/** Makes the cluster if it is not there. */
export async function createKind(): Promise<ExistingCluster> {
  if (!(await exists())) await must('kind', ['create', 'cluster', '--config', 'kind-config.yaml', '--wait', '120s']);
  return ourCluster();
}

/** The cluster, or undefined where there is none. */
export async function findKind(): Promise<ExistingCluster | undefined> {
  return (await exists()) ? ourCluster() : undefined;
}

export async function deleteKind(): Promise<void> {
  await must('kind', ['delete', 'cluster', '--name', kindCluster]);
}
