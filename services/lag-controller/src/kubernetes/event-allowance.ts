import { isOfScaling, type Occurrence } from './occurrence.ts';

/** How many Events about its conditions a LagScaler may get now. */
export interface EventAllowance {
  readonly count: number;
  readonly atMs: number;
}

/** As client-go has it for the Events of an object: so many at once, and one more after so long. */
const burst = 25;
const anotherMs = 300_000;

/**
 * A condition that comes and goes with every round would make hundreds of Events an hour, among which nobody finds the one that
 * matters. The status has it all the same. Events about scaling are never left out.
 */
export function allowedOf(
  occurrences: readonly Occurrence[],
  before: EventAllowance | undefined,
  nowMs: number,
): { allowed: Occurrence[]; allowance: EventAllowance } {
  const refill = before === undefined ? burst : Math.max(0, nowMs - before.atMs) / anotherMs;
  let count = Math.min(burst, (before?.count ?? 0) + refill);
  const allowed = occurrences.filter((occurrence) => {
    if (isOfScaling(occurrence)) return true;
    if (count < 1) return false;
    count -= 1;
    return true;
  });
  return { allowed, allowance: { count, atMs: nowMs } };
}
