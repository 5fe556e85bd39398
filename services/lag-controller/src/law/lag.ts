import type { Learned } from './history.ts';
import type { Look } from './look.ts';
import type { Position } from './position.ts';

/** What was known of a partition at `atMs`. */
export interface Past extends Position {
  readonly atMs: number;
}

/** What was last known of a partition, or `undefined`. */
export function lastKnown(looks: readonly Look[], partition: number): Past | undefined {
  for (let index = looks.length - 1; index >= 0; index -= 1) {
    const { atMs, high, done } = looks[index] as Look;
    const [end, start] = [high[partition], done[partition]];
    if (typeof end === 'number' && typeof start === 'number') return { atMs, high: end, done: start };
  }
  return undefined;
}

/**
 * Since when this offset has stood still with work after it, or `undefined` where it does not.
 * @param looks in the order of time
 */
export function stuckSinceMs({ done }: Position, looks: readonly Look[], partition: number): number | undefined {
  let sinceMs: number | undefined;
  for (let index = looks.length - 1; index >= 0; index -= 1) {
    const look = looks[index] as Look;
    const [end, start] = [look.high[partition], look.done[partition]];
    if (typeof end !== 'number' || typeof start !== 'number') continue;
    if (start !== done || end <= start) break;
    sinceMs = look.atMs;
  }
  return sinceMs;
}

type End = Pick<Past, 'atMs' | 'high'>;

const markerQuietMs = 30_000;

/** Whether the last offset of a partition may be a transaction's marker; `usual`: it is one wherever it alone waits. */
export type Markers = 'none' | 'possible' | 'usual';

export function markersOf({ reachesEnd }: Learned): Markers {
  if (reachesEnd === undefined) return 'possible';
  return reachesEnd ? 'none' : 'usual';
}

/**
 * Messages that wait. At the end of a transaction Kafka writes a marker that is never delivered, and most consumers commit no
 * further than what they got: they stay one behind. So where the topic may have transactions, a single offset that waits and
 * does not move for half a minute counts as none. Where markers are usual it never counts, or each transaction's end would
 * look for half a minute like a message that needs more replicas.
 */
export function backlogOf(
  now: Position,
  looks: readonly Look[],
  partition: number,
  { nowMs, markers }: { readonly nowMs: number; readonly markers: Markers },
): number {
  const backlog = now.high - now.done;
  if (backlog !== 1 || markers === 'none') return backlog;
  if (markers === 'usual') return 0;
  const quietSinceMs = stuckSinceMs(now, looks, partition) ?? nowMs;
  return nowMs - quietSinceMs >= markerQuietMs ? 0 : 1;
}

/**
 * Whether the group got to the very end of a partition and stayed there, which it cannot where a marker comes last. Seen in two
 * looks, since the end and the commits are not read at once.
 */
export function hasReachedEnd(looks: readonly Look[]): boolean {
  const [before, last] = looks.slice(-2);
  if (before === undefined || last === undefined) return false;
  return last.high.some((end, partition) => {
    if (last.atEndAnyway?.includes(partition)) return false;
    const isAtEnd = ({ high, done }: Look) => high[partition] === end && done[partition] === end;
    if (end === null || !isAtEnd(last) || !isAtEnd(before)) return false;
    // It must have moved: where retention deleted all, the group is at the end without having done anything.
    return looks.some(({ high, done }) => (high[partition] ?? end) < end && (done[partition] ?? end) < end);
  });
}

/**
 * Whether a stable group stands exactly one behind the end of every partition that has been quiet for half a minute: then these
 * are markers, even if the end seemed to be reached before, in a transaction still open. A single quiet partition at its end
 * speaks against it: else messages that take minutes would pass for markers, and their replicas be taken away. A topic that is
 * written both with transactions and without is therefore judged as one without.
 */
export function endsInMarkers(looks: readonly Look[]): boolean {
  const last = looks.at(-1);
  if (last?.group?.state !== 'Stable' || last.group.members === 0) return false;
  const since = looks.findLastIndex(({ atMs }) => atMs <= last.atMs - markerQuietMs);
  if (since < 0) return false;
  const recent = looks.slice(since);
  const quiet = last.high.flatMap((end, partition) => {
    const done = last.done[partition];
    if (end === null || typeof done !== 'number' || last.atEndAnyway?.includes(partition)) return [];
    const isQuiet = recent.every((look) => look.high[partition] === end && look.done[partition] === done);
    return isQuiet ? [end - done] : [];
  });
  return quiet.length > 0 && quiet.every((behind) => behind === 1);
}

/**
 * How long ago the oldest unfinished message was written, in seconds: when the log's end passed that offset, between two
 * looks by a straight line. Before the first look, the oldest rate seen is continued.
 * @param looks in the order of time
 */
export function ageSecondsOf(now: Position, looks: readonly Look[], partition: number, nowMs: number): number {
  if (now.done >= now.high) return 0;
  let after: End | undefined;
  for (let index = looks.length - 1; index >= 0; index -= 1) {
    const end = endAt(looks[index] as Look, partition);
    if (end === undefined) continue;
    // Before that it was another topic of this name.
    if (after && end.high > after.high) break;
    if (end.high <= now.done) return ageBetween(now.done, end, after, nowMs);
    after = end;
  }
  return after ? ageBeyond(now, after, nowMs) : 0;
}

function endAt({ atMs, high, done }: Look, partition: number): End | undefined {
  const end = high[partition];
  return typeof end === 'number' && typeof done[partition] === 'number' ? { atMs, high: end } : undefined;
}

function ageBeyond(now: Position, oldest: End, nowMs: number): number {
  const seenSeconds = (nowMs - oldest.atMs) / 1_000;
  const rate = seenSeconds > 0 ? (now.high - oldest.high) / seenSeconds : 0;
  return rate > 0 ? seenSeconds + (oldest.high - now.done) / rate : seenSeconds;
}

function ageBetween(offset: number, before: End, after: End | undefined, nowMs: number): number {
  if (after === undefined) return 0;
  const part = (offset - before.high) / (after.high - before.high);
  return (nowMs - before.atMs - part * (after.atMs - before.atMs)) / 1_000;
}
