import type { Load } from './assess.ts';
import type { Assignor } from './assignment.ts';
import type { History } from './history.ts';
import type { Policy } from './policy.ts';

/** What a prediction starts from: one group, as it is now. */
export interface Situation {
  /** By partition: messages waiting, and messages per second expected. */
  readonly backlog: readonly number[];
  readonly arrival: readonly number[];
  /** Age of the oldest message now, in seconds. */
  readonly ageSeconds: number;
  /** Messages per second of one replica. */
  readonly capacity: number;
  readonly partitionsAtOnce?: number | undefined;
  readonly replicas: number;
  readonly assignor: Assignor;
  readonly startSeconds: number;
  readonly rebalanceSeconds: number;
}

/** @param capacity messages per second of one replica, measured or assumed */
export function situationOf(
  { learned }: History,
  policy: Policy,
  load: Load,
  desired: number,
  capacity: number,
): Situation {
  return {
    backlog: load.backlog,
    arrival: load.arrival,
    ageSeconds: Math.max(0, (load.ageSeconds ?? 0) - load.commitSeconds),
    capacity,
    partitionsAtOnce: policy.partitionsAtOnce,
    replicas: desired,
    assignor: policy.assignor,
    startSeconds: learned.startSeconds ?? policy.startSeconds,
    rebalanceSeconds: learned.rebalanceSeconds ?? policy.rebalanceSeconds,
  };
}
