import { isDomainError } from '@shop/shared/errors';
import type { Admin, GroupDescription, PartitionOffsets, TopicDescription } from '@shop/shared/messaging/kafka-admin';
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

/** Requests under way at once: a broker answers one connection's in turn, and other clients' wait behind them. */
const lanes = 8;

/**
 * Reads by one admin connection, each topic and each group once, however many scalers share it: 1 request for all topics,
 * 2 for a topic's ends and starts per broker that leads some of it, 3 for a group and 1 per coordinator.
 *
 * @param open gives a new admin. The client remembers the partitions of every topic it was asked about, for ever, and fails
 * each new one once one of them is gone. So it is replaced then, and when it lacks a partition that Kafka has.
 */
export function offsetsReader(open: () => Admin): { readonly read: ReadOffsets; readonly close: () => Promise<void> } {
  let admin = open();
  let remembered = new Set<string>();
  const renew = async () => {
    const old = admin;
    admin = open();
    remembered = new Set();
    await attempt('connection', () => old.close());
  };
  return {
    async read(wanted) {
      if (wanted.length === 0) return new Map();
      const topics = await readTopics(admin, [...new Set(wanted.map(({ topic }) => topic))]);
      const readable = new Set([...topics].flatMap(([topic, { value }]) => (value ? [topic] : [])));
      if ([...remembered].some((topic) => !readable.has(topic))) await renew();
      remembered = readable;
      const round = { topics, ...(await readGroups(admin, wanted, readable)) };
      const samples = wanted.map((one) => [one.name, sampleOf(one, round)] as const);
      if (samples.some(([, { partitions = [] }]) => partitions.some(({ high }) => high === undefined))) await renew();
      return new Map(samples);
    },
    close: () => admin.close(),
  };
}

interface Attempt<T> {
  readonly value?: T;
  readonly fault?: string;
  /** The kind of fault, as a word. */
  readonly code?: string;
}

type Found<T> = ReadonlyMap<string, Attempt<T>>;

interface ReadRound {
  readonly topics: Found<TopicDescription['partitions']>;
  readonly groups: Found<GroupDescription>;
  readonly committed: Found<ReadonlyMap<string, ReadonlyMap<number, bigint>>>;
  readonly ends: Found<readonly PartitionOffsets[]>;
}

async function attempt<T>(what: string, action: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await action() };
  } catch (error) {
    if (!isDomainError(error)) throw error;
    return { fault: `${what}: ${error.message}`, code: error.code };
  }
}

async function readGroups(
  admin: Admin,
  wanted: readonly Wanted[],
  readable: ReadonlySet<string>,
): Promise<Omit<ReadRound, 'topics'>> {
  const topicsOf = [...Map.groupBy(wanted, ({ group }) => group)].map(([group, ones]) => {
    const topics = [...new Set(ones.map(({ topic }) => topic))].filter((topic) => readable.has(topic));
    return { group, topics };
  });
  const groups = await describeGroups(
    admin,
    topicsOf.map(({ group }) => group),
  );
  // Committed is read before the ends, so that a lag can come out too large, never negative.
  const committed = await each(
    topicsOf.filter(({ topics }) => topics.length > 0),
    ({ group, topics }) => [group, attempt(`offsets of ${group}`, () => admin.committed(group, topics))],
  );
  const ends = await each([...readable], (topic) => [
    topic,
    attempt(`offsets of ${topic}`, () => admin.offsets(topic)),
  ]);
  return { groups, committed, ends };
}

/** One request; where a partition anywhere is without a leader, by which the client fails it, one for each topic. */
async function readTopics(admin: Admin, names: readonly string[]): Promise<ReadRound['topics']> {
  const all = await attempt('topics', () => admin.topics());
  const partitionsIn = (topics: readonly TopicDescription[], name: string) =>
    topics.find(({ topic }) => topic === name)?.partitions;
  if (all.code === 'no-leader')
    return await each(names, (name) => [
      name,
      attempt(`topic ${name}`, async () => partitionsIn(await admin.topics([name]), name) ?? []),
    ]);
  return new Map(
    names.map((name) => {
      if (all.value === undefined) return [name, { fault: all.fault ?? '' }];
      const value = partitionsIn(all.value, name);
      return [name, value ? { value } : { fault: `topic ${name}: Kafka has no such topic.` }];
    }),
  );
}

/** All at once; each by itself where that fails, so that a coordinator that is away hides its own groups only. */
async function describeGroups(admin: Admin, ids: readonly string[]): Promise<ReadRound['groups']> {
  const all = await attempt('groups', () => admin.describeGroups(ids));
  const { value } = all;
  if (value === undefined) return await each(ids, (id) => [id, attempt(`group ${id}`, () => admin.describeGroup(id))]);
  return new Map(ids.map((id) => [id, { value: value.get(id) ?? { state: 'Dead', members: [] } }]));
}

/** Runs `ask` for each, a few at a time. */
async function each<I, T>(
  items: readonly I[],
  ask: (item: I) => readonly [string, Promise<Attempt<T>>],
): Promise<Found<T>> {
  const found = new Map<string, Attempt<T>>();
  const queue = items.values();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (const item of queue) {
        const [key, answer] = ask(item);
        found.set(key, await answer);
      }
    }),
  );
  return found;
}

const states: readonly GroupSample['state'][] = [
  'Stable',
  'PreparingRebalance',
  'CompletingRebalance',
  'Empty',
  'Dead',
  'Unknown',
];

function sampleOf({ group, topic }: Wanted, round: ReadRound): OffsetsSample {
  const [present, described] = [round.topics.get(topic), round.groups.get(group)];
  const [committed, ends] = [round.committed.get(group), round.ends.get(topic)];
  const faults = [present, described, committed, ends].map((one) => one?.fault).filter((fault) => fault !== undefined);
  const known = committed?.value && ends?.value;
  const offsets = known?.map((one) => ({ ...one, committed: committed?.value?.get(topic)?.get(one.partition) }));
  return {
    ...(present?.value && { partitions: partitionSamples(present.value, offsets) }),
    ...(described?.value && {
      group: {
        state: states.find((state) => state === described.value?.state) ?? 'Unknown',
        members: described.value.members.length,
      },
    }),
    faults,
  };
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
