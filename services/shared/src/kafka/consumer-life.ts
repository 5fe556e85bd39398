import type { FetchedRecord } from './records.ts';

/** What one request for one partition brought. */
export interface Fetch {
  readonly partition: number;
  /** The offset that was asked for. */
  readonly from: bigint;
  /** Where reading goes on when this was taken. */
  readonly next: bigint;
  readonly records: readonly FetchedRecord[];
}

export interface ConsumerOptions {
  readonly groupId: string;
  readonly topic: string;
  readonly sessionTimeoutMs: number;
  readonly maxBytesPerPartition: number;
}

/** Told by a consumer what happens to it. Must not throw, but for `take`. */
export interface ConsumerListener {
  /** A new generation of the group: these partitions are ours now, and nothing from before counts any more. */
  readonly joined: (partitions: readonly number[]) => void;
  /** The group is about to be joined again; a commit that is sent now still counts. */
  readonly rebalancing: () => void;
  readonly heartbeat: () => void;
  /** The consumer has ended and will not come back. */
  readonly crashed: (error: Error) => void;
  /** Fetching waits for this before it offers messages of the partition. Must resolve within a second. */
  readonly ready: (partition: number) => Promise<void>;
  /** False to be offered the same messages again. What it throws ends the consumer, and is told by `crashed`. */
  readonly take: (fetch: Fetch) => boolean;
}

/** A consumer from its start to its end; whoever wants to go on after a crash opens another one. */
export interface ConsumerLife {
  /** Resolves when the group was joined, or after `crashed` was told; rejects when Kafka cannot be reached. */
  readonly start: () => Promise<void>;
  /** Partition → offset to go on from. @throws when not every one is known to be committed */
  readonly commit: (offsets: ReadonlyMap<number, bigint>) => Promise<void>;
  readonly pause: (partitions: readonly number[]) => void;
  readonly resume: (partitions: readonly number[]) => void;
  readonly seek: (partition: number, offset: bigint) => void;
  /** Leaves the group, so that others take over at once, and disconnects. */
  readonly stop: () => Promise<void>;
  /** Cuts the connections. */
  readonly kill: () => void;
}
