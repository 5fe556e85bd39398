import type { DecisionInput } from './decision-input.ts';
import type { History } from './history.ts';
import { standsStill } from './look.ts';
import { predict } from './prediction.ts';
import type { Verdict } from './scale-up.ts';
import type { Situation } from './situation.ts';

/** Share of the objective: how old a message may get while the rebalance of a step down lasts. */
const ageShare = 0.5;

/**
 * The least time after the last step, and for which fewer replicas must have been enough: twice the objective, since with a long
 * objective it takes longer to tell a change of load from noise. 20 s are a few looks; a minute shows enough.
 */
const shortestSeconds = (lagSeconds: number) => Math.min(60, Math.max(20, 2 * lagSeconds));
/** After this any surplus goes. `demands` in the history must reach further back. */
const longestSeconds = 1_200;
const regretMs = 1_200_000;
/** The price of coming down, in rebalances. */
const rebalancesWorth = 30;
/** A rebalance costs more than its standstill, since members join late and catch up afterwards: as long again, at most this. */
const longestCatchUpSeconds = 5;

/**
 * How many replicas to come down to now, or `undefined` to stay. Surplus replicas cost a little every second, coming down costs
 * rebalances at once: the ski rental problem (Karlin et al., «Competitive snoopy caching», 1988). To wait until the surplus has
 * cost as much as the rebalances costs at most twice what hindsight would have. So a large surplus goes soon, a small one late,
 * and any after twenty minutes.
 *
 * The price is `rebalancesWorth` rebalances, in each of which all `desired` replicas stand still. After each reversal it
 * doubles, up to eightfold: a load that came back is likely to come back again.
 *
 * While the load still falls, skip the intermediate step if carrying its surplus until the lower level is due costs less than
 * stepping down twice. A lower level is expected to become due once it has held for longer than it still has to.
 */
export function downTarget(
  { demands, steps }: History,
  nowMs: number,
  desired: number,
  { lagSeconds, rebalanceSeconds }: { lagSeconds: number; rebalanceSeconds: number },
): number | undefined {
  const dearer = 2 ** Math.min(3, reversals(steps, nowMs));
  const priceFrom = (replicas: number) => dearer * priceOfComingDown(replicas, rebalanceSeconds);
  const paidSeconds = (from: number, to: number) =>
    Math.max(shortestSeconds(lagSeconds), Math.min(longestSeconds, priceFrom(from) / (from - to)));
  const levels = levelsBelow(desired, demands, { nowMs, sinceMs: steps.at(-1)?.atMs ?? 0 }).map((level) => ({
    ...level,
    waitSeconds: paidSeconds(desired, level.replicas) - level.heldSeconds,
  }));
  const next = levels.findIndex(({ waitSeconds }) => waitSeconds <= 0);
  const target = levels[next]?.replicas;
  if (target === undefined) return undefined;
  // The surplus carried since a step was due counts too, or each new level of a ramp would begin the wait anew.
  const overdue = Math.max(...levels.slice(next).map((one) => (one.replicas - desired) * one.waitSeconds));
  const isWorthWaiting = levels.slice(0, next).some(({ replicas, waitSeconds, heldSeconds }) => {
    const inTwoSteps = (target - replicas) * paidSeconds(target, replicas) + priceFrom(target);
    return waitSeconds < heldSeconds && overdue + (desired - replicas) * waitSeconds < inTwoSteps;
  });
  return isWorthWaiting ? undefined : target;
}

interface Level {
  /** The most that was needed in the last `heldSeconds`. */
  readonly replicas: number;
  readonly heldSeconds: number;
}

/** Counts below `desired` that would have been enough for some time until now, the lowest and shortest first. */
function levelsBelow(
  desired: number,
  demands: History['demands'],
  { nowMs, sinceMs }: { nowMs: number; sinceMs: number },
): Level[] {
  const levels: Level[] = [];
  for (let index = demands.length - 1; index >= 0; index -= 1) {
    const { atMs, replicas } = demands[index] as History['demands'][number];
    if (atMs < sinceMs || replicas >= desired) break;
    const last = levels.at(-1);
    const level = { replicas: Math.max(replicas, last?.replicas ?? 0), heldSeconds: (nowMs - atMs) / 1_000 };
    if (last?.replicas === level.replicas) levels.pop();
    levels.push(level);
  }
  return levels;
}

/** The price of coming down from so many replicas, in replica-seconds. */
export function priceOfComingDown(replicas: number, rebalanceSeconds: number): number {
  return rebalancesWorth * replicas * (rebalanceSeconds + Math.min(rebalanceSeconds, longestCatchUpSeconds));
}

/** How often, in the last twenty minutes, a step up followed within ten minutes of a step down. */
export function reversals(steps: History['steps'], nowMs: number): number {
  const recent = steps.filter(({ atMs }) => atMs > nowMs - regretMs);
  return recent.filter((step, index) => {
    const before = recent[index - 1];
    return before !== undefined && before.to < before.from && step.to > step.from && step.atMs - before.atMs < 600_000;
  }).length;
}

/**
 * A rebalance in which members only leave is short, since nobody waits for new ones to start. Where consumers report how long
 * they stood still, the shortest time is taken for it.
 *
 * @returns fewer replicas where the load fell; what is asked for already where it did not, or where something forbids it
 */
export function downVerdict(input: DecisionInput, before: Situation): Verdict {
  const { history, policy, nowMs, desired, bounds } = input;
  const { shortestRebalanceSeconds: rebalanceSeconds = before.rebalanceSeconds } = history.learned;
  const situation = { ...before, rebalanceSeconds };
  const target = downTarget(history, nowMs, desired, { lagSeconds: policy.lagSeconds, rebalanceSeconds });
  const replicas = target === undefined ? desired : Math.max(bounds.min, target);
  if (replicas >= desired) return { replicas: desired, reason: 'steady' };
  const shut = shutGate(input);
  if (shut !== undefined) return { replicas: desired, reason: shut };
  const after = predict(situation, replicas, 0);
  if (after.worstAgeSeconds > ageShare * policy.lagSeconds)
    return { replicas: desired, reason: 'not-worth-a-rebalance', predictions: [after] };
  return { replicas, reason: 'load-fell', predictions: [after] };
}

/** Whether every partition was read, for long enough to know what arrives: only then may replicas be taken away. */
export function isKnown({ unknown, stale, isArrivalKnown }: DecisionInput['load']): boolean {
  return unknown.length + stale.length === 0 && isArrivalKnown;
}

/** What forbids to come down now, or `undefined`. Unknown data comes first: it is never read as little work. */
export function shutGate({
  load,
  isSettled,
  sinceStepMs,
  history,
  policy,
}: DecisionInput): Verdict['reason'] | undefined {
  if (!isKnown(load)) return 'partly-unknown';
  if (!isSettled && !standsStill(history.looks)) return 'settling';
  if (sinceStepMs < 1_000 * shortestSeconds(policy.lagSeconds)) return 'cooling-down';
  return history.rebalancesAtMs.length >= policy.rebalancesPerHour ? 'rebalance-budget-spent' : undefined;
}
