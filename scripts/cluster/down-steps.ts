/** The steps of `npm run down`, in the order in which nothing is left hanging. */
import type { Access } from './access.ts';
import { charts } from './up-steps.ts';

const patience = '--timeout=180s';
const scalers = { crd: 'lagscalers.lagscaler.io', kind: 'lagscalers' } as const;

/** The shop first, so that nobody is without the Kafka that it still uses. @returns the releases that were there */
export async function uninstallCharts(access: Access): Promise<string[]> {
  const gone: string[] = [];
  for (const chart of [...charts].reverse()) {
    if (!(await access.hasRelease(chart, access.namespace))) continue;
    await access.helm(['uninstall', chart, '-n', access.namespace, '--wait', '--timeout', '3m']);
    gone.push(chart);
  }
  return gone;
}

/**
 * Topics, then users, then Kafka: a topic is let go by the topic operator, which lives as long as the Kafka. The node pools
 * go with it; one that stays keeps its brokers running, and the name could not be used again.
 */
export async function deleteKafka(access: Access, note: (text: string) => void): Promise<void> {
  if (!(await access.has('crd', 'kafkas.kafka.strimzi.io'))) return;
  for (const kind of ['kafkatopics', 'kafkausers', 'kafkas', 'kafkanodepools']) {
    note(kind);
    await access.kubectl(['delete', `${kind}.kafka.strimzi.io`, '--all', '-n', access.namespace, patience]);
  }
  note('pods and disks');
  const ofKafka = ['-n', access.namespace, '-l', 'strimzi.io/kind=Kafka'];
  await access.kubectl(['wait', 'pod', '--for=delete', ...ofKafka, patience]);
  await access.kubectl(['delete', 'pvc', '-n', access.namespace, '-l', 'strimzi.io/cluster=shop', patience]);
}

/** MongoDB, Kafka UI and the monitors, for a namespace that stays. */
export async function deleteTheRest(access: Access): Promise<void> {
  const monitors = (await access.has('crd', 'podmonitors.monitoring.coreos.com')) ? ['k8s/kafka/pod-monitors'] : [];
  for (const folder of ['k8s/kafka-ui', 'k8s/mongo/base', ...monitors])
    await access.kubectl(['delete', '-k', folder, '-n', access.namespace, '--ignore-not-found', patience]);
  await access.kubectl(['delete', 'pvc', '-n', access.namespace, '-l', 'app.kubernetes.io/name=mongo', patience]);
}

/** Helm leaves the definition behind. It stays while others have LagScalers of theirs. */
export async function deleteScalerDefinition(access: Access): Promise<void> {
  if ((await access.list(scalers.kind, ['--all-namespaces'])).length > 0) return;
  await access.kubectl(['delete', 'crd', scalers.crd, '--ignore-not-found', patience]);
}
