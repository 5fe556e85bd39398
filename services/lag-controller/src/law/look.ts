import type { GroupSample, Observation, TargetSample, WorkSample } from './observation.ts';
import type { Policy } from './policy.ts';
import { positionOf } from './position.ts';

/** One observation, in the form the law works with. */
export interface Look {
  readonly atMs: number;
  /** By partition number; `null` where it could not be read (JSON has no `undefined`). */
  readonly high: readonly (number | null)[];
  readonly done: readonly (number | null)[];
  /** Partitions that are empty, or where the group has nothing to do yet: that it is at their end proves nothing. */
  readonly atEndAnyway?: readonly number[];
  /** The group has committed on no partition. */
  readonly hasNoCommits?: true;
  readonly group?: GroupSample;
  readonly target?: TargetSample;
  readonly work?: readonly WorkSample[];
}

/**
 * @param earlier looks, for the partitions that nobody has written to
 * @returns the observation with its partitions in order, each at the index of its number
 */
export function lookOf(observation: Observation, policy: Policy, earlier: readonly Look[]): Look {
  const { atMs, partitions = [], group, target, work } = observation;
  const count = partitions.reduce((most, { partition }) => Math.max(most, partition + 1), 0);
  const high: (number | null)[] = Array(count).fill(null);
  const done: (number | null)[] = Array(count).fill(null);
  const unvisited = policy.startFrom === 'latest' ? unvisitedIn(observation, earlier) : [];
  for (const sample of partitions) {
    const { partition } = sample;
    high[partition] = sample.high ?? null;
    done[partition] =
      (unvisited.includes(partition) ? sample.high : positionOf(sample, policy.startFrom)?.done) ?? null;
  }
  const emptied = partitions.flatMap((one) => (one.high !== undefined && one.high === one.low ? [one.partition] : []));
  const atEndAnyway = [...emptied, ...unvisited];
  return {
    atMs,
    high,
    done,
    ...(atEndAnyway.length > 0 && { atEndAnyway }),
    ...(partitions.length > 0 && partitions.every(({ committed }) => committed === null) && { hasNoCommits: true }),
    ...(group && { group }),
    ...(target && { target }),
    ...(work && { work }),
  };
}

const unwrittenMs = 60_000;

/**
 * Partitions without a commit that nobody has written to for a minute. With most client libraries a group that begins at the end
 * commits nothing before the first message; commits in other partitions show that it runs.
 */
function unvisitedIn({ atMs, partitions = [] }: Observation, looks: readonly Look[]): number[] {
  if (!partitions.some(({ committed }) => typeof committed === 'number')) return [];
  return partitions.flatMap(({ partition, high, committed }) => {
    if (committed !== null) return [];
    const ends = looks.filter((look) => typeof look.high[partition] === 'number');
    const isUnwritten = ends.every((look) => look.high[partition] === high);
    return isUnwritten && (ends[0]?.atMs ?? atMs) <= atMs - unwrittenMs ? [partition] : [];
  });
}

/** Too little is known to decide by: more than a fifth of the partitions is unknown, or there are none. */
export function isTooLittle(unknown: number, count: number): boolean {
  return count === 0 || unknown > 0.2 * count;
}

export function isBlind({ high, done }: Look): boolean {
  const unread = high.filter((end, partition) => end === null || (done[partition] ?? null) === null).length;
  return isTooLittle(unread, high.length);
}

/** The group is being rebalanced. */
export function isMoving(look: Look | undefined): boolean {
  return /Rebalance$/.test(look?.group?.state ?? '');
}

/** Messages that wait, over the partitions that could be read. */
export function waitingIn({ high, done }: Look): number {
  let waiting = 0;
  for (let partition = 0; partition < high.length; partition += 1) {
    const end = high[partition] ?? null;
    if (end !== null) waiting += end - (done[partition] ?? end);
  }
  return waiting;
}

const standstillMs = 160_000;

/**
 * Nothing has changed for minutes. Pods that find no room or never get ready then count as settled, or they would keep too many
 * replicas from being taken away.
 */
export function standsStill(looks: readonly Look[]): boolean {
  const last = looks.at(-1);
  const since = looks.findLastIndex(({ atMs }) => atMs <= (last?.atMs ?? 0) - standstillMs);
  if (since < 0 || !last?.target) return false;
  if (last.target.rollingOut || isMoving(last)) return false;
  // Looks that could not read the target or the group show no change.
  const targets = looks.slice(since).flatMap(({ target }) => target ?? []);
  const groups = looks.slice(since).flatMap(({ group }) => group ?? []);
  const targetOf = ({ desired, current, ready, rollingOut }: TargetSample) =>
    [desired, current, ready, rollingOut].join();
  const groupOf = ({ state, members }: GroupSample) => [state, members].join();
  return new Set(targets.map(targetOf)).size === 1 && new Set(groups.map(groupOf)).size <= 1;
}

/**
 * Nobody starts, stops or joins. A group whose members cannot be seen is judged by the target alone.
 *
 * @param membersEach members of the group in each replica: a ready one may not have joined with all of them yet
 */
export function isSettled({ group, target }: Look, membersEach = 1): boolean {
  if (target === undefined || target.rollingOut) return false;
  if (target.ready !== target.desired || target.current !== target.desired) return false;
  if (!hasMembersSeen(group)) return true;
  return group.state === 'Stable' && group.members >= target.ready * membersEach;
}

/** The classic API shows a group of KIP-848 as `Dead`, whatever members it has. */
export function hasMembersSeen(group: GroupSample | undefined): group is GroupSample {
  return group !== undefined && group.state !== 'Dead' && group.state !== 'Unknown';
}

/**
 * Members of the group in each replica, one per thread for example. The least seen of late, since a replica that stops is a
 * member for longer than it is ready; `undefined` where no stable group was seen.
 */
export function membersEachOf(looks: readonly Look[]): number | undefined {
  const found = looks.flatMap(({ group, target }) => {
    if (group?.state !== 'Stable' || !target || target.ready === 0 || target.ready !== target.desired) return [];
    return Math.floor(group.members / target.ready) || [];
  });
  return found.length > 0 ? Math.min(...found) : undefined;
}

/** All replicas that are asked for are ready. */
export function isReady(look: Look | undefined): boolean {
  return look?.target !== undefined && look.target.ready >= look.target.desired;
}

/** Between two looks at a stable group it was rebalanced, so quickly that neither saw it. */
export function hasOtherMembers(before: Look | undefined, look: Look): boolean {
  return (
    before?.group?.state === 'Stable' && look.group?.state === 'Stable' && before.group.members !== look.group.members
  );
}
