import { blindReasons, type Decision, type Reason } from '../law/decision.ts';
import { isAnythingKnown } from '../law/terms.ts';
import type { Round } from '../scaler.ts';
import { type Condition, type LagScaler, type LagScalerStatus, pauseOf, timeOf } from './lag-scaler.ts';

/** The definition of LagScaler takes no more. */
const mostStalled = 100;

type Finding = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/**
 * What a round found, as the status of its LagScaler. A member that is not known is null, which removes it. Conditions are
 * as kstatus reads them: `Ready` is true when the replicas are as decided from fresh data, `Stalled` when a person has to act.
 *
 * @param conflict who else is in charge of the target
 * @param before the status as it was written last
 */
export function statusOf(
  scaler: LagScaler,
  round: Round,
  { conflict, before, nowMs }: { conflict?: string | undefined; before?: LagScalerStatus | undefined; nowMs: number },
): LagScalerStatus {
  const { decision, observation } = round;
  const { terms } = decision;
  const now = timeOf(nowMs);
  const findings = findingsOf(round, scaler, conflict);
  return {
    observedGeneration: scaler.metadata.generation,
    lag: isAnythingKnown(terms) ? terms.backlog : null,
    ageSeconds: terms.ageSeconds === undefined ? null : Math.round(terms.ageSeconds * 10) / 10,
    partitions: terms.partitionCount ?? null,
    desiredReplicas: decision.replicas ?? null,
    currentReplicas: observation.target?.current ?? null,
    reason: decision.reason,
    lastScaleTime: round.written === undefined ? (before?.lastScaleTime ?? null) : now,
    stalledPartitions:
      terms.stalled.length === 0
        ? null
        : terms.stalled.slice(0, mostStalled).map(({ partition, offset }) => ({ partition, offset })),
    learned: round.learned,
    conditions: findings.map((finding) => {
      const old = before?.conditions?.find(({ type }) => type === finding.type);
      const lastTransitionTime = old?.status === finding.status ? old.lastTransitionTime : now;
      return { ...finding, observedGeneration: scaler.metadata.generation, lastTransitionTime };
    }),
  };
}

/** True when something changed that a person or a program waits for; figures that drift are not such. */
export function isNews(before: LagScalerStatus | undefined, after: LagScalerStatus): boolean {
  const essence = (status: LagScalerStatus) =>
    JSON.stringify([
      status.observedGeneration,
      status.partitions,
      status.desiredReplicas,
      status.currentReplicas,
      status.reason,
      status.stalledPartitions ?? null,
      status.conditions?.map(({ type, status: state, reason }) => [type, state, reason]),
    ]);
  return before === undefined || essence(before) !== essence(after);
}

function findingsOf(round: Round, { spec, metadata }: LagScaler, conflict: string | undefined): Finding[] {
  // A dry run fights nobody, and to try it beside another scaler is what it is for.
  const rival = spec.dryRun ? undefined : conflict;
  const ready = readiness(round, spec, rival);
  const needsSomebody = rival !== undefined || round.targetFault === 'not-found';
  const pause = pauseOf(metadata);
  return [
    ready,
    { ...ready, type: 'Stalled', status: needsSomebody ? 'True' : 'False' },
    freshness(round),
    limit(round.decision),
    stalledPartitions(round.decision),
    finding('Paused', pause !== undefined, ['Annotated', `By an annotation: ${pause}.`], ['NotPaused', '']),
    finding('Conflict', conflict !== undefined, ['AnotherScaler', conflict ?? ''], ['NoOtherScaler', '']),
  ];
}

function finding(type: string, isTrue: boolean, ifTrue: [string, string], ifFalse: [string, string]): Finding {
  const [reason, message] = isTrue ? ifTrue : ifFalse;
  return { type, status: isTrue ? 'True' : 'False', reason, message };
}

/** The consumers' own metrics are a help only: that they could not be read explains no condition. */
function reasonsOf({ faults, workFault }: Round): string {
  return faults.filter((fault) => fault !== workFault).join(' ');
}

function readiness(round: Round, { objective, dryRun }: LagScaler['spec'], conflict: string | undefined): Finding {
  const { decision, observation, withheld, workFault } = round;
  const not = (reason: string, message: string): Finding => ({ type: 'Ready', status: 'False', reason, message });
  if (conflict !== undefined) return not('Conflict', conflict);
  if (observation.target === undefined) return not('TargetNotReadable', reasonsOf(round));
  if (blindReasons.has(decision.reason) || decision.reason === 'failsafe')
    return not('DataUnknown', reasonsOf(round) || uncommitted(round));
  if (withheld === 'unavailable') return not('NotWritten', reasonsOf(round));
  const asked = `${dryRun ? 'Only told' : 'Asked for'}: ${decision.replicas} replicas for an objective of ${objective.lagSeconds} s.`;
  return {
    type: 'Ready',
    status: 'True',
    reason: dryRun ? 'DryRun' : 'AsDecided',
    message: workFault === undefined ? asked : `${asked} ${workFault}`,
  };
}

/** With `startFrom: latest` it is not known what a group will skip that has committed nothing. */
function uncommitted({ observation: { partitions = [] } }: Round): string {
  const found = partitions.filter(({ committed }) => committed === null).map(({ partition }) => partition);
  if (found.length === 0) return 'Too many partitions are unknown.';
  return `The group has never committed on partitions ${found.slice(0, 20).join(', ')}: see that consumerGroup is its name, or set policy.startFrom to earliest where it begins there.`;
}

function freshness(round: Round): Finding {
  const { terms } = round.decision;
  const lost = [...terms.unknownPartitions, ...terms.stalePartitions];
  const isFresh = round.observation.partitions !== undefined && lost.length === 0;
  const message = reasonsOf(round) || `Not known of partitions ${lost.slice(0, 20).join(', ')}.`;
  return finding('MetricsFresh', isFresh, ['Read', ''], ['Unknown', message]);
}

const limits: Readonly<Partial<Record<Reason, [reason: string, message: string]>>> = {
  'at-maximum': [
    'AtMaximum',
    'The objective needs more replicas than maxReplicas, or the number of partitions, allow.',
  ],
  'partition-bound': [
    'PartitionBound',
    'No number of replicas is enough: a partition gets more than one of them can do.',
  ],
  'downstream-limited': ['DownstreamLimited', 'The last scale-up did not help: what the consumers call is the limit.'],
  'scaled-to-zero': ['ScaledToZero', 'Somebody asked for no replicas: it stays so until somebody asks for some.'],
  'rebalance-budget-spent': ['RebalanceBudgetSpent', 'The group was rebalanced too often within an hour.'],
};

function limit({ reason }: Decision): Finding {
  return finding('ScalingLimited', limits[reason] !== undefined, limits[reason] ?? ['', ''], ['WithinLimits', '']);
}

function stalledPartitions({ terms: { stalled } }: Decision): Finding {
  const places = stalled.slice(0, 20).map(({ partition, offset }) => `${partition} at offset ${offset}`);
  const message = `Partitions stand still while others move on: ${places.join(', ')}.`;
  return finding('PartitionStalled', stalled.length > 0, ['OffsetStandsStill', message], ['OffsetsMove', '']);
}
