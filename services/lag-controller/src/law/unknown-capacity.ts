import type { DecisionInput } from './decision-input.ts';
import { standsStill } from './look.ts';
import { totalRate } from './rates.ts';
import { reversals, shutGate } from './scale-down.ts';
import { cooldownMs, leastThatHolds, settlingMs, type Verdict } from './scale-up.ts';
import { situationOf } from './situation.ts';

const calmMs = 170_000;
const recentMs = 10_000;
/** A replica that was idle till now may be that much faster than it was seen to be. */
const bestTimes = 4;

/**
 * Nothing is known of a replica's speed: grow by doubling while that is needed, further where so much waits that replicas a
 * good deal faster than they look could not do it, at once to the limit when the objective is missed already, and come down a
 * rung when it is calm.
 */
export function verdictWithoutCapacity(input: DecisionInput): Verdict {
  const { policy, load, desired } = input;
  const age = load.ageSeconds ?? 0;
  if (age > 0.4 * policy.lagSeconds) return growing(input);
  if (age > 0.3 * policy.lagSeconds) return { replicas: desired, reason: 'steady' };
  return probing(input);
}

function growing(input: DecisionInput): Verdict {
  const { policy, load, desired, bounds, isSettled, sinceStepMs } = input;
  if (desired === bounds.max) return { replicas: desired, reason: 'at-maximum' };
  if (!isSettled && sinceStepMs < settlingMs) return { replicas: desired, reason: 'settling' };
  if (sinceStepMs < cooldownMs) return { replicas: desired, reason: 'cooling-down' };
  const next = (load.ageSeconds ?? 0) > policy.lagSeconds ? bounds.max : Math.max(2 * desired, neededAtBest(input));
  return { replicas: Math.min(bounds.max, next), reason: 'growing-into-unknown-capacity' };
}

/** Replicas that even {@link bestTimes} the speed seen of late would take; 0 where nothing was finished, which tells nothing. */
function neededAtBest(input: DecisionInput): number {
  const { history, policy, load, desired } = input;
  const seen = totalRate(history.looks, 'done', recentMs) / desired;
  if (!(seen > 0)) return 0;
  return leastThatHolds(input, situationOf(history, policy, load, desired, bestTimes * seen)).replicas;
}

function probing(input: DecisionInput): Verdict {
  const { desired, bounds, history, nowMs, load } = input;
  const stay = { replicas: desired, reason: 'steady' } as const;
  // Something waits and nothing is finished: how old it is is known only from the first look on.
  if (load.totalBacklog > 0 && load.consumptionRate === 0) return stay;
  const settledSinceMs = history.settledSinceMs ?? (standsStill(history.looks) ? 0 : nowMs);
  const since = Math.max(settledSinceMs, history.looks[0]?.atMs ?? nowMs);
  // A load that came back after a step down is of a kind that comes back: be slower each time.
  const patienceMs = calmMs * 2 ** Math.min(3, reversals(history.steps, nowMs));
  if (desired === bounds.min || nowMs - since < patienceMs) return stay;
  const shut = shutGate(input);
  if (shut !== undefined) return { replicas: desired, reason: shut };
  const replicas = Math.max(bounds.min, rungBelow(desired, load.partitions.length));
  return didNotDo(input, replicas) ? stay : { replicas, reason: 'probing-down' };
}

const failureShare = 0.9;

/** So few could not do as much within the last hour: what they finished then, each, is what they can do. */
function didNotDo({ history: { steps }, load }: DecisionInput, replicas: number): boolean {
  return steps.some(
    ({ from, to, consumptionBefore }) =>
      // Of a step that was taken blind nothing is known.
      to > from && consumptionBefore > 0 && load.arrivalRate > (failureShare * consumptionBefore * replicas) / from,
  );
}

/** With 12 partitions, 7 to 11 replicas are as slow as 6: one of them has two. So the next lower count that differs is taken. */
function rungBelow(replicas: number, partitions: number): number {
  return Math.min(replicas - 1, Math.ceil(partitions / (Math.ceil(partitions / replicas) + 1)));
}
