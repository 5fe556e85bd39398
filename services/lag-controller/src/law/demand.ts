import type { Load } from './assess.ts';
import { boundsOf } from './decision-input.ts';
import type { History } from './history.ts';
import type { Policy } from './policy.ts';
import { utilizationAt } from './prediction.ts';
import { total } from './rates.ts';
import { situationOf } from './situation.ts';

const utilizationAtMost = 0.92;

/** The least replicas that would do for the arrivals as they are now; coming down looks back on it. */
export function demandOf(
  history: History,
  policy: Policy,
  load: Load,
  capacity: number | undefined,
): number | undefined {
  const look = history.looks.at(-1);
  const desired = look?.target?.desired;
  if (capacity === undefined || look === undefined || look.high.length === 0 || desired === undefined) return undefined;
  const situation = { ...situationOf(history, policy, load, desired, capacity), arrival: load.arrivalAhead };
  const { min, max } = boundsOf(policy, look.high.length);
  // Fewer could not do it however evenly the load was dealt.
  const fewest = Math.ceil((0.999 * total(load.arrivalAhead)) / (utilizationAtMost * capacity));
  for (let replicas = Math.max(min, fewest); replicas < max; replicas += 1)
    if (utilizationAt(situation, replicas) <= utilizationAtMost) return replicas;
  return max;
}
