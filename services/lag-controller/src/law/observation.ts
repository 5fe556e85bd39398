/**
 * What one look at Kafka, at the scaled target and at the consumers found. Plain JSON: a decision record holds it as it is.
 * What could not be read is absent, never zero. Offsets are exact up to 2^53.
 */
export interface Observation {
  readonly atMs: number;
  /** Of the topic as it is now, in any order; absent when the topic could not be read or does not exist. */
  readonly partitions?: readonly PartitionSample[];
  readonly group?: GroupSample;
  readonly target?: TargetSample;
  /** From the consumers' own metrics, where they export them; absent when they don't or none answered. */
  readonly work?: readonly WorkSample[];
}

export interface PartitionSample {
  readonly partition: number;
  /** Where the next message will be written; absent when no leader answered. */
  readonly high?: number;
  /** The oldest message that is still kept. */
  readonly low?: number;
  /** Where the group goes on; `null` when it has never committed here (Kafka's −1); absent when it could not be read. */
  readonly committed?: number | null;
}

export interface GroupSample {
  /** As Kafka names it; a KIP-848 group seen through the classic API is `Dead` without members. */
  readonly state: 'Stable' | 'PreparingRebalance' | 'CompletingRebalance' | 'Empty' | 'Dead' | 'Unknown';
  readonly members: number;
}

export interface TargetSample {
  /** `spec.replicas`: what was asked for. */
  readonly desired: number;
  /** `status.replicas`: what exists, ready or not. */
  readonly current: number;
  readonly ready: number;
  /** A new version is being rolled out, or the target's own controller has not seen its newest spec. */
  readonly rollingOut: boolean;
}

/** Counters of one replica since it started; a smaller value than before means that it was restarted. */
export interface WorkSample {
  readonly replica: string;
  /** Messages finished. */
  readonly handled: number;
  /** Seconds spent in handlers, summed over those that run at once. */
  readonly busySeconds: number;
  /** Handlers that may run at once. */
  readonly concurrency: number;
  /** The rebalances that it stood still for, and the seconds these took in all; absent where it does not tell. */
  readonly rebalances?: { readonly count: number; readonly seconds: number };
}
