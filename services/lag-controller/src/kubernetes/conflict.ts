import { type LagScaler, nameOf, pauseOf, type TargetRef, targetName, timeOf } from './lag-scaler.ts';

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

/** Somebody who changes replicas that we would not set takes nothing from us. With half a pause we set them the other way. */
export function setsReplicas({ metadata, spec }: LagScaler): boolean {
  return !spec.dryRun && pauseOf(metadata) !== 'all';
}

/** Replica counts of one target that somebody else had set. */
export interface Overwrites {
  /** As it was read or written last. */
  readonly replicas?: number;
  /** Of a write whose answer was lost: to find it is no surprise. */
  readonly attempted?: number;
  /** When it was found changed, as long as that matters. */
  readonly atMs: readonly number[];
  /** Since that went on and on, and how often it has by now. */
  readonly leftAlone?: { readonly untilMs: number; readonly times: number };
}

/** Flux sets what it has in git every five or ten minutes. */
const windowMs = 1_800_000;
const tolerated = 2;
const firstRestMs = 600_000;
const longestRestMs = 21_600_000;

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
  // What is written was read before: then nothing is attempted any more.
  const seen = read === undefined ? before : seeReplicas(before, read, atMs);
  if (written !== undefined) return { ...seen, replicas: written };
  return attempted === undefined ? seen : { ...seen, attempted };
}

/** @returns what stays of it while another process acts, whose writes are no stranger's */
export function unwatched({ leftAlone }: Overwrites): Overwrites {
  return { atMs: [], ...(leftAlone && { leftAlone }) };
}

function seeReplicas(before: Overwrites, replicas: number, nowMs: number): Overwrites {
  const { replicas: known, attempted, leftAlone } = before;
  const isChanged = known !== undefined && known !== replicas && attempted !== replicas;
  const recent = before.atMs.filter((at) => nowMs - at < windowMs);
  const isOver = leftAlone === undefined || nowMs - leftAlone.untilMs >= longestRestMs;
  const rest = isOver ? {} : { leftAlone };
  // Whoever is left alone may do as they like.
  if (!isChanged || isLeftAlone(before, nowMs)) return { replicas, atMs: recent, ...rest };
  if (recent.length < tolerated) return { replicas, atMs: [...recent, nowMs], ...rest };
  const times = isOver ? 1 : leftAlone.times + 1;
  const restMs = Math.min(longestRestMs, firstRestMs * 2 ** (times - 1));
  return { replicas, atMs: [], leftAlone: { untilMs: nowMs + restMs, times } };
}

function isLeftAlone({ leftAlone }: Overwrites, nowMs: number): boolean {
  return leftAlone !== undefined && nowMs < leftAlone.untilMs;
}

/**
 * A person may set a count now and then; who does so again and again is another controller, and is not fought: not for ten
 * minutes, and twice as long each time that it goes on after, up to six hours; as long without is a new beginning.
 */
export function overwriteConflict(target: TargetRef, overwrites: Overwrites, nowMs: number): string | undefined {
  const { leftAlone } = overwrites;
  if (leftAlone === undefined || !isLeftAlone(overwrites, nowMs)) return undefined;
  return `Somebody else changed the replicas of ${targetName(target)} ${tolerated + 1} times within half an hour: end that, or delete this LagScaler. They are left alone until ${timeOf(leftAlone.untilMs)}, or until this LagScaler is paused and resumed.`;
}
