import type { GroupSample } from '../law/observation.ts';
import type { KafkaResult } from './result.ts';

/** `host:port` */
export type Address = string;

/** By topic. */
export type Partitions = ReadonlyMap<string, readonly number[]>;
/** By topic, then by partition. */
export type ByPartition<T> = ReadonlyMap<string, ReadonlyMap<number, T>>;

/**
 * The questions that a round has for Kafka, each one request, however much it asks for. A promise rejects with a DomainError
 * `unavailable` when no broker, or not the one that was asked, has answered in time.
 */
export interface Brokers {
  /** By name: which broker leads each partition. To any broker. */
  readonly topics: (
    names: readonly string[],
  ) => Promise<ReadonlyMap<string, KafkaResult<ReadonlyMap<number, KafkaResult<Address>>>>>;
  /** By group: the broker that keeps its offsets and members. To any broker. */
  readonly coordinators: (groups: readonly string[]) => Promise<ReadonlyMap<string, KafkaResult<Address>>>;
  /** Where each partition begins (the oldest message that is kept) or ends (where the next one will be written). */
  readonly offsets: (
    leader: Address,
    partitions: Partitions,
    which: 'earliest' | 'latest',
  ) => Promise<ByPartition<KafkaResult<number>>>;
  /** By group, where it goes on; `null` in a partition in which it never committed. */
  readonly committed: (
    coordinator: Address,
    wanted: ReadonlyMap<string, Partitions>,
  ) => Promise<ReadonlyMap<string, KafkaResult<ByPartition<KafkaResult<number | null>>>>>;
  /** By group; one that does not exist is `Dead`. */
  readonly groups: (
    coordinator: Address,
    ids: readonly string[],
  ) => Promise<ReadonlyMap<string, KafkaResult<GroupSample>>>;
}
