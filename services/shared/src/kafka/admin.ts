import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../backoff.ts';
import { DomainError } from '../errors.ts';
import { adminFailure, isMoving } from './errors.ts';

export interface TopicDescription {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly leader: number; readonly replicas: number[] }[];
}

export interface NewTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly config?: Readonly<Record<string, string>>;
}

export interface PartitionOffsets {
  readonly partition: number;
  /** The oldest message that is still kept. */
  readonly low: bigint;
  /** Where the next message will be written. */
  readonly high: bigint;
  /** Where the group would go on; `undefined` when it never committed here, which is not the same as 0. */
  readonly committed: bigint | undefined;
}

export interface GroupMemberDescription {
  readonly memberId: string;
  readonly clientId: string;
  readonly host: string;
  readonly partitions: readonly { readonly topic: string; readonly partition: number }[];
}

export interface GroupDescription {
  /** As Kafka names it: `Stable`, `PreparingRebalance`, `CompletingRebalance`, `Empty` or `Dead` (no such group). */
  readonly state: string;
  readonly members: readonly GroupMemberDescription[];
}

/** Every method throws a DomainError: `not-found` (topic), `unprocessable` (refused) or `unavailable`. */
export interface Admin {
  /**
   * Those named, or all but Kafka's internal ones; sorted by name.
   * @throws also `unavailable` with the code `no-leader`, when a single partition of them has none: the client answers
   * all or nothing
   */
  readonly topics: (names?: readonly string[]) => Promise<TopicDescription[]>;
  /** Creates those that are missing and answers their names, as soon as they can be written. */
  readonly createTopics: (topics: readonly NewTopic[]) => Promise<string[]>;
  /** Raises the number of partitions to `partitions`; keys move to other partitions by that. */
  readonly addPartitions: (topic: string, partitions: number) => Promise<void>;
  readonly deleteTopics: (topics: readonly string[]) => Promise<void>;
  /** In the order of partitions. Without a group, `committed` is undefined. */
  readonly offsets: (topic: string, groupId?: string) => Promise<PartitionOffsets[]>;
  /** Per partition, the offset of the first message written at or after `time`; the end where there is none. */
  readonly offsetsAt: (topic: string, time: Date) => Promise<ReadonlyMap<number, bigint>>;
  /** Moves a group without members. Takes about five seconds. */
  readonly setOffsets: (groupId: string, topic: string, offsets: ReadonlyMap<number, bigint>) => Promise<void>;
  readonly groups: () => Promise<string[]>;
  readonly describeGroup: (groupId: string) => Promise<GroupDescription>;
  readonly deleteGroup: (groupId: string) => Promise<void>;
  readonly describeCluster: () => Promise<{ brokers: { nodeId: number; host: string; port: number }[] }>;
  readonly close: () => Promise<void>;
}

interface RawMember {
  memberId: string;
  clientId: string;
  clientHost: string;
  memberAssignment: Buffer;
}

/** What we use of the client's admin, in its words. */
export interface RawAdmin {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  fetchTopicMetadata(options?: { topics: string[] }): Promise<{
    topics: { name: string; partitions: { partitionId: number; leader: number; replicas: number[] }[] }[];
  }>;
  createTopics(options: {
    topics: {
      topic: string;
      numPartitions: number;
      replicationFactor: number;
      configEntries: { name: string; value: string }[];
    }[];
    waitForLeaders: boolean;
  }): Promise<boolean>;
  createPartitions(options: { topicPartitions: { topic: string; count: number }[] }): Promise<unknown>;
  deleteTopics(options: { topics: string[] }): Promise<void>;
  fetchTopicOffsets(topic: string): Promise<{ partition: number; high: string; low: string }[]>;
  fetchTopicOffsetsByTimestamp(topic: string, timestamp: number): Promise<{ partition: number; offset: string }[]>;
  fetchOffsets(options: {
    groupId: string;
    topics: string[];
  }): Promise<{ partitions: { partition: number; offset: string }[] }[]>;
  setOffsets(options: {
    groupId: string;
    topic: string;
    partitions: { partition: number; offset: string }[];
  }): Promise<void>;
  listGroups(): Promise<{ groups: { groupId: string; protocolType: string }[] }>;
  describeGroups(groupIds: string[]): Promise<{
    groups: {
      state: string;
      members: RawMember[];
    }[];
  }>;
  deleteGroups(groupIds: string[]): Promise<unknown>;
  describeCluster(): Promise<{ brokers: { nodeId: number; host: string; port: number }[] }>;
}

type DecodeAssignment = (assignment: Buffer) => Readonly<Record<string, number[]>>;

/** A group's first coordinator, or the next one, is there within a second or two. */
const patience = { attempts: 5, firstMs: 100, maxMs: 800 };

async function onceSettled<T>(request: () => Promise<T>, failures = 0): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (!isMoving(error) || failures + 1 >= patience.attempts) throw error;
    await sleep(backoffMs(patience, failures, Math.random()));
    return await onceSettled(request, failures + 1);
  }
}

/** Kafka answers for a change when it is decided; each broker carries it out a moment later, a busy one after seconds. */
const changePatience = { timeoutMs: 15_000, firstMs: 50, maxMs: 1_000 };

/** @throws DomainError `unavailable` where a change that was decided cannot be seen in time */
async function untilSeen(change: string, isSeen: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + changePatience.timeoutMs;
  for (let looks = 0; ; looks += 1) {
    let cause: unknown;
    try {
      if (await isSeen()) return;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline)
      throw new DomainError('unavailable', {
        code: 'change-not-seen',
        detail: `${change}, and cannot be used yet${cause instanceof Error ? `: ${cause.message}` : '.'}`,
        retryAfterSeconds: 5,
        cause,
      });
    await sleep(backoffMs(changePatience, looks, Math.random()));
  }
}

/** Connects with the first call. */
export function createAdmin(raw: RawAdmin, decodeAssignment: DecodeAssignment): Admin {
  let connected: Promise<void> | undefined;

  const ask = async <T>(request: () => Promise<T>): Promise<T> => {
    try {
      connected ??= raw.connect();
      await connected;
      return await onceSettled(request);
    } catch (error) {
      connected = undefined;
      throw adminFailure(error);
    }
  };

  const topics = async (names: readonly string[] = []): Promise<TopicDescription[]> => {
    const metadata = await raw.fetchTopicMetadata({ topics: [...names] });
    return metadata.topics
      .filter(({ name }) => !name.startsWith('__'))
      .map(({ name, partitions }) => ({
        topic: name,
        partitions: partitions
          .map(({ partitionId, leader, replicas }) => ({ partition: partitionId, leader, replicas }))
          .sort((a, b) => a.partition - b.partition),
      }))
      .sort((a, b) => (a.topic < b.topic ? -1 : 1));
  };

  const committedOf = async (groupId: string, topic: string) => {
    const found = await raw.fetchOffsets({ groupId, topics: [topic] });
    return committedIn(found.flatMap(({ partitions }) => partitions));
  };

  const describeGroup = async (groupId: string): Promise<GroupDescription> => {
    const [group] = (await raw.describeGroups([groupId])).groups;
    if (group === undefined) return { state: 'Dead', members: [] };
    return { state: group.state, members: group.members.map(describedMember) };
  };

  const describedMember = ({ memberId, clientId, clientHost, memberAssignment }: RawMember) => ({
    memberId,
    clientId,
    host: clientHost,
    partitions: Object.entries(decodeAssignment(memberAssignment)).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    ),
  });

  const offsets = async (topic: string, groupId?: string): Promise<PartitionOffsets[]> => {
    // Committed is read before the ends, so that a lag can come out too large, never negative.
    const committed = groupId === undefined ? undefined : await committedOf(groupId, topic);
    const ends = await raw.fetchTopicOffsets(topic);
    return ends
      .map(({ partition, low, high }) => ({
        partition,
        low: BigInt(low),
        high: BigInt(high),
        committed: committed?.get(partition),
      }))
      .sort((a, b) => a.partition - b.partition);
  };

  const hasPartitions = async (topic: string, count: number) =>
    ((await topics([topic]))[0]?.partitions.length ?? 0) >= count;

  return {
    topics: (names) => ask(() => topics(names)),
    async createTopics(wanted) {
      const missing = await ask(async () => {
        const present = new Set((await topics()).map(({ topic }) => topic));
        const absent = wanted.filter(({ topic }) => !present.has(topic));
        // The client's own wait for leaders fails where the broker has not heard of the topic yet.
        if (absent.length > 0) await raw.createTopics({ topics: absent.map(rawTopic), waitForLeaders: false });
        return absent;
      });
      for (const { topic, partitions } of missing) {
        const change = `Kafka has created ${topic}`;
        await untilSeen(change, () => hasPartitions(topic, partitions));
        // A leader without a log refuses this, as it would refuse to write.
        await untilSeen(change, async () => (await raw.fetchTopicOffsets(topic)).length > 0);
      }
      return missing.map(({ topic }) => topic);
    },
    async addPartitions(topic, count) {
      await ask(async () => {
        await raw.createPartitions({ topicPartitions: [{ topic, count }] });
      });
      await untilSeen(`${topic} has been given ${count} partitions`, () => hasPartitions(topic, count));
    },
    async deleteTopics(names) {
      await ask(() => raw.deleteTopics({ topics: [...names] }));
      // Of all topics, as the client stumbles over a single one that is gone.
      const areGone = async () => !(await topics()).some(({ topic }) => names.includes(topic));
      await untilSeen(`${names.join(', ')} has been deleted`, areGone);
    },
    offsets: (topic, groupId) => ask(() => offsets(topic, groupId)),
    offsetsAt: (topic, time) =>
      ask(async () => {
        const found = await raw.fetchTopicOffsetsByTimestamp(topic, time.getTime());
        return new Map(found.map(({ partition, offset }) => [partition, BigInt(offset)]));
      }),
    setOffsets: (groupId, topic, target) =>
      ask(() =>
        raw.setOffsets({
          groupId,
          topic,
          partitions: [...target].map(([partition, offset]) => ({ partition, offset: String(offset) })),
        }),
      ),
    groups: () => ask(async () => (await raw.listGroups()).groups.map(({ groupId }) => groupId).sort()),
    describeGroup: (groupId) => ask(() => describeGroup(groupId)),
    deleteGroup: (groupId) =>
      ask(async () => {
        await raw.deleteGroups([groupId]);
      }),
    describeCluster: () => ask(async () => ({ brokers: (await raw.describeCluster()).brokers })),
    close: () => raw.disconnect(),
  };
}

function rawTopic({ topic, partitions, replicationFactor, config = {} }: NewTopic) {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  return { topic, numPartitions: partitions, replicationFactor, configEntries };
}

/** Kafka answers −1 for «never committed», and the client may have left −2 after data was deleted: both mean none. */
function committedIn(partitions: readonly { partition: number; offset: string }[]): Map<number, bigint> {
  const offsets = partitions.map(({ partition, offset }) => [partition, BigInt(offset)] as const);
  return new Map(offsets.filter(([, offset]) => offset >= 0n));
}
