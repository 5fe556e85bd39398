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

/** @returns what is remembered after `replicas` were read */
export function seeReplicas(
  { replicas: before, attempted, atMs }: Overwrites,
  replicas: number,
  nowMs: number,
): Overwrites {
  const recent = atMs.filter((at) => nowMs - at < windowMs);
  const isChanged = before !== undefined && before !== replicas && attempted !== replicas;
  return { replicas, atMs: isChanged ? [...recent, nowMs] : recent };
}

/** A person may set a count now and then; who does so again and again is another controller, and is not fought. */
export function overwriteConflict(target: TargetRef, { atMs }: Overwrites): string | undefined {
  if (atMs.length <= tolerated) return undefined;
  return `Somebody else changed the replicas of ${targetName(target)} ${atMs.length} times within ten minutes: end that, or delete this LagScaler.`;
}
