import type { Round } from '../scaler.ts';
import type { Condition, LagScaler, LagScalerStatus } from './lag-scaler.ts';

/** What becomes an Event: something that changed, never something that lasts. */
export interface Occurrence {
  readonly type: 'Normal' | 'Warning';
  /** CamelCase, as in `kubectl get events`. */
  readonly reason: string;
  readonly note: string;
}

/** How each condition is when all is well; a change away from it is a warning, one back to it is good news. */
const well: Readonly<Record<string, Condition['status']>> = {
  Ready: 'True',
  MetricsFresh: 'True',
  ScalingLimited: 'False',
  PartitionStalled: 'False',
};

/** @returns what happened between the status as it was written last and as it is now */
export function occurrencesOf(
  { spec }: LagScaler,
  { before, after, round }: { before: LagScalerStatus | undefined; after: LagScalerStatus; round: Round },
): Occurrence[] {
  const changes = (after.conditions ?? []).flatMap((condition) => changeOf(condition, before));
  if (round.written === undefined) return changes;
  const { decision, observation } = round;
  const { kind, name } = spec.scaleTargetRef;
  const age =
    decision.terms.ageSeconds === undefined ? '' : `, the oldest ${Math.round(decision.terms.ageSeconds)} s old`;
  const note = `${kind} ${name}: ${observation.target?.desired} → ${round.written} (${decision.reason}; ${decision.terms.backlog} messages wait${age})`;
  return [{ type: 'Normal', reason: decision.action === 'up' ? 'ScaledUp' : 'ScaledDown', note }, ...changes];
}

/** Of what was done; all others are about conditions. */
export function isOfScaling({ reason }: Occurrence): boolean {
  return reason === 'ScaledUp' || reason === 'ScaledDown';
}

function changeOf({ type, status, reason, message }: Condition, before: LagScalerStatus | undefined): Occurrence[] {
  const expected = well[type];
  const old = before?.conditions?.find((condition) => condition.type === type)?.status ?? expected;
  if (expected === undefined || old === status) return [];
  if (status === expected) return [{ type: 'Normal', reason: 'Recovered', note: `${type} is ${status} again.` }];
  return [{ type: 'Warning', reason, note: message }];
}
