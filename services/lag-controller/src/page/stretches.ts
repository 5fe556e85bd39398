import type { TimelinePoint } from '../reporting/timeline.ts';
import { remarksOf } from './wording.ts';

/** A stretch in which the controller said the same thing. */
export interface Stretch {
  readonly first: TimelinePoint;
  readonly last: TimelinePoint;
  /** Until the next stretch begins, or the last point where a gap follows. */
  readonly untilMs: number;
  /** The remarks of its points, each once, in the order they came up. */
  readonly remarks: readonly string[];
}

const isSame = (left: TimelinePoint, right: TimelinePoint) =>
  left.reason === right.reason &&
  left.action === right.action &&
  left.desired === right.desired &&
  left.withheld === right.withheld;

/** Oldest first. Points further apart than `gapMs` are never of one stretch: nobody looked in between. */
export function stretchesOf(points: readonly TimelinePoint[], gapMs: number): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const point of points) {
    const open = stretches.at(-1);
    const isJoined = open !== undefined && point.atMs - open.untilMs <= gapMs;
    const isContinued = isJoined && isSame(open.last, point);
    const started: Stretch = { first: point, last: point, untilMs: point.atMs, remarks: remarksOf(point) };
    if (isJoined) stretches.pop();
    if (isJoined && isContinued) stretches.push(extended(open, point));
    else stretches.push(...(isJoined ? [{ ...open, untilMs: point.atMs }] : []), started);
  }
  return stretches;
}

function extended(open: Stretch, point: TimelinePoint): Stretch {
  const remarks = [...new Set([...open.remarks, ...remarksOf(point)])];
  return { first: open.first, last: point, untilMs: point.atMs, remarks };
}
