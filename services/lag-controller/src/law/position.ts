import type { PartitionSample } from './observation.ts';
import type { Policy } from './policy.ts';

/** A partition at one moment, as far as it could be read. `high` and `done` are offsets. */
export interface Position {
  readonly high: number;
  /** Everything before this offset is finished, or was never the group's work. */
  readonly done: number;
}

/**
 * Where the group stands, or `undefined` when that is unknown, which is never the same as «no work».
 * Messages that retention has deleted are not work: a group that is behind the log's start goes on there. A group that never
 * committed begins at the log's start or, with `latest`, at an end that is not known before it commits.
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
