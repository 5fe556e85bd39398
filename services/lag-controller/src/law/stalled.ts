import type { Terms } from './decision.ts';
import { backlogOf, type Markers, type Past, stuckSinceMs } from './lag.ts';
import type { Look } from './look.ts';
import { perPartition } from './rates.ts';

/** A partition that stands still for so long is reported as stalled. */
export const stalledMs = 60_000;
/** After so long it is already left out of the load that replicas are needed for. */
const suspectMs = 20_000;
/** Where more than this share of the partitions with work stand still, messages just take that long: none is stuck. */
const stuckShare = 1 / 3;
/** But one that has stood still for so long, and for this part of all looks kept (back to twice a long objective), is. */
const stuckMs = 150_000;
const stuckPart = 0.8;

/**
 * Partitions with work whose offset has stood still for 20 s or longer while others move on. Where nothing moves anywhere, it is
 * an outage and no stuck message; where many stand still at a time, messages take long or commits are rare.
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

/** Within the looks that are kept. */
function hasMoved(now: Past | undefined, looks: readonly Look[], partition: number): boolean {
  return now !== undefined && looks.some(({ done }) => (done[partition] ?? now.done) < now.done);
}
