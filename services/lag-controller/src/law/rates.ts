import type { Look } from './look.ts';

/** The time over which the level of a rate is taken. */
export const levelMs = 20_000;

/** Messages per second over all partitions between the first and the last look of the last `windowMs`. */
export function totalRate(looks: readonly Look[], of: 'high' | 'done', windowMs: number): number {
  return total(perPartition(looks, of, windowMs));
}

/** Zero of none. */
export function total(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** Messages per second of each partition; 0 where it was not read at both ends. */
export function perPartition(looks: readonly Look[], of: 'high' | 'done', windowMs: number): number[] {
  const last = looks.at(-1);
  if (last === undefined) return [];
  const first = firstSince(looks, last.atMs - windowMs);
  return last[of].map((_, partition) => rateBetween(looks, first, of, partition));
}

/** The index of the first look from then on. */
export function firstSince(looks: readonly Look[], sinceMs: number): number {
  let first = looks.length;
  while (first > 0 && (looks[first - 1] as Look).atMs >= sinceMs) first -= 1;
  return first;
}

function rateBetween(looks: readonly Look[], from: number, of: 'high' | 'done', partition: number): number {
  let first = from;
  let last = looks.length - 1;
  while (first < last && typeof looks[first]?.[of][partition] !== 'number') first += 1;
  while (last > first && typeof looks[last]?.[of][partition] !== 'number') last -= 1;
  const [begin, end] = [looks[first] as Look, looks[last] as Look];
  if (end.atMs === begin.atMs) return 0;
  const moved = (end[of][partition] as number) - (begin[of][partition] as number);
  return Math.max(0, moved) / ((end.atMs - begin.atMs) / 1_000);
}

/**
 * Whether every partition's end was read at each look from which {@link arrivalOf} takes the level. Else messages may have come
 * unseen, and the level may be too low.
 */
export function isArrivalKnown(looks: readonly Look[]): boolean {
  const recent = looks.slice(firstSince(looks, (looks.at(-1)?.atMs ?? 0) - levelMs));
  return recent.length > 1 && recent.every(({ high }) => high.length > 0 && !high.includes(null));
}

const shareWindowMs = 120_000;
/** Messages added to each partition's count when shares are judged, since a handful of messages says nothing about skew. */
const evenWeight = 40;

/**
 * What share of all messages each partition gets. Shares change slowly and are judged over two minutes; levels change fast
 * and are judged over seconds. Without that, chance alone makes partitions of equal weight look skewed.
 */
export function sharesOf(looks: readonly Look[]): number[] {
  const rates = perPartition(looks, 'high', shareWindowMs);
  const seconds = Math.min(shareWindowMs, (looks.at(-1)?.atMs ?? 0) - (looks[0]?.atMs ?? 0)) / 1_000;
  const counts = rates.map((rate) => rate * seconds + evenWeight);
  const sum = total(counts);
  return counts.map((count) => count / sum);
}

export interface Arrival {
  /** Messages per second now. */
  readonly rate: number;
  /** Messages per second to be prepared for while replicas start: with the trend, where it stands out of the noise. */
  readonly ahead: number;
}

const trendMs = 90_000;
const shortestHalfMs = 15_000;

/**
 * The level over 20 s, and where it goes within `leadSeconds`. The trend compares two halves of the last 90 s; it counts
 * as far as it exceeds two standard deviations of what chance alone would do (Poisson: variance = mean). It may add half of
 * the level at most.
 */
export function arrivalOf(looks: readonly Look[], leadSeconds: number): Arrival {
  const rate = totalRate(looks, 'high', levelMs);
  const last = looks.at(-1);
  if (last === undefined) return { rate, ahead: rate };
  const halfAgoMs = last.atMs - trendMs / 2;
  const old = looks.filter(({ atMs, high }) => high.length > 0 && atMs <= halfAgoMs && atMs >= last.atMs - trendMs);
  // After a gap in reading too few looks may be left in the older half: their rate would be 0, and any load a rise.
  if (old.length < 3 || halfAgoMs - (old[0]?.atMs ?? halfAgoMs) < shortestHalfMs) return { rate, ahead: rate };
  const before = totalRate(old, 'high', trendMs / 2);
  const recent = totalRate(looks, 'high', trendMs / 2);
  const noise = 2 * Math.sqrt((before + recent) / (trendMs / 2_000));
  const slope = Math.max(0, recent - before - noise) / (trendMs / 2_000);
  return { rate, ahead: rate + Math.min(0.5 * rate, slope * leadSeconds) };
}
