import type { Load } from './assess.ts';
import type { History } from './history.ts';
import type { Look } from './look.ts';
import type { Policy } from './policy.ts';

/** What a decision is made from, in the rounds in which enough is known. */
export interface DecisionInput {
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
