import type { Load } from './assess.ts';
import { sums } from './assignment.ts';
import type { History, Limit } from './history.ts';
import { hasMembersSeen, waitingIn } from './look.ts';
import type { Policy } from './policy.ts';
import { dealOf } from './prediction.ts';
import { levelMs, total } from './rates.ts';

/** The limit in force, if any: a scale-up did not help, so more replicas would only burden what they depend on. */
export function effectOf(
  { limited }: History,
  { consumptionRate }: Pick<Load, 'consumptionRate'>,
  nowMs: number,
): Limit | undefined {
  if (limited === undefined || nowMs >= limited.untilMs) return undefined;
  return hasRecovered(limited, { consumptionRate }) ? undefined : limited;
}

/** What the consumers depend on lets more through again. */
function hasRecovered({ consumption }: Limit, { consumptionRate }: Pick<Load, 'consumptionRate'>): boolean {
  return consumptionRate > 1.25 * consumption;
}

const judgedAfterMs = 25_000;
const judgedWithinMs = 10_000;
const firstBlockMs = 600_000;
const longestBlockMs = 1_800_000;

/**
 * Judges the last step up 25 s after the group has settled, or later where members cannot be seen: where much still waits and
 * less than a fifth of the expected gain has come, further steps up are blocked, each time for twice as long.
 *
 * @returns the limit from now on, or `undefined` for none
 */
export function judgeEffect(history: History, load: Load, policy: Policy, nowMs: number): Limit | undefined {
  const step = history.steps.at(-1);
  const settledMs = nowMs - (history.settledSinceMs ?? nowMs);
  const current = history.limited;
  if (current !== undefined && hasRecovered(current, load)) return undefined;
  if (step === undefined || step.to <= step.from || step.isJudged || settledMs < judgedAfterMsOf(history, policy))
    return current;
  if (isJudgedBy(history, policy, nowMs) || (current !== undefined && nowMs < current.untilMs)) return current;
  const waiting = total(load.backlog);
  // Only what has waited for as long as rates are taken over counts: newer messages could not raise the rate yet.
  if (Math.min(waiting, leastWaiting(history, nowMs - levelMs)) < 10 * load.arrivalRate) return current;
  const each = step.consumptionBefore / Math.max(1, step.from);
  const expected = possible(load, policy, step.to, each) - step.consumptionBefore;
  const gain = load.consumptionRate - step.consumptionBefore;
  if (expected <= 0 || gain >= 0.2 * expected) return current;
  const times = (current?.times ?? 0) + 1;
  return {
    replicas: step.from,
    untilMs: nowMs + Math.min(longestBlockMs, firstBlockMs * 2 ** (times - 1)),
    consumption: load.consumptionRate,
    times,
  };
}

/** Whether the time to judge the last step is over: a later disturbance is not its doing. */
export function isJudgedBy(history: History, policy: Policy, nowMs: number): boolean {
  const { settledSinceMs = Infinity } = history;
  return nowMs - settledSinceMs > judgedAfterMsOf(history, policy) + judgedWithinMs;
}

/** A ready replica may not have joined yet. Where members cannot be seen, it is given the policy's time to start. */
function judgedAfterMsOf({ looks }: History, { startSeconds }: Policy): number {
  return judgedAfterMs + (hasMembersSeen(looks.at(-1)?.group) ? 0 : startSeconds * 1_000);
}

function leastWaiting({ looks }: History, sinceMs: number): number {
  const waiting = looks.filter(({ atMs }) => atMs >= sinceMs).map(waitingIn);
  return Math.min(...waiting);
}

/** What would be finished per second with so many replicas, if each that has a backlog did what one did before the step. */
function possible({ backlog, arrival }: Load, { assignor }: Policy, replicas: number, each: number): number {
  const owners = dealOf({ backlog, arrival, assignor }, replicas);
  const waiting = sums(backlog, owners, replicas);
  return sums(arrival, owners, replicas).reduce(
    (sum, arriving, member) => sum + ((waiting[member] ?? 0) > 2 * arriving ? Math.max(each, arriving) : arriving),
    0,
  );
}
