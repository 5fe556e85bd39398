import type { Terms } from './decision.ts';
import { backlogOf, type Markers, type Past, stuckSinceMs } from './lag.ts';
import type { Look } from './look.ts';
import { perPartition } from './rates.ts';

/** Who stands still for so long is called stalled. */
export const stalledMs = 60_000;
/** So long a partition may stand still before it is left out of what replicas are asked for, though not yet called stalled. */
const suspectMs = 20_000;
/** More of those at work than this share stand still: then that is how long their messages take, and none of them is stuck. */
const stuckShare = 1 / 3;
/** But who has stood still for so long, and for most of what is remembered, is: that reaches back to twice a long objective. */
const stuckMs = 150_000;
const stuckPart = 0.8;

/**
 * Partitions with work whose offset stands still for 20 s or longer while others move on. Where nothing moves anywhere it is an
 * outage, not a message; where most stand still between two moves it is the pace of messages that take long, or of commits.
 */
export function standingStill(
  looks: readonly Look[],
  positions: readonly (Past | undefined)[],
  markers: Markers,
): Terms['stalled'] {
  const last = looks.at(-1);
  if (last === undefined || !perPartition(looks, 'done', stalledMs).some((rate) => rate > 0)) return [];
  const still = positions.flatMap((now, partition) => {
    if (now === undefined || backlogOf(now, looks, partition, { nowMs: last.atMs, markers }) === 0) return [];
    const forSeconds = (last.atMs - (stuckSinceMs(now, looks, partition) ?? last.atMs)) / 1_000;
    return forSeconds * 1_000 >= suspectMs ? [{ partition, offset: now.done, forSeconds }] : [];
  });
  if (still.length <= 1) return still;
  const atWork = positions.filter(
    (now, partition) => still.some((one) => one.partition === partition) || hasMoved(now, looks, partition),
  );
  if (still.length <= stuckShare * atWork.length) return still;
  const longMs = Math.max(stuckMs, stuckPart * (last.atMs - (looks[0]?.atMs ?? last.atMs)));
  return still.filter(({ forSeconds }) => forSeconds * 1_000 >= longMs);
}

/** As far as is remembered. */
function hasMoved(now: Past | undefined, looks: readonly Look[], partition: number): boolean {
  return now !== undefined && looks.some(({ done }) => (done[partition] ?? now.done) < now.done);
}
