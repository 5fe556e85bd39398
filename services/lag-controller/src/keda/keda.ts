import type { Observation, PartitionSample } from '../law/observation.ts';

/**
 * KEDA's kafka trigger and the HPA behind it, as they are (KEDA 2.20: kafka_scaler.go; Kubernetes: replica_calculator.go,
 * horizontal.go), faults included: what a controller is compared with, and what users of KEDA would get instead.
 */
export interface KedaSettings {
  readonly lagThreshold: number;
  readonly minReplicas: number;
  /** KEDA's own default is 100, whatever the topic has. */
  readonly maxReplicas: number;
  readonly offsetResetPolicy: 'latest' | 'earliest';
  readonly scaleToZeroOnInvalidOffset: boolean;
  readonly allowIdleConsumers: boolean;
  readonly limitToPartitionsWithLag: boolean;
  readonly ensureEvenDistributionOfPartitions: boolean;
  readonly excludePersistentLag: boolean;
  /** A second trigger: messages per second that are produced, over this. */
  readonly messagesPerSecondPerReplica?: number;
  /** Whether the ScaledObject has any `behavior`: the API server then fills in the rest, and the HPA takes another path. */
  readonly behavior: 'none' | 'defaulted';
}

export const kedaDefaults: KedaSettings = {
  lagThreshold: 10,
  minReplicas: 1,
  maxReplicas: 100,
  offsetResetPolicy: 'latest',
  scaleToZeroOnInvalidOffset: false,
  allowIdleConsumers: false,
  limitToPartitionsWithLag: false,
  ensureEvenDistributionOfPartitions: false,
  excludePersistentLag: false,
  behavior: 'none',
};

/** What KEDA and the HPA remember. Plain JSON. */
export interface KedaState {
  /** Committed offsets as the last look found them, by partition; both the poll loop and the HPA look. */
  readonly committed: Readonly<Record<number, number>>;
  /** Log ends of the last minute, summed, for the rate trigger. */
  readonly produced: readonly { readonly atMs: number; readonly messages: number }[];
  readonly recommendations: readonly { readonly atMs: number; readonly replicas: number }[];
}

export const newKedaState: KedaState = { committed: {}, produced: [], recommendations: [] };

/**
 * The lag that KEDA hands to the HPA, after its cap; `undefined` where the trigger fails.
 * A partition without a log end counts as 0, as there.
 */
export function kedaLag(
  partitions: readonly PartitionSample[],
  settings: KedaSettings,
  previous: KedaState['committed'],
): number | undefined {
  if (partitions.some(({ committed }) => committed === undefined)) return undefined;
  const lags = partitions.map((sample) => partitionLag(sample, settings, previous[sample.partition]));
  const total = lags.reduce((sum, lag) => sum + lag, 0);
  const { lagThreshold, limitToPartitionsWithLag, ensureEvenDistributionOfPartitions, allowIdleConsumers } = settings;
  if (allowIdleConsumers && !limitToPartitionsWithLag && !ensureEvenDistributionOfPartitions) return total;
  const wanted = ensureEvenDistributionOfPartitions
    ? evenConsumers(total, lagThreshold, partitions.length) * lagThreshold
    : total;
  const bound = limitToPartitionsWithLag ? lags.filter((lag) => lag > 0).length : partitions.length;
  // An integer division, as there: it lets one replica too many through.
  return Math.floor(wanted / lagThreshold) > bound ? bound * lagThreshold : wanted;
}

function partitionLag(
  { high, committed }: PartitionSample,
  settings: KedaSettings,
  previous: number | undefined,
): number {
  if (committed === null || committed === undefined || committed < 0) {
    if (settings.offsetResetPolicy === 'earliest') return high ?? 0;
    return settings.scaleToZeroOnInvalidOffset ? 0 : 1;
  }
  if (high === undefined) return 0;
  return settings.excludePersistentLag && previous === committed ? 0 : high - committed;
}

/** The least divisor of the partition count that is enough for the lag; all of them when none is. */
function evenConsumers(lag: number, lagThreshold: number, partitions: number): number {
  for (let consumers = 1; consumers <= partitions; consumers += 1)
    if (partitions % consumers === 0 && consumers * lagThreshold >= lag) return consumers;
  return partitions;
}

/** KEDA's own poll loop, every 30 s: with one replica or more it changes nothing but what counts as persistent. */
export function kedaPoll(state: KedaState, { partitions }: Observation): KedaState {
  if (!partitions) return state;
  const committed: Record<number, number> = {};
  for (const sample of partitions)
    if (typeof sample.committed === 'number') committed[sample.partition] = sample.committed;
  return { ...state, committed };
}

const rateWindowMs = 60_000;
const stabilizationMs = 300_000;
const tolerance = 0.1;

/**
 * One sync of the HPA, every 15 s.
 * @param current `status.replicas`, ready or not
 * @returns the replicas it asks for; absent where it does not act: a trigger failed
 */
export function kedaSync(
  state: KedaState,
  observation: Observation,
  current: number,
  settings: KedaSettings,
): { state: KedaState; replicas?: number } {
  const { atMs, partitions } = observation;
  if (!partitions) return { state };
  const lag = kedaLag(partitions, settings, state.committed);
  const seen = { ...kedaPoll(state, observation), produced: noteProduced(state, atMs, partitions) };
  if (lag === undefined) return { state: seen };
  const wishes = [wish(lag, settings.lagThreshold, current)];
  const { messagesPerSecondPerReplica } = settings;
  if (messagesPerSecondPerReplica !== undefined)
    wishes.push(wish(producedPerSecond(seen.produced), messagesPerSecondPerReplica, current));
  const wished = Math.max(...wishes);
  const recommendations = [
    ...state.recommendations.filter((earlier) => earlier.atMs > atMs - stabilizationMs),
    { atMs, replicas: wished },
  ];
  const highest = Math.max(...recommendations.map(({ replicas }) => replicas));
  return { state: { ...seen, recommendations }, replicas: bounded(wished, highest, current, settings) };
}

function wish(metric: number, target: number, current: number): number {
  const ratio = metric / (target * current);
  return Math.abs(1 - ratio) <= tolerance ? current : Math.ceil(metric / target);
}

function bounded(wished: number, highest: number, current: number, settings: KedaSettings): number {
  const { behavior, minReplicas, maxReplicas } = settings;
  const stabilized = behavior === 'none' ? highest : Math.max(wished, Math.min(current, highest));
  const upTo = behavior === 'none' ? Math.max(2 * current, 4) : Math.max(current + 4, 2 * current);
  return Math.max(minReplicas, Math.min(maxReplicas, upTo, stabilized));
}

function noteProduced(state: KedaState, atMs: number, partitions: readonly PartitionSample[]): KedaState['produced'] {
  const kept = state.produced.filter((earlier) => earlier.atMs >= atMs - rateWindowMs);
  if (partitions.some(({ high }) => high === undefined)) return kept;
  return [...kept, { atMs, messages: partitions.reduce((sum, { high }) => sum + (high ?? 0), 0) }];
}

function producedPerSecond(produced: KedaState['produced']): number {
  const first = produced[0];
  const last = produced.at(-1);
  if (!first || !last || last.atMs === first.atMs) return 0;
  return Math.max(0, last.messages - first.messages) / ((last.atMs - first.atMs) / 1_000);
}
