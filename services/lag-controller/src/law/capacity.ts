import { ownersOf, shares } from './assignment.ts';
import type { Capacity } from './decision.ts';
import type { History } from './history.ts';
import type { Look } from './look.ts';
import type { WorkSample } from './observation.ts';
import type { Policy } from './policy.ts';
import { firstSince, perPartition, total, totalRate } from './rates.ts';

const workMs = 60_000;
const saturatedMs = 10_000;
const quietMs = 5_000;
/** Long, since a slow consumer's commits may be minutes apart. */
const provenMs = 170_000;

/**
 * Messages per second that one replica finishes when it never waits for work.
 * Best known from busy time, else from what was learned before, else from the policy's hint.
 */
export function capacityOf(history: History, policy: Policy): Capacity {
  const busy = busyRate(history.looks);
  if (busy !== undefined) return { messagesPerSecond: busy, source: 'busy-time' };
  const known = history.learned.messagesPerSecond;
  if (known !== undefined) return { messagesPerSecond: known, source: 'learned' };
  const hint = policy.messagesPerSecondPerReplica;
  return hint === undefined ? { source: 'unknown' } : { messagesPerSecond: hint, source: 'hint' };
}

/**
 * What replicas finish per second of being busy, over the last minute (Kalavri et al., «Three steps is all you need», OSDI
 * 2018: true rate = finished / busy seconds), or `undefined` when they had too little work to tell.
 */
export function busyRate(looks: readonly Look[]): number | undefined {
  const first = firstSince(looks, (looks.at(-1)?.atMs ?? 0) - workMs);
  const recent = looks.slice(first).flatMap(({ work }) => (work === undefined ? [] : [work]));
  let handled = 0;
  let busySeconds = 0;
  for (const [index, now] of (recent.at(-1) ?? []).entries()) {
    const before = earliest(recent, now, index);
    if (before === undefined) continue;
    handled += now.handled - before.handled;
    busySeconds += (now.busySeconds - before.busySeconds) / now.concurrency;
  }
  return handled >= 20 && busySeconds > 0 ? handled / busySeconds : undefined;
}

/** Of the same replica: counters that fell belong to an earlier life of it. */
export function isSameLife(before: WorkSample, now: WorkSample): boolean {
  return before.handled <= now.handled && before.busySeconds <= now.busySeconds;
}

/** The first sample of the same life of the replica. `index` is where it likely is. */
function earliest(recent: readonly (readonly WorkSample[])[], now: WorkSample, index: number): WorkSample | undefined {
  for (const work of recent) {
    const there = work[index];
    const one = there?.replica === now.replica ? there : work.find(({ replica }) => replica === now.replica);
    if (one && isSameLife(one, now)) return one;
  }
  return undefined;
}

/**
 * The rate of consumers that had work all through the last 10 s while nobody joined or left, or `undefined` when there was
 * none. A consumer that ran out of work says nothing: its rate is the arrivals'.
 */
export function saturatedRate(history: History, policy: Policy): number | undefined {
  const last = history.looks.at(-1);
  if (last?.target === undefined || history.settledSinceMs === undefined) return undefined;
  if (history.settledSinceMs > last.atMs - saturatedMs - quietMs) return undefined;
  const members = last.target.ready;
  if (members === 0) return undefined;
  const window = history.looks.filter(({ atMs }) => atMs >= last.atMs - saturatedMs);
  const rates = perPartition(history.looks, 'done', saturatedMs);
  const sharesNow =
    policy.assignor === 'unknown'
      ? [rates.map((_, partition) => partition)]
      : shares(ownersOf(rates, members, policy.assignor), members);
  const replicasPerShare = policy.assignor === 'unknown' ? members : 1;
  const found = sharesNow
    .filter((share) => hadWork(window, share, rates))
    .map((share) => total(share.map((partition) => rates[partition] ?? 0)) / replicasPerShare)
    .filter((rate) => rate > 0)
    .sort((left, right) => left - right);
  return found[Math.floor(found.length / 2)];
}

/**
 * A lower bound: what each replica finished on average over the last three minutes, during which it may have waited for work.
 * `undefined` where somebody joined or left in that time.
 */
export function provenRate({ looks, steps, settledSinceMs }: History): number | undefined {
  const last = looks.at(-1);
  if (last?.target === undefined || last.target.ready === 0) return undefined;
  // Replicas may have gone between two looks, and the group be settled at both: what they did is not to be shared by the rest.
  const sinceMs = Math.max(settledSinceMs ?? last.atMs, steps.at(-1)?.atMs ?? 0);
  const isCalm = sinceMs < last.atMs - provenMs;
  return isCalm ? totalRate(looks, 'done', provenMs) / last.target.ready : undefined;
}

/**
 * Whether the owner of these partitions never ran out of work: at each look more waited than may lie between two commits (6 s
 * of the rate). Partitions that do not move are left out, as a stuck message blocks all that waits behind it.
 */
function hadWork(window: readonly Look[], share: readonly number[], rates: readonly number[]): boolean {
  const moving = share.filter((partition) => (rates[partition] ?? 0) > 0);
  const rate = total(moving.map((partition) => rates[partition] ?? 0));
  return window.every(({ high, done }) => {
    const waits = moving.map((partition) => (high[partition] ?? Number.NaN) - (done[partition] ?? Number.NaN));
    return total(waits) > Math.max(2, 6 * rate);
  });
}
