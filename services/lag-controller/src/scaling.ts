import type { Decision } from './decision.ts';
import type { Observation } from './observation.ts';
import type { Policy } from './policy.ts';
import type { Learned } from './scaler.ts';

/** What is remembered from one round to the next. Plain JSON. */
export interface History {
  readonly learned: Learned;
}

/** @param learned what a former leader had learned */
export function newHistory(learned: Learned = {}): History {
  return { learned };
}

/** Takes one more look into account. Pure: the same history and observation give the same history. */
export function observe(history: History, _observation: Observation, _policy: Policy): History {
  return history;
}

/** Says how many replicas there should be, and why. Pure: the same arguments give the same decision. */
export function decide(_history: History, _policy: Policy, nowMs: number): Decision {
  return {
    atMs: nowMs,
    action: 'hold',
    reason: 'unknown-data',
    terms: {
      partitions: [],
      backlog: 0,
      arrivalRate: 0,
      consumptionRate: 0,
      capacity: { source: 'unknown' },
      startSeconds: 15,
      rebalanceSeconds: 5,
      rebalancesLastHour: 0,
      predictions: [],
      stalled: [],
      unknownPartitions: [],
      stalePartitions: [],
    },
  };
}
