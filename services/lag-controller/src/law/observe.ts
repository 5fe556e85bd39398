import { assess } from './assess.ts';
import { busyRate, capacityOf, saturatedRate } from './capacity.ts';
import { isJudgedBy, judgeEffect } from './effect.ts';
import { forget, type History, type Learned, newHistory } from './history.ts';
import { endsInMarkers, hasReachedEnd } from './lag.ts';
import { isBlind, isMoving, isSettled, type Look, lookOf, membersEachOf, standsStill } from './look.ts';
import type { Observation } from './observation.ts';
import type { Policy } from './policy.ts';
import { firstSince, levelMs, totalRate } from './rates.ts';
import { demandOf } from './situation.ts';

/** Takes one more look into account. Pure: the same history and observation give the same history. */
export function observe(earlier: History, observation: Observation, policy: Policy): History {
  const look = lookOf(observation, policy);
  // A clock that was set back makes all that was seen tell of other times: as after a restart, only what was learned is known.
  const history = look.atMs < (earlier.looks.at(-1)?.atMs ?? 0) ? newHistory(earlier.learned) : earlier;
  const before = history.looks.at(-1);
  const count = history.looks.findLast(({ high }) => high.length > 0)?.high.length;
  // A topic whose partitions became more or fewer is a new topic to the rates; one that could not be read is not.
  const kept = count !== undefined && look.high.length > 0 && look.high.length !== count ? [] : history.looks;
  const seen = withSettling(withStep(history, [...kept, look]), before, look);
  const readAtMs = isBlind(look) ? (history.readAtMs ?? look.atMs) : look.atMs;
  const next = forget({ ...seen, readAtMs }, look.atMs, policy.lagSeconds);
  return withMarks(remember({ ...next, learned: learn(next, before, look, policy) }, policy, look.atMs), look, policy);
}

/** What later decisions look back on: what the load asked for, and whether the last step up was of any use. */
function remember(history: History, policy: Policy, atMs: number): History {
  const capacity = capacityOf(history, policy).messagesPerSecond;
  const load = assess(history, atMs, capacity);
  const replicas = load.isArrivalKnown ? demandOf(history, policy, load, capacity) : undefined;
  const demands = replicas === undefined ? history.demands : [...history.demands, { atMs, replicas }];
  const limited = judgeEffect(history, load, policy, atMs);
  const { limited: _, ...rest } = history;
  return { ...rest, demands, ...(limited && { limited }) };
}

function withStep(before: History, looks: readonly Look[]): History {
  const history = { ...before, looks };
  const look = looks.at(-1) as Look;
  const from = before.looks.findLast(({ target }) => target !== undefined)?.target?.desired;
  const to = look.target?.desired;
  if (from === undefined || to === undefined || from === to) return history;
  const isKnown = looks.slice(firstSince(looks, look.atMs - levelMs)).every(({ done }) => !done.includes(null));
  const consumptionBefore = isKnown ? totalRate(looks, 'done', levelMs) : 0;
  const membersEach = membersEachOf(before.looks);
  const step = { atMs: look.atMs, from, to, consumptionBefore, ...(membersEach && { membersEach }) };
  return { ...history, steps: [...history.steps, step] };
}

/** What is to be learned of a step is learned once: later a pod that is not ready for a moment has nothing to do with it. */
function withMarks(history: History, look: Look, policy: Policy): History {
  const step = history.steps.at(-1);
  if (step === undefined) return history;
  const hasStarted = step.hasStarted || (look.atMs > step.atMs && isReady(look));
  const isJudged = step.isJudged || isJudgedBy(history, policy, look.atMs);
  const marked = { ...step, ...(hasStarted && { hasStarted }), ...(isJudged && { isJudged }) } as const;
  return { ...history, steps: [...history.steps.slice(0, -1), marked] };
}

function isReady(look: Look | undefined): boolean {
  return look?.target !== undefined && look.target.ready >= look.target.desired;
}

function withSettling(history: History, before: Look | undefined, look: Look): History {
  const { settledSinceMs: settled, ...rest } = history;
  const isNew = isMoving(before) ? false : isMoving(look) || hasOtherMembers(before, look);
  const rebalancesAtMs = isNew ? [...history.rebalancesAtMs, look.atMs] : history.rebalancesAtMs;
  // What could not be read once is as settled as it was.
  if (look.target === undefined) return { ...history, rebalancesAtMs };
  const step = history.steps.at(-1);
  // Replicas may have started between two looks: whether they help is judged from now on.
  const since = step?.atMs === look.atMs && step.to > step.from ? undefined : settled;
  // In a group of other workloads too nobody can tell who has joined: there it is as settled as it gets.
  const isCalm = isSettled(look, step?.membersEach) || (isSettled(look) && standsStill(history.looks));
  if (isCalm) return { ...rest, rebalancesAtMs, settledSinceMs: since ?? look.atMs };
  return { ...rest, rebalancesAtMs };
}

/** Between two looks at a stable group it was rebalanced, so quickly that neither saw it. */
function hasOtherMembers(before: Look | undefined, look: Look): boolean {
  return (
    before?.group?.state === 'Stable' && look.group?.state === 'Stable' && before.group.members !== look.group.members
  );
}

function learn(history: History, before: Look | undefined, look: Look, policy: Policy): Learned {
  const { learned } = history;
  // Remembered, so that a burst after a quiet hour finds it known.
  const rate = busyRate(history.looks) ?? saturatedRate(history, policy);
  const next: { -readonly [K in keyof Learned]: Learned[K] } = { ...learned };
  if (rate !== undefined) next.messagesPerSecond = smooth(learned.messagesPerSecond, rate, 0.25);
  const step = history.steps.at(-1);
  const isUp = step !== undefined && step.to > step.from;
  if (isUp && !step.hasStarted && before?.target && isReady(look) && !isReady(before) && look.atMs > step.atMs)
    next.startSeconds = smooth(learned.startSeconds, Math.min(300, (look.atMs - step.atMs) / 1_000), 0.5);
  if (!learned.reachesEnd && hasReachedEnd(history.looks)) next.reachesEnd = true;
  if (learned.reachesEnd !== false && endsInMarkers(history.looks)) next.reachesEnd = false;
  const standstills = standstillsTold(before, look);
  const rebalanceSeconds = look.work?.some(({ rebalances }) => rebalances !== undefined)
    ? mean(standstills)
    : rebalanceJustOver(history, before, look);
  if (rebalanceSeconds !== undefined)
    next.rebalanceSeconds = smooth(learned.rebalanceSeconds, Math.min(120, rebalanceSeconds), 0.3);
  if (standstills.length > 0)
    next.shortestRebalanceSeconds = smooth(
      learned.shortestRebalanceSeconds,
      Math.min(120, ...standstills.map(({ count, seconds }) => seconds / count)),
      0.3,
    );
  return next;
}

interface Standstills {
  readonly count: number;
  readonly seconds: number;
}

/** What each consumer says it stood still for rebalances that are over since the look before, of those that did. */
function standstillsTold(before: Look | undefined, look: Look): readonly Standstills[] {
  return (look.work ?? []).flatMap(({ replica, rebalances: now }) => {
    const then = before?.work?.find((one) => one.replica === replica)?.rebalances;
    if (now === undefined || then === undefined || now.count <= then.count || now.seconds < then.seconds) return [];
    return [{ count: now.count - then.count, seconds: now.seconds - then.seconds }];
  });
}

/** Not the longest: whoever was there first stands still for all who start one after another. */
function mean(standstills: readonly Standstills[]): number | undefined {
  const count = standstills.reduce((sum, one) => sum + one.count, 0);
  return count > 0 ? standstills.reduce((sum, { seconds }) => sum + seconds, 0) / count : undefined;
}

/**
 * How long the rebalance took that was over by this look, or `undefined`. One that no look saw took less than the time between
 * two, and the shorter it was the likelier: if any length is as likely as another, a third of that time in the mean.
 */
function rebalanceJustOver({ rebalancesAtMs }: History, before: Look | undefined, look: Look): number | undefined {
  if (before === undefined) return undefined;
  if (hasOtherMembers(before, look)) return (look.atMs - before.atMs) / 3_000;
  const startMs = rebalancesAtMs.at(-1);
  const isOver = look.group?.state === 'Stable' && isMoving(before);
  return isOver && startMs !== undefined ? (look.atMs - startMs) / 1_000 : undefined;
}

function smooth(old: number | undefined, value: number, weight: number): number {
  return old === undefined ? value : old + weight * (value - old);
}
