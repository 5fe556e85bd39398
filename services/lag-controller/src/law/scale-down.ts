import type { DecisionInput } from './decision-input.ts';
import type { History } from './history.ts';
import { standsStill } from './look.ts';
import { predict } from './prediction.ts';
import type { Verdict } from './scale-up.ts';
import type { Situation } from './situation.ts';

/** Of the objective: how old a message may get by the rebalance that coming down costs. */
const ageShare = 0.5;

/**
 * No sooner after the last step or the last need than twice the objective: where messages may wait for long, loads are told
 * apart from noise more slowly. A few looks at least; a minute has shown enough.
 */
const shortestSeconds = (lagSeconds: number) => Math.min(60, Math.max(20, 2 * lagSeconds));
/** Then any surplus goes. The history must reach further back than this. */
const longestSeconds = 1_200;
const regretMs = 1_200_000;
const rebalancesWorth = 30;
/** What a rebalance costs beyond itself, since members join late and catch up afterwards: as long again, or so long at most. */
const longestCatchUpSeconds = 5;

/**
 * How far to come down now, or `undefined`. The question is the one of renting or buying: surplus replicas cost a little every
 * second, coming down (and up again) costs rebalances at once. As in ski rental (Karlin et al., «Competitive snoopy caching»,
 * 1988), to wait until the waste equals that price costs at most twice what hindsight would have. So a large surplus goes
 * soon, a small one late, and any after twenty minutes, where no lower level is about to be. After each reversal the price
 * doubles, up to eightfold: the load is then of a kind that comes back.
 *
 * The price is `rebalancesWorth` rebalances, in each of which all `desired` replicas stand still.
 *
 * While a load is still falling, a first step down would soon be followed by a second, further one. The first is left out where
 * the surplus since it was paid and until then costs less than both would: the second has to be paid anew. That the lower level
 * holds is taken to be likely once it has held for longer than it still has to.
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
  // What waiting has cost already counts too, or each level that a ramp comes by would begin it anew.
  const overdue = Math.max(...levels.slice(next).map((one) => (one.replicas - desired) * one.waitSeconds));
  const isWorthWaiting = levels.slice(0, next).some(({ replicas, waitSeconds, heldSeconds }) => {
    const inTwoSteps = (target - replicas) * paidSeconds(target, replicas) + priceFrom(target);
    return waitSeconds < heldSeconds && overdue + (desired - replicas) * waitSeconds < inTwoSteps;
  });
  return isWorthWaiting ? undefined : target;
}

interface Level {
  /** The most that was needed since it held. */
  readonly replicas: number;
  readonly heldSeconds: number;
}

/** Counts that would have done since some time after the last step, the least and latest first. */
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

/** In replica-seconds, from so many replicas. */
export function priceOfComingDown(replicas: number, rebalanceSeconds: number): number {
  return rebalancesWorth * replicas * (rebalanceSeconds + Math.min(rebalanceSeconds, longestCatchUpSeconds));
}

/** How often, within twenty minutes, a step up took back what a step down before it had given. */
export function reversals(steps: History['steps'], nowMs: number): number {
  const recent = steps.filter(({ atMs }) => atMs > nowMs - regretMs);
  return recent.filter((step, index) => {
    const before = recent[index - 1];
    return before !== undefined && before.to < before.from && step.to > step.from && step.atMs - before.atMs < 600_000;
  }).length;
}

/**
 * A rebalance for members that leave is short: nobody waits for one that starts, as those do who were there first when a group
 * grows. The shortest told is taken for it, where consumers tell.
 *
 * @returns what a load that fell asks for; to stay as it is where it did not, or where a gate is shut
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

/** All of it, for long enough to tell what arrives: nothing less is ground to come down. */
export function isKnown({ unknown, stale, isArrivalKnown }: DecisionInput['load']): boolean {
  return unknown.length + stale.length === 0 && isArrivalKnown;
}

/** What forbids to come down now, or `undefined`. What is unknown comes first: it is never read as little work. */
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
