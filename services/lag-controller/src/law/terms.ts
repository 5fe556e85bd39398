import type { Load } from './assess.ts';
import type { Capacity, Terms } from './decision.ts';
import type { Bounds } from './decision-input.ts';
import { effectOf } from './effect.ts';
import type { History } from './history.ts';
import type { Policy } from './policy.ts';

/** Every term of a decision but its predictions. */
export function termsOf(
  history: History,
  policy: Policy,
  nowMs: number,
  load: Load,
  capacity: Capacity,
  bounds: Bounds | undefined,
): Terms {
  const limit = effectOf(history, load, nowMs);
  const { shortestRebalanceSeconds } = history.learned;
  const hottest = Math.max(0, ...load.partitions.map(({ arrivalRate = 0 }) => arrivalRate));
  return {
    partitions: load.partitions,
    ...(bounds && { partitionCount: load.partitions.length, bounds }),
    backlog: load.totalBacklog,
    ...(load.ageSeconds !== undefined && { ageSeconds: rounded(load.ageSeconds) }),
    arrivalRate: rounded(load.arrivalRate),
    consumptionRate: rounded(load.consumptionRate),
    capacity,
    startSeconds: history.learned.startSeconds ?? policy.startSeconds,
    rebalanceSeconds: history.learned.rebalanceSeconds ?? policy.rebalanceSeconds,
    ...(shortestRebalanceSeconds !== undefined && { shortestRebalanceSeconds }),
    rebalancesLastHour: history.rebalancesAtMs.length,
    predictions: [],
    stalled: load.stalled,
    unknownPartitions: load.unknown,
    stalePartitions: load.stale,
    ...(load.hot.length > 0 && {
      partitionBound: { partitions: load.hot, neededMessagesPerSecondPerReplica: rounded(hottest) },
    }),
    ...(limit && { downstreamLimitedUntilMs: limit.untilMs }),
  };
}

/** Whether any backlog is known: the sum over none is 0, and would look like a group that has caught up. */
export function isAnythingKnown({ partitions }: Pick<Terms, 'partitions'>): boolean {
  return partitions.some(({ backlog }) => backlog !== undefined);
}

/** To hundredths: what is shown and recorded needs no more. */
export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
