import type { Observation } from '../law/observation.ts';
import type { ControllerKind } from './controllers.ts';

interface Totals {
  readonly atMs: number;
  readonly arrived: number;
  readonly consumed: number;
}

/** Sums over the partitions that could be read; `undefined` when one could not: both laws skip such a round. */
function totalsOf({ atMs, partitions }: Observation): Totals | undefined {
  if (!partitions) return undefined;
  let arrived = 0;
  let consumed = 0;
  for (const { high, committed } of partitions) {
    if (high === undefined || committed === undefined) return undefined;
    arrived += high;
    consumed += committed ?? 0;
  }
  return { atMs, arrived, consumed };
}

function p99(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.ceil(0.99 * sorted.length) - 1)] ?? 0;
}

/**
 * Brandwatch's kafka-pod-autoscaler, as read in its source: P99 of the topic's rate over 90 looks, plus lag over an SLA of
 * 10 minutes, by the P99 of a consumer's rate over 360 looks; up to the next divisor, one at a time, 300 s between steps.
 */
export const brandwatch: ControllerKind = {
  name: 'brandwatch',
  forRun: () => {
    let last: Totals | undefined;
    let steppedAtMs = Number.NEGATIVE_INFINITY;
    const topicRates: number[] = [];
    const replicaRates: number[] = [];
    return {
      name: 'brandwatch',
      everySeconds: 10,
      decide: (observation) => {
        const now = totalsOf(observation);
        const replicas = observation.target?.current ?? 1;
        if (!now) return undefined;
        if (last) {
          const seconds = (now.atMs - last.atMs) / 1_000;
          topicRates.push((now.arrived - last.arrived) / seconds);
          replicaRates.push((now.consumed - last.consumed) / seconds / replicas);
        }
        last = now;
        const perReplica = p99(replicaRates.slice(-360));
        if (perReplica <= 0 || now.atMs - steppedAtMs < 300_000) return undefined;
        const target = p99(topicRates.slice(-90)) + (now.arrived - now.consumed) / 600;
        const divisors = divisorsOf(observation.partitions?.length ?? 1);
        const wanted = divisors.find((divisor) => divisor >= target / perReplica) ?? divisors.at(-1) ?? 1;
        const next = nextRung(divisors, replicas, wanted);
        if (next !== replicas) steppedAtMs = now.atMs;
        return next;
      },
    };
  },
};

function divisorsOf(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1).filter((divisor) => count % divisor === 0);
}

function nextRung(divisors: readonly number[], replicas: number, wanted: number): number {
  if (wanted > replicas) return divisors.find((divisor) => divisor > replicas) ?? replicas;
  if (wanted < replicas) return divisors.findLast((divisor) => divisor < replicas) ?? replicas;
  return replicas;
}

/**
 * Numaflow's law: what waits, over the rate of a replica and 20 s; the rate is of the last 120 s, steps are of 2 at most, 90 s
 * apart. It counts only replicas that are ready.
 */
export const numaflow: ControllerKind = {
  name: 'numaflow',
  forRun: () => {
    const looks: Totals[] = [];
    let steppedAtMs = Number.NEGATIVE_INFINITY;
    return {
      name: 'numaflow',
      everySeconds: 10,
      decide: (observation) => {
        const now = totalsOf(observation);
        if (!now) return undefined;
        const first = noted(looks, now);
        if (first.atMs === now.atMs || now.atMs - steppedAtMs < 90_000) return undefined;
        const current = observation.target?.current ?? 1;
        const next = numaflowStep(observation, numaflowWish(first, now, observation.target?.ready ?? 1));
        if (next !== current) steppedAtMs = now.atMs;
        return next;
      },
    };
  },
};

function numaflowWish(first: Totals, now: Totals, ready: number): number | undefined {
  const rate = (now.consumed - first.consumed) / ((now.atMs - first.atMs) / 1_000);
  const pending = now.arrived - now.consumed;
  if (rate <= 0) return pending > 0 ? undefined : 1;
  return Math.round((pending / rate / 20) * ready);
}

function numaflowStep({ target, partitions }: Observation, wanted: number | undefined): number {
  const current = target?.current ?? 1;
  return Math.max(1, current - 2, Math.min(partitions?.length ?? 1, current + 2, wanted ?? current));
}

/** Adds a look and drops those before the last 120 s; returns the oldest that is left. */
function noted(looks: Totals[], now: Totals): Totals {
  looks.push(now);
  while ((looks[0]?.atMs ?? now.atMs) < now.atMs - 120_000) looks.shift();
  return looks[0] ?? now;
}
