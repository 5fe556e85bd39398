import type { PartitionSample } from './observation.ts';
import type { Policy } from './policy.ts';

/** A partition at one moment, as far as it could be read. `high` and `done` are offsets. */
export interface Position {
  readonly high: number;
  /** Everything before this offset is finished, or was never the group's work. */
  readonly done: number;
}

/** What was known of a partition at `atMs`. */
export interface Past extends Position {
  readonly atMs: number;
}

/**
 * Where the group stands, or `undefined` when that is unknown, which is never the same as «no work».
 * Messages that retention has deleted are not work: a group that is behind the log's start goes on there. A group that
 * never committed begins at the log's start or its end; with `latest`, what it will skip cannot be known before it commits.
 */
export function positionOf(sample: PartitionSample, startFrom: Policy['startFrom']): Position | undefined {
  const { high, low, committed } = sample;
  if (high === undefined || low === undefined || committed === undefined) return undefined;
  if (committed === null) {
    if (startFrom === 'earliest') return { high, done: low };
    return high === low ? { high, done: high } : undefined;
  }
  return { high, done: Math.min(high, Math.max(committed, low)) };
}

const markerQuietMs = 30_000;

/**
 * Messages that wait. A last offset that stays one behind while nothing moves is the end of a transaction: Kafka writes
 * a marker there that is never delivered, so no commit passes it.
 */
export function backlogOf(now: Position, past: readonly Past[], nowMs: number): number {
  const backlog = now.high - now.done;
  if (backlog !== 1) return backlog;
  const quietSince = past.find(({ high, done }) => high === now.high && done === now.done)?.atMs ?? nowMs;
  return nowMs - quietSince >= markerQuietMs ? 0 : 1;
}

/**
 * How long ago the oldest unfinished message was written, in seconds: when the log's end passed that offset, between two
 * looks by a straight line. Before the first look, the oldest rate seen is continued.
 * @param past looks in the order of time
 */
export function ageSecondsOf(now: Position, past: readonly Past[], nowMs: number): number {
  if (now.done >= now.high) return 0;
  const later = past.findIndex(({ high }) => high > now.done);
  if (later < 0) return 0;
  const after = past[later] as Past;
  const before = past[later - 1];
  if (before !== undefined) {
    const part = (now.done - before.high) / (after.high - before.high);
    return (nowMs - before.atMs - part * (after.atMs - before.atMs)) / 1_000;
  }
  const seenSeconds = (nowMs - after.atMs) / 1_000;
  const rate = seenSeconds > 0 ? (now.high - after.high) / seenSeconds : 0;
  return rate > 0 ? seenSeconds + (after.high - now.done) / rate : seenSeconds;
}
