import type { Look } from './history.ts';

/** Messages per second over all partitions between the first and the last look of the last `windowMs`. */
export function totalRate(looks: readonly Look[], of: 'high' | 'done', windowMs: number): number {
  return perPartition(looks, of, windowMs).reduce((sum, rate) => sum + rate, 0);
}

/** Messages per second of each partition; 0 where it was not read at both ends. */
export function perPartition(looks: readonly Look[], of: 'high' | 'done', windowMs: number): number[] {
  const last = looks.at(-1);
  if (last === undefined) return [];
  const recent = looks.filter(({ atMs }) => atMs >= last.atMs - windowMs);
  return last[of].map((_, partition) => rateBetween(recent, of, partition));
}

function rateBetween(looks: readonly Look[], of: 'high' | 'done', partition: number): number {
  const known = looks.filter((look) => typeof look[of][partition] === 'number');
  const first = known[0];
  const last = known.at(-1);
  if (first === undefined || last === undefined || last.atMs === first.atMs) return 0;
  const moved = (last[of][partition] as number) - (first[of][partition] as number);
  return Math.max(0, moved) / ((last.atMs - first.atMs) / 1_000);
}

const shareWindowMs = 120_000;
/** Messages that an even deal is worth when shares are judged: a handful of messages says nothing about skew. */
const evenWeight = 40;

/**
 * What share of all messages each partition gets. Shares change slowly and are judged over two minutes; levels change fast
 * and are judged over seconds. Without that, chance alone makes partitions of equal weight look skewed.
 */
export function sharesOf(looks: readonly Look[]): number[] {
  const rates = perPartition(looks, 'high', shareWindowMs);
  const seconds = Math.min(shareWindowMs, (looks.at(-1)?.atMs ?? 0) - (looks[0]?.atMs ?? 0)) / 1_000;
  const counts = rates.map((rate) => rate * seconds + evenWeight);
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => count / total);
}

export interface Arrival {
  /** Messages per second now. */
  readonly rate: number;
  /** Messages per second to be prepared for while replicas start: with the trend, where it stands out of the noise. */
  readonly ahead: number;
}

const levelMs = 20_000;
const trendMs = 90_000;

/**
 * The level over 20 s, and where it goes within `leadSeconds`. The trend compares two halves of the last 90 s; it counts
 * as far as it exceeds two standard deviations of what chance alone would do (Poisson: variance = mean). It may add half of
 * the level at most.
 */
export function arrivalOf(looks: readonly Look[], leadSeconds: number): Arrival {
  const rate = totalRate(looks, 'high', levelMs);
  const last = looks.at(-1);
  if (last === undefined) return { rate, ahead: rate };
  const old = looks.filter(({ atMs }) => atMs <= last.atMs - trendMs / 2);
  const spanSeconds = (last.atMs - (looks[0]?.atMs ?? last.atMs)) / 1_000;
  if (old.length < 3 || spanSeconds < 60) return { rate, ahead: rate };
  const before = totalRate(old, 'high', trendMs / 2);
  const recent = totalRate(looks, 'high', trendMs / 2);
  const noise = 2 * Math.sqrt((before + recent) / (trendMs / 2_000));
  const slope = Math.max(0, recent - before - noise) / (trendMs / 2_000);
  return { rate, ahead: rate + Math.min(0.5 * rate, slope * leadSeconds) };
}
