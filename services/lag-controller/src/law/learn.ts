import { busyRate, isSameLife, provenRate, saturatedRate } from './capacity.ts';
import type { History, Learned } from './history.ts';
import { endsInMarkers, hasReachedEnd } from './lag.ts';
import { hasOtherMembers, isMoving, isReady, type Look } from './look.ts';
import type { Policy } from './policy.ts';
import { total } from './rates.ts';

/**
 * What is known of the group after this look. It is kept for a burst after a quiet hour, and for the next controller. Pure.
 */
export function learn(history: History, before: Look | undefined, look: Look, policy: Policy): Learned {
  const { learned, looks } = history;
  const next: { -readonly [K in keyof Learned]: Learned[K] } = { ...learned };
  const messagesPerSecond = capacityLearned(history, policy);
  if (messagesPerSecond !== undefined) next.messagesPerSecond = messagesPerSecond;
  const step = history.steps.at(-1);
  const isUp = step !== undefined && step.to > step.from;
  if (isUp && !step.hasStarted && before?.target && isReady(look) && !isReady(before) && look.atMs > step.atMs)
    next.startSeconds = smooth(learned.startSeconds, Math.min(300, (look.atMs - step.atMs) / 1_000), 0.5);
  if (!learned.reachesEnd && hasReachedEnd(looks)) next.reachesEnd = true;
  if (learned.reachesEnd !== false && endsInMarkers(looks)) next.reachesEnd = false;
  return { ...next, ...rebalancesLearned(history, before, look, policy) };
}

function capacityLearned(history: History, policy: Policy): number | undefined {
  const old = history.learned.messagesPerSecond;
  const rate = busyRate(history.looks) ?? saturatedRate(history, policy);
  if (rate !== undefined) return smooth(old, rate, 0.25);
  return old === undefined ? undefined : Math.max(old, provenRate(history) ?? 0);
}

function rebalancesLearned(history: History, before: Look | undefined, look: Look, policy: Policy): Learned {
  const { learned } = history;
  const standstills = standstillsTold(history.looks, look);
  const seconds = look.work?.some(({ rebalances }) => rebalances !== undefined)
    ? mean(standstills)
    : rebalanceJustOver(history, before, look);
  // One that hung must not count in full: where rebalances seem long nothing comes down, so no other would correct it.
  const most = Math.min(120, 3 * Math.max(learned.rebalanceSeconds ?? 0, policy.rebalanceSeconds));
  const shortest = Math.min(120, ...standstills.map((one) => one.seconds / one.count));
  return {
    ...(seconds !== undefined && { rebalanceSeconds: smooth(learned.rebalanceSeconds, Math.min(most, seconds), 0.3) }),
    ...(standstills.length > 0 && {
      shortestRebalanceSeconds: smooth(learned.shortestRebalanceSeconds, shortest, 0.3),
    }),
  };
}

interface Standstills {
  readonly count: number;
  readonly seconds: number;
}

/**
 * Of each consumer that finished rebalances since it was last read, in the same life: how many, and how long it says it stood still.
 * Its page may have been missing just then, as all of them start.
 */
function standstillsTold(looks: readonly Look[], look: Look): readonly Standstills[] {
  const earlier = looks.filter(({ atMs }) => atMs < look.atMs).flatMap(({ work }) => work ?? []);
  return (look.work ?? []).flatMap((one) => {
    const last = earlier.findLast(({ replica }) => replica === one.replica);
    const now = one.rebalances;
    const then = last && isSameLife(last, one) ? last.rebalances : undefined;
    if (now === undefined || then === undefined || now.count <= then.count || now.seconds < then.seconds) return [];
    return [{ count: now.count - then.count, seconds: now.seconds - then.seconds }];
  });
}

/** The mean, not the longest: who was there first stands still while all others start one after another. */
function mean(standstills: readonly Standstills[]): number | undefined {
  const count = total(standstills.map((one) => one.count));
  return count > 0 ? total(standstills.map(({ seconds }) => seconds)) / count : undefined;
}

/**
 * How long the rebalance took that was over by this look, or `undefined`. One that fell between two looks counts as a third of
 * the time between them: short ones are likelier to be missed, and with all lengths equally likely that is the mean.
 */
function rebalanceJustOver({ rebalancesAtMs }: History, before: Look | undefined, look: Look): number | undefined {
  if (before === undefined) return undefined;
  if (hasOtherMembers(before, look)) return (look.atMs - before.atMs) / 3_000;
  // In a roll-out one begins before the last is over, and all of them look like one.
  if (before.target?.rollingOut || look.target?.rollingOut) return undefined;
  const startMs = rebalancesAtMs.at(-1);
  const isOver = look.group?.state === 'Stable' && isMoving(before);
  return isOver && startMs !== undefined ? (look.atMs - startMs) / 1_000 : undefined;
}

function smooth(old: number | undefined, value: number, weight: number): number {
  return old === undefined ? value : old + weight * (value - old);
}
