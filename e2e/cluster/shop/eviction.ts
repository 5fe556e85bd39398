/** What a drain of a node does to the pods on it. */
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { namespace } from './namespace.ts';

function coreApi(): CoreV1Api {
  const config = new KubeConfig();
  config.loadFromDefault();
  return config.makeApiClient(CoreV1Api);
}

/** Names of the pods of the releases that carry all these labels, but for those that are leaving: a drain lets them. */
export async function podNames(labels: Readonly<Record<string, string>> = {}): Promise<string[]> {
  const all = { 'app.kubernetes.io/managed-by': 'Helm', ...labels };
  const labelSelector = Object.entries(all)
    .map(([label, value]) => `${label}=${value}`)
    .join();
  const { items } = await coreApi().listNamespacedPod({ namespace, labelSelector });
  return items.flatMap(({ metadata }) => (metadata?.deletionTimestamp ? [] : (metadata?.name ?? [])));
}

/** @throws where a PodDisruptionBudget does not let it go now */
export async function evict(name: string, { isTrial = false } = {}): Promise<void> {
  const eviction = { name, namespace, body: { metadata: { name } }, ...(isTrial && { dryRun: 'All' }) };
  await coreApi().createNamespacedPodEviction(eviction);
}
