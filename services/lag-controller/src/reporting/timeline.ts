import type { Decision, Terms } from '../law/decision.ts';
import { isAnythingKnown } from '../law/terms.ts';
import type { Round, Scaler } from '../scaler.ts';

/** One round as it is drawn. What was not known is absent, never zero. */
export interface TimelinePoint {
  readonly atMs: number;
  /** Messages waiting, over the partitions whose backlog is known. */
  readonly backlog?: number | undefined;
  readonly ageSeconds?: number | undefined;
  /** Replicas that should be asked for; absent where the controller had no opinion. */
  readonly desired?: number | undefined;
  /** Replicas that exist, ready or not. */
  readonly current?: number | undefined;
  readonly ready?: number | undefined;
  /** Of the topic, now. */
  readonly partitions?: number | undefined;
  /** Messages per second. */
  readonly arrivalRate?: number | undefined;
  readonly consumptionRate?: number | undefined;
  readonly action: Decision['action'];
  readonly reason: Decision['reason'];
  /** Replicas that were asked for in this round; absent when nothing was written. */
  readonly written?: number | undefined;
  readonly withheld?: NonNullable<Round['withheld']> | undefined;
  /** Partitions whose offset stands still; absent when there is none. */
  readonly stalled?: Terms['stalled'] | undefined;
  /** Partitions that could not be read, or too long ago; absent when there is none. */
  readonly unseen?: readonly number[] | undefined;
  /** Partitions that have more than one replica can do; absent when there is none. */
  readonly hot?: readonly number[] | undefined;
  readonly faults: readonly string[];
}

/** `GET /v1/scalers/:name/history`; each point alone, with the scaler's name, is an event of `GET /v1/events`. */
export interface Timeline {
  readonly scaler: string;
  readonly group: string;
  readonly topic: string;
  /** The objective: how old a message may get. */
  readonly lagSeconds: number;
  readonly minReplicas: number;
  readonly maxReplicas?: number | undefined;
  readonly dryRun: boolean;
  /** Oldest first. */
  readonly points: readonly TimelinePoint[];
}

/** The rounds of the last while, in memory, per scaler. */
export interface Timelines {
  readonly add: (scaler: Scaler, round: Round) => void;
  /** Sorted by name. */
  readonly all: () => readonly Timeline[];
  readonly of: (name: string) => Timeline | undefined;
  readonly forget: (name: string) => void;
}

const hourMs = 3_600_000;

/** @param keptMs how long a point is kept, counted from the newest one of its scaler */
export function newTimelines(keptMs = hourMs): Timelines {
  const kept = new Map<string, { scaler: Scaler; points: TimelinePoint[] }>();
  return {
    add: (scaler, round) => {
      const points = kept.get(scaler.name)?.points ?? [];
      const oldestMs = round.decision.atMs - keptMs;
      const young = points.filter((point) => point.atMs > oldestMs);
      kept.set(scaler.name, { scaler, points: [...young, pointOf(round)] });
    },
    all: () =>
      [...kept.values()]
        .map(({ scaler, points }) => timelineOf(scaler, points))
        .sort((left, right) => left.scaler.localeCompare(right.scaler)),
    of: (name) => {
      const found = kept.get(name);
      return found && timelineOf(found.scaler, found.points);
    },
    forget: (name) => void kept.delete(name),
  };
}

function timelineOf({ name, group, topic, policy, dryRun }: Scaler, points: readonly TimelinePoint[]): Timeline {
  const { lagSeconds, minReplicas, maxReplicas } = policy;
  return { scaler: name, group, topic, lagSeconds, minReplicas, maxReplicas, dryRun, points };
}

/** @returns the round without its computation, as it is drawn */
export function pointOf({ decision, observation, written, withheld, faults }: Round): TimelinePoint {
  const { terms } = decision;
  const anyKnown = isAnythingKnown(terms);
  return {
    atMs: decision.atMs,
    backlog: anyKnown ? terms.backlog : undefined,
    ageSeconds: terms.ageSeconds,
    desired: decision.replicas,
    current: observation.target?.current,
    ready: observation.target?.ready,
    partitions: terms.partitionCount,
    arrivalRate: anyKnown ? terms.arrivalRate : undefined,
    consumptionRate: anyKnown ? terms.consumptionRate : undefined,
    action: decision.action,
    reason: decision.reason,
    written,
    withheld,
    stalled: someOf(terms.stalled),
    unseen: someOf([...terms.unknownPartitions, ...terms.stalePartitions]),
    hot: someOf(terms.partitionBound?.partitions ?? []),
    faults,
  };
}

const someOf = <T>(list: readonly T[]): readonly T[] | undefined => (list.length === 0 ? undefined : list);
