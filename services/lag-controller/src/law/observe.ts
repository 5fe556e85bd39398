import { assess } from './assess.ts';
import { capacityOf } from './capacity.ts';
import { demandOf } from './demand.ts';
import { isJudgedBy, judgeEffect } from './effect.ts';
import { forget, type History, newHistory } from './history.ts';
import { learn } from './learn.ts';
import {
  hasOtherMembers,
  isBlind,
  isMoving,
  isReady,
  isSettled,
  type Look,
  lookOf,
  membersEachOf,
  standsStill,
} from './look.ts';
import type { Observation } from './observation.ts';
import type { Policy } from './policy.ts';
import { firstSince, levelMs, totalRate } from './rates.ts';

/** Takes one more look into account. Pure: the same history and observation give the same history. */
export function observe(earlier: History, observation: Observation, policy: Policy): History {
  // When the clock was set back, the times of earlier looks mean nothing: as after a restart, only what was learned is kept.
  const history = observation.atMs < (earlier.looks.at(-1)?.atMs ?? 0) ? newHistory(earlier.learned) : earlier;
  const look = lookOf(observation, policy, history.looks);
  const before = history.looks.at(-1);
  const count = history.looks.findLast(({ high }) => high.length > 0)?.high.length;
  // With another number of partitions the rates begin anew; a topic that could not be read has not changed.
  const kept = count !== undefined && look.high.length > 0 && look.high.length !== count ? [] : history.looks;
  const seen = withSettling(withStep(history, [...kept, look]), before, look);
  const readAtMs = isBlind(look) ? (history.readAtMs ?? look.atMs) : look.atMs;
  const next = forget({ ...seen, readAtMs }, look.atMs, policy.lagSeconds);
  return withMarks(remember({ ...next, learned: learn(next, before, look, policy) }, policy, look.atMs), look, policy);
}

/** What later decisions look back on: how many replicas the load needed, and whether the last step up helped. */
function remember(history: History, policy: Policy, atMs: number): History {
  const capacity = capacityOf(history, policy).messagesPerSecond;
  const load = assess(history, policy, atMs, capacity);
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

/** Each step is learned from once: a pod that later is not ready for a moment has nothing to do with it. */
function withMarks(history: History, look: Look, policy: Policy): History {
  const step = history.steps.at(-1);
  if (step === undefined) return history;
  const hasStarted = step.hasStarted || (look.atMs > step.atMs && isReady(look));
  const isJudged = step.isJudged || isJudgedBy(history, policy, look.atMs);
  const marked = { ...step, ...(hasStarted && { hasStarted }), ...(isJudged && { isJudged }) } as const;
  return { ...history, steps: [...history.steps.slice(0, -1), marked] };
}

function withSettling(history: History, before: Look | undefined, look: Look): History {
  const { settledSinceMs: settled, ...rest } = history;
  const isNew = isMoving(before) ? false : isMoving(look) || hasOtherMembers(before, look);
  const rebalancesAtMs = isNew ? [...history.rebalancesAtMs, look.atMs] : history.rebalancesAtMs;
  // A target that could not be read is as settled as it was.
  if (look.target === undefined) return { ...history, rebalancesAtMs };
  const step = history.steps.at(-1);
  // After a step up it settles anew, even where the replicas have started between two looks: their help is judged from now on.
  const since = step?.atMs === look.atMs && step.to > step.from ? undefined : settled;
  // Where other workloads are in the group too, its members do not tell whose they are: standing still must do.
  const isCalm = isSettled(look, step?.membersEach) || (isSettled(look) && standsStill(history.looks));
  if (isCalm) return { ...rest, rebalancesAtMs, settledSinceMs: since ?? look.atMs };
  return { ...rest, rebalancesAtMs };
}
