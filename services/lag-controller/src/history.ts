import { positionOf } from './lag.ts';
import type { GroupSample, Observation, TargetSample, WorkSample } from './observation.ts';
import type { Policy } from './policy.ts';
import type { Learned } from './scaler.ts';

/** One look, brought to what the law needs. `undefined` in `high` and `done` means: could not be read. */
export interface Look {
  readonly atMs: number;
  /** By partition number; `null` where it is unknown (JSON has no `undefined`). */
  readonly high: readonly (number | null)[];
  readonly done: readonly (number | null)[];
  readonly group?: GroupSample;
  readonly target?: TargetSample;
  readonly work?: readonly WorkSample[];
}

/** A change of what was asked for, by whomever. */
export interface Step {
  readonly atMs: number;
  readonly from: number;
  readonly to: number;
  /** Messages per second finished before it, to see afterwards whether it helped. */
  readonly consumptionBefore: number;
}

/** Plain JSON. Everything `decide` knows; bounded by time, whatever happens. */
export interface History {
  readonly learned: Learned;
  /** The last three minutes, in the order of time. */
  readonly looks: readonly Look[];
  /** The last hour. */
  readonly steps: readonly Step[];
  readonly rebalancesAtMs: readonly number[];
  /** Since when nobody starts, stops or joins; absent while somebody does. */
  readonly settledSinceMs?: number;
  /** When partitions could last be read. */
  readonly readAtMs?: number;
  /** The least replicas that would have done, over the last 21 minutes. */
  readonly demands: readonly { readonly atMs: number; readonly replicas: number }[];
  /** Scaling up did not help: beyond `replicas` it is blocked. */
  readonly limited?: Limit;
}

export interface Limit {
  readonly replicas: number;
  readonly untilMs: number;
  readonly consumption: number;
  readonly times: number;
}

const looksMs = 180_000;
const hourMs = 3_600_000;
const demandsMs = 1_260_000;

/** @param learned what a former leader had learned */
export function newHistory(learned: Learned = {}): History {
  return { learned, looks: [], steps: [], rebalancesAtMs: [], demands: [] };
}

/** Drops what is too old at `atMs` to matter. */
export function forget(history: History, atMs: number): History {
  const recent = <T extends { readonly atMs: number }>(items: readonly T[], ms: number) =>
    items.filter((item) => item.atMs > atMs - ms);
  return {
    ...history,
    looks: recent(history.looks, looksMs),
    steps: recent(history.steps, hourMs),
    demands: recent(history.demands, demandsMs),
    rebalancesAtMs: history.rebalancesAtMs.filter((at) => at > atMs - hourMs),
  };
}

/** @returns the observation with its partitions in order, each at the index of its number */
export function lookOf({ atMs, partitions = [], group, target, work }: Observation, policy: Policy): Look {
  const count = partitions.reduce((most, { partition }) => Math.max(most, partition + 1), 0);
  const high: (number | null)[] = Array(count).fill(null);
  const done: (number | null)[] = Array(count).fill(null);
  for (const sample of partitions) {
    const position = positionOf(sample, policy.startFrom);
    if (sample.high !== undefined) high[sample.partition] = sample.high;
    if (position !== undefined) done[sample.partition] = position.done;
  }
  return { atMs, high, done, ...(group && { group }), ...(target && { target }), ...(work && { work }) };
}

/**
 * Nobody starts, stops or joins. A group that the classic API shows as `Dead` (KIP-848) or that could not be described is
 * judged by the target alone.
 */
export function isSettled({ group, target }: Look): boolean {
  if (target === undefined || target.rollingOut) return false;
  if (target.ready !== target.desired || target.current !== target.desired) return false;
  if (group === undefined || group.state === 'Dead' || group.state === 'Unknown') return true;
  return group.state === 'Stable' && group.members >= target.ready;
}
