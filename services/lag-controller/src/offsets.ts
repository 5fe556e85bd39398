import { isDomainError } from '@shop/shared/errors';
import type { Admin, PartitionOffsets, TopicDescription } from '@shop/shared/messaging/kafka-admin';
import type { GroupSample, PartitionSample } from './observation.ts';
import type { Scaler } from './scaler.ts';

export interface OffsetsSample {
  /** Absent when the topic could not be read or does not exist. */
  readonly partitions?: readonly PartitionSample[];
  readonly group?: GroupSample;
  readonly faults: readonly string[];
}

type Wanted = Pick<Scaler, 'name' | 'group' | 'topic'>;

/** By the scaler's name. Never rejects: what could not be read is absent, and the faults say why. */
export type ReadOffsets = (wanted: readonly Wanted[]) => Promise<ReadonlyMap<string, OffsetsSample>>;

const states: readonly GroupSample['state'][] = [
  'Stable',
  'PreparingRebalance',
  'CompletingRebalance',
  'Empty',
  'Dead',
  'Unknown',
];

/**
 * Reads by one admin connection: the topics once, then each group.
 *
 * @param open gives a new admin. The client remembers a topic's partitions for minutes, so one that lacks a partition
 * that Kafka has is replaced.
 */
export function offsetsReader(open: () => Admin): { readonly read: ReadOffsets; readonly close: () => Promise<void> } {
  let admin = open();
  const renew = async () => {
    const old = admin;
    admin = open();
    await old.close();
  };
  return {
    async read(wanted) {
      const topics = await attempt('topics', () => admin.topics());
      const samples = await Promise.all(
        wanted.map(async (one) => [one.name, await sampleOf(admin, one, topics)] as const),
      );
      if (samples.some(([, { partitions = [] }]) => partitions.some(({ high }) => high === undefined)))
        await attempt('connection', renew);
      return new Map(samples);
    },
    close: () => admin.close(),
  };
}

interface Attempt<T> {
  readonly value?: T;
  readonly fault?: string;
}

async function attempt<T>(what: string, action: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await action() };
  } catch (error) {
    if (!isDomainError(error)) throw error;
    return { fault: `${what}: ${error.message}` };
  }
}

async function sampleOf(admin: Admin, { group, topic }: Wanted, topics: Attempt<TopicDescription[]>) {
  const described = await attempt(`group ${group}`, () => admin.describeGroup(group));
  const faults = [topics.fault, described.fault];
  const present = topics.value?.find((one) => one.topic === topic)?.partitions;
  if (topics.value !== undefined && present === undefined) faults.push(`topic ${topic}: Kafka has no such topic.`);
  // A leader that is away makes the client fail the whole topic, so that all its partitions are unknown then.
  const offsets = present && (await attempt(`offsets of ${topic}`, () => admin.offsets(topic, group)));
  faults.push(offsets?.fault);
  const sample: OffsetsSample = {
    ...(present && { partitions: partitionSamples(present, offsets?.value) }),
    ...(described.value && {
      group: {
        state: states.find((state) => state === described.value?.state) ?? 'Unknown',
        members: described.value.members.length,
      },
    }),
    faults: faults.filter((fault) => fault !== undefined),
  };
  return sample;
}

/** The partitions that Kafka has now, with what is known of each: a missing offset stays absent, it is not 0. */
export function partitionSamples(
  present: TopicDescription['partitions'],
  offsets: readonly PartitionOffsets[] = [],
): PartitionSample[] {
  return present.map(({ partition, leader }) => {
    const found = leader < 0 ? undefined : offsets.find((one) => one.partition === partition);
    if (found === undefined || found.high < 0n) return { partition };
    const { high, low, committed } = found;
    return {
      partition,
      high: Number(high),
      low: Number(low),
      committed: committed === undefined ? null : Number(committed),
    };
  });
}
