import { type LagScaler, nameOf, type TargetRef, targetName } from './lag-scaler.ts';

/** Another controller's resource that sets the replicas of a target in the same namespace. KEDA works through one, too. */
export interface Autoscaler {
  readonly name: string;
  readonly target: Pick<TargetRef, 'kind' | 'name'>;
}

/** @returns who is in charge of the target instead of `scaler`, as a sentence that says what to do; absent where nobody is */
export function conflictOf(
  scaler: LagScaler,
  all: readonly LagScaler[],
  autoscalers: readonly Autoscaler[],
): string | undefined {
  const target = scaler.spec.scaleTargetRef;
  const autoscaler = autoscalers.find((one) => isSame(one.target, target));
  if (autoscaler)
    return `HorizontalPodAutoscaler ${autoscaler.name} scales ${targetName(target)} too: delete one of the two.`;
  const acting = all.filter(({ spec }) => !spec.dryRun);
  const elder = acting.find((one) => isSame(one.spec.scaleTargetRef, target) && isElder(one, scaler));
  if (elder) return `LagScaler ${elder.metadata.name} scales ${targetName(target)} already: delete one of the two.`;
  return undefined;
}

function isSame(left: Pick<TargetRef, 'kind' | 'name'>, right: Pick<TargetRef, 'kind' | 'name'>): boolean {
  return left.kind === right.kind && left.name === right.name;
}

/** The first to be there keeps the target, so that a mistake cannot take it away; names decide within the same second. */
function isElder(one: LagScaler, other: LagScaler): boolean {
  const [left, right] = [one.metadata.creationTimestamp, other.metadata.creationTimestamp];
  return left === right ? nameOf(one) < nameOf(other) : left < right;
}

/** Replica counts of one target that somebody else had set. */
export interface Overwrites {
  /** As it was read or written last. */
  readonly replicas?: number;
  /** Of a write whose answer was lost: to find it is no surprise. */
  readonly attempted?: number;
  /** When it was found changed. */
  readonly atMs: readonly number[];
}

const windowMs = 600_000;
const tolerated = 2;

/** What a round read and wrote of a target's replicas; each absent where it did not. */
export interface ReplicasRound {
  readonly atMs: number;
  readonly read?: number;
  readonly written?: number;
  /** Its answer was lost. */
  readonly attempted?: number;
}

/** @returns what is remembered after the round; a write whose answer was lost stands until the replicas can be read again */
export function overwritesAfter(before: Overwrites, { atMs, read, written, attempted }: ReplicasRound): Overwrites {
  const seen = read === undefined ? before : seeReplicas(before, read, atMs);
  if (written !== undefined) return { replicas: written, atMs: seen.atMs };
  return attempted === undefined ? seen : { ...seen, attempted };
}

function seeReplicas({ replicas: before, attempted, atMs }: Overwrites, replicas: number, nowMs: number): Overwrites {
  const recent = atMs.filter((at) => nowMs - at < windowMs);
  const isChanged = before !== undefined && before !== replicas && attempted !== replicas;
  return { replicas, atMs: isChanged ? [...recent, nowMs] : recent };
}

/** A person may set a count now and then; who does so again and again is another controller, and is not fought. */
export function overwriteConflict(target: TargetRef, { atMs }: Overwrites): string | undefined {
  if (atMs.length <= tolerated) return undefined;
  return `Somebody else changed the replicas of ${targetName(target)} ${atMs.length} times within ten minutes: end that, or delete this LagScaler.`;
}
