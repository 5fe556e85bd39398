import type { Look } from './look.ts';

/** A change of what was asked for, by whomever. */
export interface Step {
  readonly atMs: number;
  readonly from: number;
  readonly to: number;
  /** Messages per second finished before it, to see afterwards whether it helped; 0 where that could not be read. */
  readonly consumptionBefore: number;
  /** Members of the group that each replica had before it, where a stable group told. */
  readonly membersEach?: number;
  /** All replicas have been ready since. */
  readonly hasStarted?: true;
  /** The time in which it can be seen whether it helped is over. */
  readonly isJudged?: true;
}

/** What outlives a restart of the controller. Plain JSON. */
export interface Learned {
  readonly messagesPerSecond?: number;
  readonly startSeconds?: number;
  readonly rebalanceSeconds?: number;
  /** The shortest time that a replica stood still for a rebalance. */
  readonly shortestRebalanceSeconds?: number;
  /** True: the group got to the very end of a partition, so transactions put no marker there. False: ends are markers. */
  readonly reachesEnd?: boolean;
}

/** Plain JSON. Everything `decide` knows; bounded by time, whatever happens. */
export interface History {
  readonly learned: Learned;
  /** All of the last three minutes, in the order of time; before them a few, back to twice the objective where that is longer. */
  readonly looks: readonly Look[];
  /** The last hour. */
  readonly steps: readonly Step[];
  readonly rebalancesAtMs: readonly number[];
  /** Since when no replica starts, stops or joins; absent while one does. */
  readonly settledSinceMs?: number;
  /** When enough of the partitions could last be read to decide by; the first look's time while none could. */
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
export function forget(history: History, atMs: number, lagSeconds: number): History {
  const recent = <T extends { readonly atMs: number }>(items: readonly T[], ms: number) =>
    items.filter((item) => item.atMs > atMs - ms);
  return {
    ...history,
    looks: keptLooks(history.looks, atMs, lagSeconds),
    steps: recent(history.steps, hourMs),
    demands: recent(history.demands, demandsMs),
    rebalancesAtMs: history.rebalancesAtMs.filter((at) => at > atMs - hourMs),
  };
}

const sparseLooks = 60;

/** All of three minutes; of older ones, at most 60, so that ages can be told back to twice a long objective. */
function keptLooks(looks: readonly Look[], atMs: number, lagSeconds: number): readonly Look[] {
  const farthestMs = 2_000 * lagSeconds;
  let lastAtMs = Number.NEGATIVE_INFINITY;
  return looks.filter((look) => {
    const agoMs = atMs - look.atMs;
    if (agoMs < looksMs) return true;
    if (agoMs >= farthestMs || look.atMs - lastAtMs < farthestMs / sparseLooks) return false;
    lastAtMs = look.atMs;
    return true;
  });
}
