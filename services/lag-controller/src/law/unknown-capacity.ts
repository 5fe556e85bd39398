import type { DecisionInput } from './decision-input.ts';
import { standsStill } from './look.ts';
import { totalRate } from './rates.ts';
import { reversals, shutGate } from './scale-down.ts';
import { cooldownMs, leastThatHolds, settlingMs, type Verdict } from './scale-up.ts';
import { situationOf } from './situation.ts';

const calmMs = 170_000;
const recentMs = 10_000;
/** A replica that was idle part of the time may be that many times faster than it was seen to be. */
const fasterAtMost = 4;

/**
 * While nothing is known of a replica's speed. Under load the count doubles; it grows further where even replicas
 * {@link fasterAtMost} times as fast as seen would not be enough, and at once to the maximum where the objective is missed. When
 * it has been calm for long it comes down a step.
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

/** Replicas needed if each were {@link fasterAtMost} times as fast as seen of late; 0 where nothing was finished to tell by. */
function neededAtBest(input: DecisionInput): number {
  const { history, policy, load, desired } = input;
  const seen = totalRate(history.looks, 'done', recentMs) / desired;
  if (!(seen > 0)) return 0;
  return leastThatHolds(input, situationOf(history, policy, load, desired, fasterAtMost * seen)).replicas;
}

function probing(input: DecisionInput): Verdict {
  const { desired, bounds, history, nowMs, load } = input;
  const stay = { replicas: desired, reason: 'steady' } as const;
  // Something waits and nothing is finished: its age is known only since the first look, and may be far greater.
  if (load.totalBacklog > 0 && load.consumptionRate === 0) return stay;
  const settledSinceMs = history.settledSinceMs ?? (standsStill(history.looks) ? 0 : nowMs);
  const since = Math.max(settledSinceMs, history.looks[0]?.atMs ?? nowMs);
  // A load that came back after a step down is likely to come back again: wait longer each time.
  const patienceMs = calmMs * 2 ** Math.min(3, reversals(history.steps, nowMs));
  if (desired === bounds.min || nowMs - since < patienceMs) return stay;
  const shut = shutGate(input);
  if (shut !== undefined) return { replicas: desired, reason: shut };
  const replicas = Math.max(bounds.min, rungBelow(desired, load.partitions.length));
  return didNotDo(input, replicas) ? stay : { replicas, reason: 'probing-down' };
}

const failureShare = 0.9;

/** Whether so few failed at this load within the last hour: before a step up each did all that it can. */
function didNotDo({ history: { steps }, load }: DecisionInput, replicas: number): boolean {
  return steps.some(
    ({ from, to, consumptionBefore }) =>
      // Of a step that was taken blind nothing is known.
      to > from && consumptionBefore > 0 && load.arrivalRate > (failureShare * consumptionBefore * replicas) / from,
  );
}

/** The next lower count that differs: with 12 partitions, 7 to 11 replicas are as slow as 6, as one of them has two. */
function rungBelow(replicas: number, partitions: number): number {
  return Math.min(replicas - 1, Math.ceil(partitions / (Math.ceil(partitions / replicas) + 1)));
}
