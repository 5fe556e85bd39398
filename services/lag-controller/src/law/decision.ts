/** Why a decision is what it is. The list is closed: metrics and alerts use these words as labels. */
export const reasons = [
  'steady',
  'objective-at-risk',
  'growing-into-unknown-capacity',
  'load-fell',
  'probing-down',
  'below-minimum',
  'above-maximum',
  'at-maximum',
  'partition-bound',
  'downstream-limited',
  'waiting-for-confirmation',
  'settling',
  'cooling-down',
  'not-worth-a-rebalance',
  'partly-unknown',
  'rebalance-budget-spent',
  'rolling-out',
  'scaled-to-zero',
  'unknown-data',
  'group-not-seen',
  'failsafe',
  'paused',
] as const;
export type Reason = (typeof reasons)[number];

/** Too little was seen to decide by the load. */
export const blindReasons: ReadonlySet<Reason> = new Set<Reason>(['unknown-data', 'group-not-seen']);

/** What `decide` says, with every term of the computation. Plain JSON. */
export interface Decision {
  readonly atMs: number;
  /** What should be asked for now; equals what is asked for already when nothing is to change. `undefined`: no opinion, hold. */
  readonly replicas?: number;
  readonly action: 'up' | 'down' | 'hold';
  readonly reason: Reason;
  readonly terms: Terms;
}

export interface Terms {
  readonly partitions: readonly PartitionTerms[];
  /** The live partition count, where it is known. */
  readonly partitionCount?: number;
  /** Replicas may be chosen from here to here. */
  readonly bounds?: { readonly min: number; readonly max: number };
  /** Messages waiting, over the partitions whose backlog is known. */
  readonly backlog: number;
  /** Age of the oldest message that more replicas could help with, in seconds; absent while nothing is known. */
  readonly ageSeconds?: number;
  /** Messages per second, over all partitions. */
  readonly arrivalRate: number;
  readonly consumptionRate: number;
  readonly capacity: Capacity;
  /** Measured, or the policy's first guess. */
  readonly startSeconds: number;
  readonly rebalanceSeconds: number;
  /** What a step down is priced with; absent where no consumer reported one. */
  readonly shortestRebalanceSeconds?: number;
  readonly rebalancesLastHour: number;
  /** For the replica counts that were considered. */
  readonly predictions: readonly { readonly replicas: number; readonly worstAgeSeconds: number }[];
  /** Partitions whose offset stands still while others move on: a poison message, most likely. */
  readonly stalled: readonly { readonly partition: number; readonly offset: number; readonly forSeconds: number }[];
  readonly unknownPartitions: readonly number[];
  readonly stalePartitions: readonly number[];
  /** Set when no replica count meets the objective: what would. */
  readonly partitionBound?: {
    readonly partitions: readonly number[];
    readonly neededMessagesPerSecondPerReplica: number;
  };
  /** Set while scaling up is blocked because it did not help. */
  readonly downstreamLimitedUntilMs?: number;
}

export interface PartitionTerms {
  readonly partition: number;
  readonly state: 'known' | 'stale' | 'unknown' | 'stalled';
  readonly backlog?: number;
  readonly ageSeconds?: number;
  readonly arrivalRate?: number;
}

export interface Capacity {
  /** Messages per second of one replica. */
  readonly messagesPerSecond?: number;
  readonly source: 'busy-time' | 'learned' | 'hint' | 'unknown';
}
