import type { Reason } from './decision.ts';
import type { DecisionInput } from './decision-input.ts';
import { type Prediction, predict } from './prediction.ts';
import type { Situation } from './situation.ts';

/** Replicas to ask for and why; equal to what is asked for already: hold. */
export interface Verdict {
  readonly replicas: number;
  readonly reason: Reason;
  readonly predictions?: readonly Prediction[];
}

/** Share of the objective at which it is at risk: the rest is a reserve for what cannot be predicted. */
const riskShare = 0.6;
/** Two rounds. A step up waits for another look only where it would do as well if made this much later. */
const patienceSeconds = 10;
export const cooldownMs = 20_000;
export const settlingMs = 60_000;

/** @returns what the risk to the objective asks for, or `undefined` when there is none */
export function upVerdict(input: DecisionInput, situation: Situation): Verdict | undefined {
  const { desired, policy } = input;
  const stay = predict(situation, desired, 0);
  const isLate = stay.worstAgeSeconds > riskShare * policy.lagSeconds;
  const isOverloaded = stay.utilization > 1 && stay.worstAgeSeconds > 0.2 * policy.lagSeconds;
  if (!isLate && !isOverloaded) return undefined;
  const best = leastThatHolds(input, situation);
  const predictions = best.replicas === desired ? [stay] : [stay, best];
  if (best.replicas <= desired) return { replicas: desired, reason: reasonToStay(input), predictions };
  const isUrgent = stay.worstAgeSeconds > policy.lagSeconds;
  const wait = reasonToWait(input, isUrgent);
  if (wait !== undefined) return { replicas: desired, reason: wait, predictions };
  const later = predict(situation, best.replicas, patienceSeconds);
  if (later.worstAgeSeconds < 0.5 * riskShare * policy.lagSeconds)
    return { replicas: desired, reason: 'waiting-for-confirmation', predictions: [...predictions, later] };
  return { replicas: best.replicas, reason: 'objective-at-risk', predictions };
}

/** Why it stays as it is though the objective is at risk: more replicas would not help, or there may be no more. */
function reasonToStay({ load, desired, bounds }: DecisionInput): Reason {
  if (load.hot.length > 0) return 'partition-bound';
  return desired === bounds.max ? 'at-maximum' : 'steady';
}

function reasonToWait({ isSettled, sinceStepMs }: DecisionInput, isUrgent: boolean): Reason | undefined {
  const patienceMs = isUrgent ? cooldownMs / 2 : settlingMs;
  if (!isSettled && sinceStepMs < patienceMs) return 'settling';
  return sinceStepMs < cooldownMs && !isUrgent ? 'cooling-down' : undefined;
}

/**
 * The fewest replicas, from those asked for now, that work off arrivals and backlog in time; where not even the maximum does,
 * the fewest that do nearly as well (within 10 %) as the maximum.
 */
export function leastThatHolds({ bounds, policy, load, desired }: DecisionInput, situation: Situation): Prediction {
  const ahead = { ...situation, arrival: load.arrivalAhead };
  const most = predict(ahead, bounds.max, 0);
  const drainSeconds = Math.max(20, policy.lagSeconds, 1.1 * most.drainSeconds);
  const worstAgeSeconds = Math.max(riskShare * policy.lagSeconds, 1.1 * most.worstAgeSeconds);
  for (let replicas = desired; replicas < bounds.max; replicas += 1) {
    const prediction = predict(ahead, replicas, 0);
    if (prediction.drainSeconds <= drainSeconds && prediction.worstAgeSeconds <= worstAgeSeconds) return prediction;
  }
  return most;
}
