import { assess, type Load } from './assess.ts';
import { capacityOf } from './capacity.ts';
import type { Decision, Reason, Terms } from './decision.ts';
import { effectOf } from './effect.ts';
import type { History, Look } from './history.ts';
import type { Policy } from './policy.ts';
import { type Prediction, predict, type Situation } from './prediction.ts';
import { downTarget } from './scale-down.ts';

/** Of the objective: what is left is for what is not known yet. */
const upShare = 0.6;
const downShare = 0.5;
const upUtilization = 0.9;
const downUtilization = 0.88;
const tickSeconds = 5;
const horizonSeconds = 60;
const cooldownMs = 20_000;
const patienceMs = 60_000;

/** Everything the gates look at. */
interface Case {
  readonly history: History;
  readonly policy: Policy;
  readonly nowMs: number;
  readonly look: Look;
  readonly load: Load;
  readonly desired: number;
  readonly bounds: { readonly min: number; readonly max: number };
  readonly situation: Situation | undefined;
  readonly isSettled: boolean;
  readonly sinceStepMs: number;
}

type Verdict = { readonly replicas: number; readonly reason: Reason; readonly predictions?: readonly Prediction[] };

/** Says how many replicas there should be, and why. Pure: the same arguments give the same decision. */
export function decide(history: History, policy: Policy, nowMs: number): Decision {
  const capacity = capacityOf(history, policy);
  const load = assess(history, policy, nowMs, capacity.messagesPerSecond);
  const look = history.looks.at(-1);
  const desired = look?.target?.desired;
  const count = look !== undefined && look.high.length > 0 ? look.high.length : undefined;
  const bounds = count === undefined ? undefined : boundsOf(policy, count);
  const terms = termsOf(history, policy, nowMs, load, { capacity, bounds, count });
  const say = ({ replicas, reason, predictions = [] }: Partial<Verdict> & { reason: Reason }): Decision => ({
    atMs: nowMs,
    ...(replicas !== undefined && { replicas }),
    action:
      replicas === undefined || desired === undefined || replicas === desired
        ? 'hold'
        : replicas > desired
          ? 'up'
          : 'down',
    reason,
    terms: {
      ...terms,
      predictions: predictions.map(({ replicas, worstAgeSeconds }) => ({
        replicas,
        worstAgeSeconds: round(worstAgeSeconds),
      })),
    },
  });
  if (look === undefined || desired === undefined) return say({ reason: 'unknown-data' });
  const blind = blindVerdict(history, policy, nowMs, load, desired);
  if (blind !== undefined) return say(paused(blind, desired, policy));
  if (bounds === undefined) return say({ replicas: desired, reason: 'unknown-data' });
  const situation = situationOf(history, policy, load, desired, capacity.messagesPerSecond);
  const step = history.steps.at(-1);
  const one: Case = {
    history,
    policy,
    nowMs,
    look,
    load,
    desired,
    bounds,
    situation,
    isSettled: history.settledSinceMs !== undefined,
    sinceStepMs: step === undefined ? Infinity : nowMs - step.atMs,
  };
  return say(paused(verdictOf(one), desired, policy));
}

function boundsOf(policy: Policy, count: number): { min: number; max: number } {
  const max = Math.min(policy.maxReplicas ?? count, count);
  return { min: Math.min(policy.minReplicas, max), max };
}

/** Without usable data nothing changes, but for the failsafe, which only ever adds. */
function blindVerdict(
  { readAtMs }: History,
  policy: Policy,
  nowMs: number,
  load: Load,
  desired: number,
): Verdict | undefined {
  const known = load.partitions.length - load.unknown.length;
  const isBlind = load.partitions.length === 0 || load.unknown.length > 0.2 * load.partitions.length || known === 0;
  if (!isBlind) return undefined;
  const { failsafe } = policy;
  const forMs = readAtMs === undefined ? 0 : nowMs - readAtMs;
  if (failsafe !== undefined && forMs >= failsafe.afterSeconds * 1_000 && failsafe.replicas > desired)
    return { replicas: failsafe.replicas, reason: 'failsafe' };
  return { replicas: desired, reason: 'unknown-data' };
}

function paused(verdict: Verdict, desired: number, { pause }: Policy): Verdict {
  const isHeld =
    pause === 'all' ||
    (pause === 'scale-in' && verdict.replicas < desired) ||
    (pause === 'scale-out' && verdict.replicas > desired);
  return isHeld ? { ...verdict, replicas: desired, reason: 'paused' } : verdict;
}

function verdictOf(one: Case): Verdict {
  const { desired, bounds, look } = one;
  if (desired < bounds.min) return { replicas: bounds.min, reason: 'below-minimum' };
  if (desired > bounds.max) return { replicas: bounds.max, reason: 'above-maximum' };
  if (look.target?.rollingOut) return hold(one, 'rolling-out');
  const effect = effectOf(one.history, one.load, one.nowMs);
  if (effect !== undefined && one.isSettled) {
    if (effect.replicas < desired)
      return { replicas: Math.max(bounds.min, effect.replicas), reason: 'downstream-limited' };
    return hold(one, 'downstream-limited');
  }
  return one.situation === undefined ? withoutCapacity(one) : withCapacity(one, one.situation);
}

function hold({ desired }: Case, reason: Reason, predictions: readonly Prediction[] = []): Verdict {
  return { replicas: desired, reason, predictions };
}

function withCapacity(one: Case, situation: Situation): Verdict {
  const { desired, bounds, policy, isSettled, sinceStepMs } = one;
  const limit = upShare * policy.lagSeconds;
  const stay = predict(situation, desired, 0, horizonSeconds);
  const best = leastThatHolds(one, situation);
  const predictions = best.replicas === desired ? [stay] : [stay, best];
  const isAtRisk =
    stay.worstAgeSeconds > limit || (stay.utilization > 1 && stay.worstAgeSeconds > 0.2 * policy.lagSeconds);
  if (isAtRisk && best.replicas > desired) {
    const urgent = stay.worstAgeSeconds > policy.lagSeconds;
    if (!isSettled && !(sinceStepMs >= patienceMs || (urgent && sinceStepMs >= cooldownMs / 2)))
      return hold(one, 'settling', predictions);
    if (sinceStepMs < cooldownMs && !urgent) return hold(one, 'cooling-down', predictions);
    const later = predict(situation, best.replicas, 2 * tickSeconds, horizonSeconds);
    if (later.worstAgeSeconds < 0.5 * limit) return hold(one, 'waiting-for-confirmation', [...predictions, later]);
    return { replicas: best.replicas, reason: 'objective-at-risk', predictions };
  }
  if (isAtRisk)
    return hold(
      one,
      one.load.hot.length > 0 ? 'partition-bound' : desired === bounds.max ? 'at-maximum' : 'steady',
      predictions,
    );
  if (desired === bounds.min) return hold(one, 'steady', predictions);
  return down(one, situation, predictions);
}

/** The least replicas under which load and backlog are worked off in good time, else as many as may be. */
function leastThatHolds({ bounds, policy, load, desired }: Case, situation: Situation): Prediction {
  const ahead = { ...situation, arrival: load.arrivalAhead };
  const drainSeconds = Math.max(30, 1.5 * policy.lagSeconds);
  let last = predict(ahead, bounds.max, 0, horizonSeconds);
  const atBest = last.worstAgeSeconds;
  for (let replicas = bounds.min; replicas < bounds.max; replicas += 1) {
    const prediction = predict(ahead, replicas, 0, horizonSeconds);
    const isQuick = prediction.drainSeconds <= drainSeconds || prediction.drainSeconds <= 1.1 * last.drainSeconds;
    const isYoung = prediction.worstAgeSeconds <= Math.max(upShare * policy.lagSeconds, 1.1 * atBest);
    if (prediction.utilization <= upUtilization && isQuick && isYoung) {
      last = prediction;
      break;
    }
  }
  return last.replicas < desired ? predict(situation, desired, 0, horizonSeconds) : last;
}

function down(one: Case, situation: Situation, predictions: readonly Prediction[]): Verdict {
  const { history, policy, nowMs, load, desired, bounds, isSettled, sinceStepMs } = one;
  const target = downTarget(history, nowMs, desired, situation.rebalanceSeconds);
  if (target === undefined) return hold(one, 'steady', predictions);
  const replicas = Math.max(bounds.min, target);
  if (replicas >= desired) return hold(one, 'steady', predictions);
  if (load.unknown.length + load.stale.length > 0) return hold(one, 'unknown-data', predictions);
  if (!isSettled) return hold(one, 'settling', predictions);
  if (sinceStepMs < 60_000) return hold(one, 'cooling-down', predictions);
  if (history.rebalancesAtMs.length >= policy.rebalancesPerHour)
    return hold(one, 'rebalance-budget-spent', predictions);
  const after = predict(situation, replicas, 0, horizonSeconds);
  const all = [...predictions, after];
  if (after.worstAgeSeconds > downShare * policy.lagSeconds) return hold(one, 'not-worth-a-rebalance', all);
  return { replicas, reason: 'load-fell', predictions: all };
}

/** Nothing is known of a replica's speed: grow by doubling while it is needed, come down one by one when it is calm. */
function withoutCapacity(one: Case): Verdict {
  const { policy, load, desired, bounds, isSettled, sinceStepMs, nowMs, history } = one;
  const age = load.ageSeconds ?? 0;
  if (age > 0.4 * policy.lagSeconds) {
    if (desired === bounds.max) return hold(one, 'at-maximum');
    if (!isSettled && sinceStepMs < patienceMs) return hold(one, 'settling');
    if (sinceStepMs < cooldownMs) return hold(one, 'cooling-down');
    return {
      replicas: Math.min(bounds.max, Math.max(desired + 1, 2 * desired)),
      reason: 'growing-into-unknown-capacity',
    };
  }
  const calmMs = Math.min(
    sinceStepMs,
    nowMs - (history.settledSinceMs ?? nowMs),
    nowMs - (history.looks[0]?.atMs ?? nowMs),
  );
  if (desired === bounds.min || load.unknown.length + load.stale.length > 0 || !isSettled) return hold(one, 'steady');
  if (calmMs < 170_000 || age > 0.3 * policy.lagSeconds) return hold(one, 'steady');
  if (history.rebalancesAtMs.length >= policy.rebalancesPerHour) return hold(one, 'rebalance-budget-spent');
  return { replicas: Math.max(bounds.min, rungBelow(desired, load.partitions.length)), reason: 'probing-down' };
}

/** With 12 partitions, 7 to 11 replicas are as slow as 6: one of them has two. So the next lower count that differs is taken. */
function rungBelow(replicas: number, partitions: number): number {
  return Math.ceil(partitions / (Math.ceil(partitions / replicas) + 1));
}

/** The least replicas that would do for the load as it is now; what `downTarget` looks back on. */
export function demandOf(history: History, policy: Policy, nowMs: number): number | undefined {
  const capacity = capacityOf(history, policy).messagesPerSecond;
  const count = history.looks.at(-1)?.high.length ?? 0;
  const desired = history.looks.at(-1)?.target?.desired;
  if (capacity === undefined || count === 0 || desired === undefined) return undefined;
  const load = assess(history, policy, nowMs, capacity);
  const situation = situationOf(history, policy, load, desired, capacity) as Situation;
  const { min, max } = boundsOf(policy, count);
  for (let replicas = min; replicas < max; replicas += 1) {
    const { utilization } = predict({ ...situation, arrival: load.arrivalAhead }, replicas, 0, 0);
    if (utilization <= downUtilization) return replicas;
  }
  return max;
}

function situationOf(
  history: History,
  policy: Policy,
  load: Load,
  desired: number,
  capacity: number | undefined,
): Situation | undefined {
  if (capacity === undefined) return undefined;
  return {
    backlog: load.backlog,
    arrival: load.arrival,
    ageSeconds: Math.max(0, (load.ageSeconds ?? 0) - load.commitSeconds),
    capacity,
    partitionsAtOnce: policy.partitionsAtOnce,
    replicas: desired,
    assignor: policy.assignor,
    startSeconds: history.learned.startSeconds ?? policy.startSeconds,
    rebalanceSeconds: history.learned.rebalanceSeconds ?? policy.rebalanceSeconds,
  };
}

function termsOf(
  history: History,
  policy: Policy,
  nowMs: number,
  load: Load,
  found: { capacity: Terms['capacity']; bounds: Terms['bounds'] | undefined; count: number | undefined },
): Terms {
  const limit = effectOf(history, load, nowMs);
  const needed = Math.max(0, ...load.partitions.map(({ arrivalRate = 0 }) => arrivalRate));
  return {
    partitions: load.partitions,
    ...(found.count !== undefined && { partitionCount: found.count }),
    ...(found.bounds && { bounds: found.bounds }),
    backlog: load.totalBacklog,
    ...(load.ageSeconds !== undefined && { ageSeconds: round(load.ageSeconds) }),
    arrivalRate: round(load.arrivalRate),
    consumptionRate: round(load.consumptionRate),
    capacity: found.capacity,
    startSeconds: history.learned.startSeconds ?? policy.startSeconds,
    rebalanceSeconds: history.learned.rebalanceSeconds ?? policy.rebalanceSeconds,
    rebalancesLastHour: history.rebalancesAtMs.length,
    predictions: [],
    stalled: load.stalled,
    unknownPartitions: load.unknown,
    stalePartitions: load.stale,
    ...(load.hot.length > 0 && {
      partitionBound: { partitions: load.hot, neededMessagesPerSecondPerReplica: round(needed) },
    }),
    ...(limit && { downstreamLimitedUntilMs: limit.untilMs }),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
