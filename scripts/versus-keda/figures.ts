/** What a side did, out of what was seen of it from outside. Pure. */
import { percentile } from '../measuring/percentile.ts';

export interface Sample {
  /** Seconds since the load began. */
  readonly at: number;
  /** What the scale subresource asks for, and how many pods are ready. */
  readonly desired: number;
  readonly ready: number;
  readonly lag: number;
  /** Of the oldest message that is not committed. */
  readonly ageSeconds: number;
  /** Of the consumer group, as Kafka names it. */
  readonly state: string;
  readonly members: number;
}

export interface Figures {
  /** The longest stretch in which the oldest message was older than a third of the objective, as in the simulator. */
  readonly drainSeconds: number;
  readonly secondsOver: number;
  readonly p99AgeSeconds: number;
  readonly replicaSeconds: number;
  /** Of the count that is asked for. */
  readonly changes: number;
  /** Of the group, as far as somebody sees them who looks twice a second. */
  readonly rebalances: number;
  /** From the backlog until all replicas that there may be were asked for, and in how many steps; absent where there was no backlog. */
  readonly full?: { readonly seconds: number; readonly steps: number } | 'never';
}

interface Course {
  readonly samples: readonly Sample[];
  /** Of all messages, when they were finished. */
  readonly ages: readonly number[];
  readonly lagSeconds: number;
  readonly partitions: number;
  readonly backlogSecond?: number | undefined;
}

export function figuresOf({ samples, ages, lagSeconds, partitions, backlogSecond }: Course): Figures {
  const full = backlogSecond === undefined ? undefined : fullCount(samples, backlogSecond, partitions);
  return {
    drainSeconds: longest(samples, ({ ageSeconds }) => ageSeconds > lagSeconds / 3),
    secondsOver: total(samples, ({ ageSeconds }) => (ageSeconds > lagSeconds ? 1 : 0)),
    p99AgeSeconds: percentile(ages, 99) ?? 0,
    replicaSeconds: total(samples, ({ desired }) => desired),
    changes: changesOf(samples.map(({ desired }) => desired)),
    rebalances: rebalancesOf(samples),
    ...(full && { full }),
  };
}

/** Each sample holds until the next one. */
function total(samples: readonly Sample[], value: (sample: Sample) => number): number {
  return samples.reduce(
    (sum, sample, index) => sum + value(sample) * ((samples[index + 1] ?? sample).at - sample.at),
    0,
  );
}

function longest(samples: readonly Sample[], holds: (sample: Sample) => boolean): number {
  let since: number | undefined;
  let found = 0;
  for (const sample of samples) {
    if (since !== undefined) found = Math.max(found, sample.at - since);
    since = holds(sample) ? (since ?? sample.at) : undefined;
  }
  return found;
}

function changesOf(counts: readonly number[]): number {
  return counts.filter((count, index) => index > 0 && count !== counts[index - 1]).length;
}

/** A group that was not stable, or has other members than before, was rebalanced; two in a row count as one. */
function rebalancesOf(samples: readonly Sample[]): number {
  let count = 0;
  let [isMoving, members] = [false, samples[0]?.members];
  for (const sample of samples) {
    const isStable = sample.state === 'Stable';
    if ((!isStable && !isMoving) || (isStable && !isMoving && sample.members !== members)) count += 1;
    isMoving = !isStable;
    if (isStable) members = sample.members;
  }
  return count;
}

function fullCount(samples: readonly Sample[], second: number, partitions: number): NonNullable<Figures['full']> {
  const since = samples.filter(({ at }) => at >= second);
  const index = since.findIndex(({ desired }) => desired >= partitions);
  const found = since[index];
  if (!found) return 'never';
  return {
    seconds: found.at - second,
    steps: changesOf(since.slice(0, index + 1).map(({ desired }) => desired)),
  };
}
