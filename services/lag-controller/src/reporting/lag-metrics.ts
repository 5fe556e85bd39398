import { type Gauge, gauge, type Registry } from '@shop/shared/metrics';
import type { Terms } from '../law/decision.ts';
import { hasMembersSeen } from '../law/look.ts';
import type { PartitionSample } from '../law/observation.ts';
import { isAnythingKnown } from '../law/terms.ts';
import type { Round, Scaler } from '../scaler.ts';

interface Newest {
  readonly scaler: Pick<Scaler, 'group' | 'topic'>;
  readonly round: Round;
}

type Labels = 'consumergroup' | 'topic' | 'partition';

/**
 * The names and labels of the exporters that dashboards and alerts are written for, which add up what all processes say: so only
 * the one that acts says it. A partition whose value is unknown has no series: a 0 would look like a group that has caught up.
 */
export function lagMetrics(registry: Registry, newest: () => Iterable<Newest>): void {
  const perGroup: Labels[] = ['consumergroup', 'topic'];
  const define = (name: string, help: string, labels: Labels[], fill: (own: Gauge<Labels>, one: Newest) => void) =>
    gauge(registry, name, help, labels, (own) => {
      own.reset();
      for (const one of newest()) fill(own, one);
    });
  const perPartition = (name: string, help: string, read: (sample: PartitionSample, round: Round) => unknown) =>
    define(name, help, [...perGroup, 'partition'], (own, { scaler, round }) => {
      for (const sample of round.observation.partitions ?? []) {
        const value = read(sample, round);
        if (typeof value === 'number') own.set({ ...labelsOf(scaler), partition: sample.partition }, value);
      }
    });
  const total = (name: string, help: string, read: (round: Round) => number | undefined) =>
    define(name, help, perGroup, (own, { scaler, round }) => {
      const value = read(round);
      if (value !== undefined) own.set(labelsOf(scaler), value);
    });

  perPartition('kafka_consumergroup_lag', 'Messages the group has not finished', backlogOf);
  perPartition('kafka_consumergroup_current_offset', 'Where the group goes on', ({ committed }) => committed);
  perPartition(
    'kafka_consumergroup_group_lag_seconds',
    'Age of the oldest message that is not finished',
    ({ partition }, round) => partitionTerms(round, partition)?.ageSeconds,
  );
  total('kafka_consumergroup_lag_sum', 'Messages the group has not finished, where known', ({ decision: { terms } }) =>
    isAnythingKnown(terms) ? terms.backlog : undefined,
  );
  total('kafka_consumergroup_members', 'Members of the group', ({ observation: { group } }) =>
    hasMembersSeen(group) ? group.members : undefined,
  );
  total('kafka_consumergroup_group_max_lag_seconds', 'Age of the oldest message over all partitions', ({ decision }) =>
    oldest(decision.terms),
  );
  const ofTopic = (name: string, help: string, read: (sample: PartitionSample) => number | undefined) =>
    define(name, help, ['topic', 'partition'], (own, { scaler: { topic }, round }) => {
      for (const sample of round.observation.partitions ?? []) {
        const value = read(sample);
        if (value !== undefined) own.set({ topic, partition: sample.partition }, value);
      }
    });
  ofTopic('kafka_topic_partition_current_offset', 'Where the next message will be written', ({ high }) => high);
  ofTopic('kafka_topic_partition_oldest_offset', 'The oldest message that is kept', ({ low }) => low);
  define('kafka_topic_partitions', 'Partitions of the topic', ['topic'], (own, { scaler: { topic }, round }) => {
    if (round.observation.partitions) own.set({ topic }, round.observation.partitions.length);
  });
}

/** Of those too that no replica helps with, which the law leaves out. */
function oldest({ partitions }: Terms): number | undefined {
  const ages = partitions.flatMap(({ ageSeconds }) => ageSeconds ?? []);
  return ages.length > 0 ? Math.max(...ages) : undefined;
}

function labelsOf({ group, topic }: Newest['scaler']) {
  return { consumergroup: group, topic };
}

function partitionTerms({ decision }: Round, partition: number) {
  return decision.terms.partitions.find((one) => one.partition === partition);
}

function backlogOf({ partition }: PartitionSample, round: Round): number | undefined {
  return partitionTerms(round, partition)?.backlog;
}
