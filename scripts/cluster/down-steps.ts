/** The steps of `npm run down`, in the order in which nothing is left hanging. */
import type { Access } from './access.ts';
import { isOurs } from './namespace.ts';
import { charts } from './up-steps.ts';

const patience = '--timeout=180s';
const ofRabbit = 'app.kubernetes.io/name=rabbitmq,app.kubernetes.io/part-of=shop';
const scalers = { crd: 'lagscalers.lagscaler.io', kind: 'lagscalers' } as const;

/** Our releases that are there, the shop before the controller: nobody is without what it still uses. */
export async function releases(access: Access): Promise<string[]> {
  const candidates = [...charts].reverse();
  const found = await Promise.all(candidates.map((chart) => access.hasRelease(chart, access.namespace)));
  return candidates.filter((_, index) => found[index]);
}

/** @returns the releases that were there */
export async function uninstallCharts(access: Access): Promise<string[]> {
  const gone = await releases(access);
  for (const release of gone)
    await access.helm(['uninstall', release, '-n', access.namespace, '--wait', '--timeout', '3m']);
  return gone;
}

/** What may be deleted, as kubectl selects it: all in a namespace of ours, what carries our label in one of others. */
export async function ours(access: Access): Promise<readonly string[]> {
  return (await isOurs(access, access.namespace)) ? [] : ['-l', 'app.kubernetes.io/part-of=shop'];
}

/**
 * Topics, then users, then Kafka: a topic is let go by the topic operator, which lives as long as the Kafka. The node pools
 * go with it; one that stays keeps its brokers running, and the name could not be used again.
 */
export async function deleteKafka(access: Access, note: (text: string) => void): Promise<void> {
  const selected = await ours(access);
  const namespace = ['-n', access.namespace];
  const kafkas = await access.list('kafkas.kafka.strimzi.io', [...namespace, ...selected]);
  if (kafkas.length === 0) return;
  for (const kind of ['kafkatopics', 'kafkausers', 'kafkas', 'kafkanodepools']) {
    note(kind);
    const which = selected.length === 0 ? ['--all'] : selected;
    await access.kubectl(['delete', `${kind}.kafka.strimzi.io`, ...namespace, ...which, patience]);
  }
  note('pods and disks');
  const ofKafka = [...namespace, '-l', 'strimzi.io/cluster=shop'];
  await access.kubectl(['wait', 'pod', '--for=delete', ...ofKafka, patience]);
  await access.kubectl(['delete', 'pvc', ...ofKafka, patience]);
}

/** MongoDB and RabbitMQ with disks and Secret, Kafka UI and the monitors, in a namespace that stays. */
export async function deleteTheRest(access: Access): Promise<void> {
  const hasMonitors = await access.has('crd', 'podmonitors.monitoring.coreos.com');
  // Disks outlive their StatefulSets.
  const kinds = ['statefulsets', 'deployments', 'services', 'networkpolicies', 'persistentvolumeclaims'];
  if (hasMonitors) kinds.push('podmonitors');
  await access.kubectl(['delete', kinds.join(), '-n', access.namespace, ...(await ours(access)), patience]);
  await access.kubectl(['delete', 'secrets', '-n', access.namespace, '-l', ofRabbit, patience]);
}

/** Helm leaves the definition behind. It stays while others have LagScalers of theirs. */
export async function deleteScalerDefinition(access: Access): Promise<void> {
  if ((await access.list(scalers.kind, ['--all-namespaces'])).length > 0) return;
  await access.kubectl(['delete', 'crd', scalers.crd, '--ignore-not-found', patience]);
}
