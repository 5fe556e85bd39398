import type { Load } from './assess.ts';
import type { History } from './history.ts';
import type { Look } from './look.ts';
import type { Policy } from './policy.ts';
import { type Situation, utilizationAt } from './prediction.ts';
import { total } from './rates.ts';

/** Everything that the gates of a decision look at. */
export interface Case {
  readonly history: History;
  readonly policy: Policy;
  readonly nowMs: number;
  readonly look: Look;
  readonly load: Load;
  /** What is asked for now. */
  readonly desired: number;
  readonly bounds: Bounds;
  readonly isSettled: boolean;
  readonly sinceStepMs: number;
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** More replicas than partitions would idle: the live count is the ceiling, and comes before the minimum too. */
export function boundsOf(policy: Policy, partitionCount: number): Bounds {
  const max = Math.min(policy.maxReplicas ?? partitionCount, partitionCount);
  return { min: Math.min(policy.minReplicas, max), max };
}

/** What the prediction starts from. `capacity` is in messages per second of one replica. */
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

const utilizationAtMost = 0.92;

/** The least replicas that would do for the arrivals as they are now; coming down looks back on it. */
export function demandOf(
  history: History,
  policy: Policy,
  load: Load,
  capacity: number | undefined,
): number | undefined {
  const look = history.looks.at(-1);
  const desired = look?.target?.desired;
  if (capacity === undefined || look === undefined || look.high.length === 0 || desired === undefined) return undefined;
  const situation = { ...situationOf(history, policy, load, desired, capacity), arrival: load.arrivalAhead };
  const { min, max } = boundsOf(policy, look.high.length);
  // Fewer could not do it however evenly the load was dealt.
  const fewest = Math.ceil((0.999 * total(load.arrivalAhead)) / (utilizationAtMost * capacity));
  for (let replicas = Math.max(min, fewest); replicas < max; replicas += 1)
    if (utilizationAt(situation, replicas) <= utilizationAtMost) return replicas;
  return max;
}
