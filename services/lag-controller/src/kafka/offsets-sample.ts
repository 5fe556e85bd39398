import type { GroupSample, PartitionSample } from '../law/observation.ts';
import type { Address } from './brokers.ts';
import type { GroupRead } from './group-offsets.ts';
import { type KafkaError, type KafkaResult, resultAt } from './result.ts';

export interface OffsetsSample {
  /** Absent when the topic could not be read or does not exist. */
  readonly partitions?: readonly PartitionSample[];
  readonly group?: GroupSample;
  readonly faults: readonly string[];
}

/** The leader of each partition. */
export type Leaders = ReadonlyMap<number, KafkaResult<Address>>;

export interface Ends {
  readonly high: number;
  readonly low: number;
}

export interface OffsetsRound {
  readonly topics: ReadonlyMap<string, KafkaResult<Leaders>>;
  readonly groups: ReadonlyMap<string, GroupRead>;
  /** Of the partitions that have a leader. */
  readonly ends: ReadonlyMap<string, ReadonlyMap<number, KafkaResult<Ends>>>;
}

/** Of the partitions that Kafka has now: a missing offset stays absent, it is not 0, and hides no other one. */
export function sampleOf(
  { group, topic }: { readonly group: string; readonly topic: string },
  { topics, groups, ends }: OffsetsRound,
): OffsetsSample {
  const leaders = topics.get(topic);
  const read = groups.get(group);
  const reads = [...(leaders?.value ?? [])].map(([partition, leader]) => ({
    partition,
    ends: leader.error ? leader : resultAt({ value: ends.get(topic) ?? new Map() }, partition),
    committed: committedAt(read, topic, partition),
  }));
  const faults = [
    ...(leaders?.error ? [topicFault(topic, leaders.error)] : []),
    ...groupFaults(group, read),
    ...partitionFaults(
      `offsets of ${topic}`,
      reads.map(({ partition, ends: found }) => [partition, found.error]),
    ),
    ...partitionFaults(
      `offsets of ${group} on ${topic}`,
      read?.committed.value ? reads.map(({ partition, committed }) => [partition, committed.error]) : [],
    ),
  ];
  const samples = reads.map(({ partition, ends: { value }, committed }) => ({
    partition,
    ...value,
    ...(committed.value !== undefined && { committed: committed.value }),
  }));
  return {
    ...(leaders?.value && { partitions: samples.sort((one, other) => one.partition - other.partition) }),
    ...(read?.state.value && { group: read.state.value }),
    faults,
  };
}

function committedAt(read: GroupRead | undefined, topic: string, partition: number): KafkaResult<number | null> {
  const committed = read?.committed;
  if (committed?.error) return committed;
  return resultAt({ value: committed?.value.get(topic) ?? new Map() }, partition);
}

function topicFault(topic: string, { code, detail }: KafkaError): string {
  return `topic ${topic}: ${code === 'UNKNOWN_TOPIC_OR_PARTITION' ? 'Kafka has no such topic.' : detail}`;
}

function groupFaults(group: string, read: GroupRead | undefined): string[] {
  const [state, committed] = [read?.state.error, read?.committed.error];
  return [
    ...(state ? [`group ${group}: ${state.detail}`] : []),
    ...(committed && committed.detail !== state?.detail ? [`offsets of ${group}: ${committed.detail}`] : []),
  ];
}

/** A sentence for each reason, with the partitions that it is said of. */
function partitionFaults(what: string, errors: readonly (readonly [number, KafkaError | undefined])[]): string[] {
  const failed = errors.flatMap(([partition, error]) => (error ? [{ partition, detail: error.detail }] : []));
  return [...Map.groupBy(failed, ({ detail }) => detail)].map(([detail, ones]) => {
    const numbers = ones.map(({ partition }) => partition).sort((one, other) => one - other);
    return `${what}, ${numbers.length === 1 ? 'partition' : 'partitions'} ${numbers.slice(0, 20).join(', ')}: ${detail}`;
  });
}
