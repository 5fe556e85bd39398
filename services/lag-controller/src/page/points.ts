import type { TimelinePoint } from '../reporting/timeline.ts';

/**
 * Both lists as one, oldest first, each time once; the later list wins. Points before `fromMs` are dropped. A rate takes two
 * looks: where the look before is missing, or saw nothing, what the controller says is zero is not known.
 */
export function merged(
  known: readonly TimelinePoint[],
  added: readonly TimelinePoint[],
  fromMs: number,
): readonly TimelinePoint[] {
  const byTime = new Map([...known, ...added].map((point) => [point.atMs, point]));
  return [...byTime.values()]
    .sort((left, right) => left.atMs - right.atMs)
    .map((point, index, points) => (hasRate(points[index - 1], point) ? point : withoutRates(point)))
    .filter(({ atMs }) => atMs >= fromMs);
}

function hasRate(before: TimelinePoint | undefined, point: TimelinePoint): boolean {
  const isZero = point.arrivalRate === 0 && point.consumptionRate === 0;
  return point.backlog !== undefined && (before?.backlog !== undefined || !isZero);
}

function withoutRates({ arrivalRate: _in, consumptionRate: _out, ...point }: TimelinePoint): TimelinePoint {
  return point;
}

/** The usual time between points, which is the median. */
export function intervalMsOf(points: readonly TimelinePoint[]): number {
  const intervals = points.slice(1).map(({ atMs }, index) => atMs - (points[index]?.atMs ?? atMs));
  intervals.sort((left, right) => left - right);
  return intervals[Math.floor(intervals.length / 2)] ?? 5_000;
}

/** Points further apart than this are not joined: three times the usual interval. */
export const gapMsOf = (points: readonly TimelinePoint[]): number => 3 * intervalMsOf(points);

/** @returns the index of the point closest in time; −1 where there are none */
export function nearest(points: readonly TimelinePoint[], atMs: number): number {
  let best = -1;
  let bestMs = Number.POSITIVE_INFINITY;
  for (const [index, point] of points.entries()) {
    const distanceMs = Math.abs(point.atMs - atMs);
    if (distanceMs <= bestMs) [best, bestMs] = [index, distanceMs];
  }
  return best;
}

/** Where a key moves the cursor; `undefined` for a key that does not. Without a cursor it starts at the newest point. */
export function movedBy(key: string, index: number | undefined, count: number): number | undefined {
  const last = count - 1;
  if (last < 0) return;
  const at = index ?? last;
  const targets: Readonly<Record<string, number>> = {
    ArrowLeft: at - 1,
    ArrowDown: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at + 1,
    PageUp: at + 10,
    PageDown: at - 10,
    Home: 0,
    End: last,
  };
  const target = Object.hasOwn(targets, key) ? targets[key] : undefined;
  return target === undefined ? undefined : Math.min(last, Math.max(0, target));
}
