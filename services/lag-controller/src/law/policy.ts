import type { Assignor } from './assignment.ts';

/** What a person may say about how a consumer group is scaled. Only `lagSeconds` is required; see `defaultPolicy`. */
export interface Policy {
  /** How old the oldest unprocessed message may get, in seconds. */
  readonly lagSeconds: number;
  readonly minReplicas: number;
  /** The live partition count is the ceiling whatever this says. */
  readonly maxReplicas?: number;
  /** How the group deals partitions out; with `unknown` the worst deal is assumed that gives all the same number. */
  readonly assignor: Assignor;
  /** Where a group that never committed begins: with `latest`, messages that are already there are not its work. */
  readonly startFrom: 'earliest' | 'latest';
  /** Partitions one replica works on at once; absent where a single partition can use all of a replica. */
  readonly partitionsAtOnce?: number;
  /** Messages per second of one replica: a first guess until it has been measured. */
  readonly messagesPerSecondPerReplica?: number;
  /** First guesses, until they have been measured. */
  readonly startSeconds: number;
  readonly rebalanceSeconds: number;
  /** Scale-downs stop when the group was rebalanced that often within an hour. */
  readonly rebalancesPerHour: number;
  /** After `afterSeconds` without usable data, at least `replicas`; absent: hold, however long. */
  readonly failsafe?: { readonly afterSeconds: number; readonly replicas: number };
  readonly pause?: 'all' | 'scale-in' | 'scale-out';
}

/** @returns every setting, from the one that is required and those that were chosen */
export function policyOf(chosen: Partial<Policy> & Pick<Policy, 'lagSeconds'>): Policy {
  return {
    minReplicas: 1,
    assignor: 'unknown',
    startFrom: 'latest',
    startSeconds: 15,
    rebalanceSeconds: 5,
    rebalancesPerHour: 20,
    ...chosen,
  };
}
