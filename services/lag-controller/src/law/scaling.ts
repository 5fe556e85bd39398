import { assess } from './assess.ts';
import { capacityOf } from './capacity.ts';
import { blindReasons, type Capacity, type Decision } from './decision.ts';
import { type Bounds, boundsOf, type DecisionInput } from './decision-input.ts';
import { effectOf } from './effect.ts';
import type { History } from './history.ts';
import { isTooLittle } from './look.ts';
import type { Policy } from './policy.ts';
import { downVerdict, isKnown } from './scale-down.ts';
import { upVerdict, type Verdict } from './scale-up.ts';
import { situationOf } from './situation.ts';
import { rounded, termsOf } from './terms.ts';
import { verdictWithoutCapacity } from './unknown-capacity.ts';

/**
 * Says how many replicas there should be, and why. Pure: the same arguments give the same decision.
 * The law: predict the worst age that a message will reach with each replica count, including the time to start and to
 * rebalance, and take the fewest that hold the objective; come down when the surplus has cost as much as the rebalances will.
 */
export function decide(history: History, policy: Policy, nowMs: number): Decision {
  const capacity = capacityOf(history, policy);
  const load = assess(history, policy, nowMs, capacity.messagesPerSecond);
  const look = history.looks.at(-1);
  const desired = look?.target?.desired;
  const count = look?.high.length ?? 0;
  const bounds = count === 0 ? undefined : boundsOf(policy, count);
  const terms = termsOf(history, policy, nowMs, load, capacity, bounds);
  if (look === undefined || desired === undefined)
    return { atMs: nowMs, action: 'hold', reason: 'unknown-data', terms };

  const step = history.steps.at(-1);
  const isBlind = bounds === undefined || isTooLittle(load.unknown.length, count);
  const found: Verdict = isBlind
    ? blindVerdict(history, policy, { nowMs, desired, bounds })
    : verdictOf(
        {
          ...{ history, policy, nowMs, look, load, desired, bounds },
          isSettled: history.settledSinceMs !== undefined,
          sinceStepMs: step === undefined ? Infinity : nowMs - step.atMs,
        },
        capacity,
      );
  const { replicas, reason, predictions = [] } = heldByPerson(found, desired, policy);
  return {
    atMs: nowMs,
    replicas,
    action: replicas === desired ? 'hold' : replicas > desired ? 'up' : 'down',
    reason,
    terms: {
      ...terms,
      predictions: predictions.map((one) => ({
        replicas: one.replicas,
        worstAgeSeconds: rounded(Math.min(one.worstAgeSeconds, 1e9)),
      })),
    },
  };
}

/** Without usable data nothing changes, but for the failsafe, which only ever adds, up to the ceilings that are known. */
function blindVerdict(
  { readAtMs, looks }: History,
  { failsafe, maxReplicas = Infinity }: Policy,
  { nowMs, desired, bounds }: { nowMs: number; desired: number; bounds: Bounds | undefined },
): Verdict {
  const blindMs = nowMs - (readAtMs ?? nowMs);
  const most = Math.min(failsafe?.replicas ?? 0, maxReplicas, bounds?.max ?? Infinity);
  if (failsafe !== undefined && desired > 0 && blindMs >= failsafe.afterSeconds * 1_000 && most > desired)
    return { replicas: most, reason: 'failsafe' };
  return { replicas: desired, reason: looks.at(-1)?.hasNoCommits ? 'group-not-seen' : 'unknown-data' };
}

function verdictOf(input: DecisionInput, capacity: Capacity): Verdict {
  const { look, desired, bounds } = input;
  if (desired < bounds.min) return { replicas: bounds.min, reason: 'below-minimum' };
  if (desired > bounds.max) return { replicas: bounds.max, reason: 'above-maximum' };
  if (!look.target?.rollingOut) return verdictOnLoad(input, capacity);
  const verdict = isOvertaken(input) ? verdictOnLoad(input, capacity) : undefined;
  return verdict && verdict.replicas > desired ? verdict : { replicas: desired, reason: 'rolling-out' };
}

const rolloutMs = 60_000;

/** A roll-out may take many minutes: it is no longer waited for where the objective is missed a minute into it. */
function isOvertaken({ history: { looks }, load, policy, nowMs }: DecisionInput): boolean {
  const before = looks.findLast(({ target }) => target !== undefined && !target.rollingOut);
  return nowMs - ((before ?? looks[0])?.atMs ?? nowMs) >= rolloutMs && (load.ageSeconds ?? 0) > policy.lagSeconds;
}

function verdictOnLoad(input: DecisionInput, capacity: Capacity): Verdict {
  const { history, load, nowMs, desired, bounds } = input;
  const limit = effectOf(history, load, nowMs);
  if (limit === undefined) return verdictWithin(input, capacity);
  const most = Math.max(bounds.min, limit.replicas);
  if (desired < most)
    return verdictWithin({ ...input, bounds: { ...bounds, max: Math.min(bounds.max, most) } }, capacity);
  return { replicas: input.isSettled && isKnown(load) ? most : desired, reason: 'downstream-limited' };
}

function verdictWithin(input: DecisionInput, capacity: Capacity): Verdict {
  const { history, policy, load, desired, bounds } = input;
  if (capacity.messagesPerSecond === undefined) return verdictWithoutCapacity(input);
  const situation = situationOf(history, policy, load, desired, capacity.messagesPerSecond);
  const verdict =
    upVerdict(input, situation) ??
    (desired === bounds.min ? { replicas: desired, reason: 'steady' } : downVerdict(input, situation));
  const isAtRest = verdict.reason === 'steady' || verdict.reason === 'not-worth-a-rebalance';
  return isAtRest && isPartitionLate(input) ? { ...verdict, reason: 'partition-bound' } : verdict;
}

/** What replicas are asked for leaves out a partition that gets more than one of them can do: it is said where it is late. */
function isPartitionLate({ load: { partitions, hot }, policy }: DecisionInput): boolean {
  return partitions.some(({ partition, ageSeconds = 0 }) => hot.includes(partition) && ageSeconds > policy.lagSeconds);
}

/** A person's pause. Zero replicas count as one: only a person asks for them, for example to reset offsets. */
function heldByPerson(verdict: Verdict, desired: number, { pause }: Policy): Verdict {
  // That too little is known is reported even while paused.
  const isBlind = blindReasons.has(verdict.reason);
  if (desired === 0) return { replicas: 0, reason: isBlind ? verdict.reason : 'scaled-to-zero' };
  const isHeld =
    (pause === 'all' && !isBlind) ||
    (pause === 'scale-in' && verdict.replicas < desired) ||
    (pause === 'scale-out' && verdict.replicas > desired);
  return isHeld ? { ...verdict, replicas: desired, reason: 'paused' } : verdict;
}
