/** Rounds of a lag controller, as they come out of a burst that is met, with a while in which Kafka could not be read. */
import type { Reason } from '../../services/lag-controller/src/law/decision.ts';
import { policyOf } from '../../services/lag-controller/src/law/policy.ts';
import type { Round, Scaler } from '../../services/lag-controller/src/scaler.ts';

export const roundMs = 5_000;

export function scalerOf(name: string): Scaler {
  return {
    name,
    group: 'payments-service-group',
    topic: 'orders.created',
    policy: policyOf({ lagSeconds: 30, maxReplicas: 6 }),
    dryRun: false,
    target: { read: () => Promise.reject(new Error('unused')), scale: async () => {} },
  };
}

export interface Seen {
  readonly ageSeconds?: number;
  readonly backlog?: number;
  readonly arrivalRate?: number;
  readonly consumptionRate?: number;
  readonly ready?: number;
  readonly desired?: number;
  readonly action?: 'up' | 'down' | 'hold';
  readonly reason: Reason;
  readonly faults?: readonly string[];
  readonly withheld?: NonNullable<Round['withheld']>;
}

/** A round that saw six partitions; without a backlog, one that could not see. */
export function roundAt(scaler: string, atMs: number, seen: Seen): Round {
  const { backlog, ageSeconds, desired, ready, action = 'hold', reason, faults = [], withheld } = seen;
  const partitions =
    backlog === undefined
      ? []
      : [{ partition: 0, state: 'known' as const, backlog, arrivalRate: seen.arrivalRate ?? 0 }];
  return {
    scaler,
    observation: {
      atMs,
      ...(ready !== undefined && { target: { desired: desired ?? ready, current: ready, ready, rollingOut: false } }),
    },
    decision: {
      atMs,
      action,
      reason,
      ...(desired !== undefined && { replicas: desired }),
      terms: {
        partitions,
        ...(backlog !== undefined && { partitionCount: 6 }),
        backlog: backlog ?? 0,
        ...(ageSeconds !== undefined && { ageSeconds }),
        arrivalRate: seen.arrivalRate ?? 0,
        consumptionRate: seen.consumptionRate ?? 0,
        capacity: { source: 'unknown' },
        startSeconds: 2,
        rebalanceSeconds: 4,
        rebalancesLastHour: 0,
        predictions: [],
        stalled: [],
        unknownPartitions: [],
        stalePartitions: [],
      },
    },
    learned: {},
    faults,
    ...(action !== 'hold' && desired !== undefined && withheld === undefined && { written: desired }),
    ...(withheld && { withheld }),
  };
}

const perReplica = 50;

/** `count` rounds, the last one at `untilMs`: quiet, a burst, more replicas, blind for a while, and fewer replicas again. */
export function burst(scaler: string, untilMs: number, count = 180): readonly Round[] {
  let backlog = 0;
  let ready = 1;
  let desired = 1;
  return Array.from({ length: count }, (_, index) => {
    const atMs = untilMs - (count - 1 - index) * roundMs;
    if (index >= 100 && index < 116)
      return roundAt(scaler, atMs, {
        reason: 'unknown-data',
        ready,
        desired,
        faults: ['offsets of orders.created: Kafka did not answer within 2000 ms'],
      });
    const arrivalRate = 28 + 4 * Math.sin(index / 3) + (index > 40 && index < 95 ? 190 : 0);
    const consumptionRate = Math.min(arrivalRate + backlog / 5, perReplica * ready);
    backlog = Math.max(0, backlog + (arrivalRate - consumptionRate) * 5);
    const step = steps[index];
    if (step) desired = step.desired;
    const round = roundAt(scaler, atMs, {
      backlog: Math.round(backlog),
      ageSeconds: Math.round((backlog / (perReplica * ready)) * 10) / 10,
      arrivalRate: Math.round(arrivalRate * 10) / 10,
      consumptionRate: Math.round(consumptionRate * 10) / 10,
      ready,
      desired,
      ...(step ?? { reason: quietReason(index, ready, desired) }),
    });
    if (index % 2 === 0) ready = desired;
    return round;
  });
}

const steps: Readonly<Record<number, Pick<Seen, 'action' | 'reason'> & { readonly desired: number }>> = {
  43: { action: 'up', reason: 'objective-at-risk', desired: 4 },
  52: { action: 'up', reason: 'objective-at-risk', desired: 6 },
  130: { action: 'down', reason: 'load-fell', desired: 3 },
  150: { action: 'down', reason: 'load-fell', desired: 1 },
};

function quietReason(index: number, ready: number, desired: number): Reason {
  if (ready !== desired) return 'settling';
  if (index > 43 && index < 52) return 'cooling-down';
  if (index > 52 && index < 80) return 'at-maximum';
  return index > 116 && index < 130 ? 'not-worth-a-rebalance' : 'steady';
}
