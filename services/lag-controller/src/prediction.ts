import { type Assignor, shares } from './assignment.ts';

export interface Situation {
  /** By partition: messages waiting, and messages per second expected. */
  readonly backlog: readonly number[];
  readonly arrival: readonly number[];
  /** Age of the oldest message now, in seconds. */
  readonly ageSeconds: number;
  /** Messages per second of one replica. */
  readonly capacity: number;
  readonly partitionsAtOnce?: number | undefined;
  readonly replicas: number;
  readonly assignor: Assignor;
  readonly startSeconds: number;
  readonly rebalanceSeconds: number;
}

export interface Prediction {
  readonly replicas: number;
  /** The worst age any message will have had by the horizon, in seconds. */
  readonly worstAgeSeconds: number;
  /** Until what waits is worked off; infinite when it never is. */
  readonly drainSeconds: number;
  /** Busiest consumer's arrivals over its capacity. */
  readonly utilization: number;
}

/** Expected messages below which a standstill makes nobody wait, as where the night brings one an hour. */
const fewest = 0.5;

/**
 * What becomes of the oldest message if `target` replicas are asked for after `delaySeconds`: a fluid queue per consumer, that
 * goes on as it is until new replicas are up, stands still for a rebalance, and is then worked on under the new deal.
 * A message waits as long as it takes to work off what is before it; extremes are where the phases meet, or at the horizon.
 */
export function predict(s: Situation, target: number, delaySeconds: number, horizonSeconds: number): Prediction {
  const isChange = target !== s.replicas;
  const before = isChange ? delaySeconds + (target > s.replicas ? s.startSeconds : 0) : 0;
  const pause = isChange ? s.rebalanceSeconds : 0;
  const { atPause, headAge } = goOn(s, before);
  let worstAgeSeconds = headAge === 0 ? s.ageSeconds : Math.max(s.ageSeconds, headAge + pause);
  let drainSeconds = 0;
  let utilization = 0;
  for (const share of dealOf(s, target)) {
    const rate = speed(s, share.length);
    const arrivals = total(s.arrival, share);
    const standing = total(atPause, share);
    const waiting = standing + arrivals * pause;
    const atHorizon = waiting + Math.max(0, arrivals - rate) * horizonSeconds;
    if (waiting >= fewest) worstAgeSeconds = Math.max(worstAgeSeconds, pause + standing / rate, atHorizon / rate);
    if (waiting > 0) drainSeconds = Math.max(drainSeconds, before + pause + drain(waiting, rate - arrivals));
    utilization = Math.max(utilization, arrivals / rate);
  }
  return { replicas: target, worstAgeSeconds, drainSeconds, utilization };
}

function drain(waiting: number, surplusRate: number): number {
  return surplusRate > 0 ? waiting / surplusRate : Infinity;
}

/** What waits in each partition after `seconds` with the replicas there are, and how old the oldest message is then. */
function goOn(s: Situation, seconds: number): { atPause: number[]; headAge: number } {
  const atPause = [...s.backlog];
  let headAge = 0;
  for (const share of dealOf(s, s.replicas)) {
    const arrivals = total(s.arrival, share);
    const inflow = total(s.backlog, share) + arrivals * seconds;
    const left = Math.max(0, inflow - speed(s, share.length) * seconds);
    const part = inflow === 0 ? 0 : left / inflow;
    for (const p of share) atPause[p] = part * (total(s.backlog, [p]) + total(s.arrival, [p]) * seconds);
    if (left > 0 && arrivals > 0) headAge = Math.max(headAge, Math.min(left / arrivals, s.ageSeconds + seconds));
  }
  return { atPause, headAge };
}

/** A replica that works on `partitionsAtOnce` partitions is at its full speed only when it has that many. */
function speed(s: Situation, partitions: number): number {
  const lanes = s.partitionsAtOnce ?? 1;
  return Math.max(1e-9, (s.capacity * Math.min(partitions, lanes)) / lanes);
}

/** The deal at `members` replicas; an unknown one is taken as the worst that is even in number. */
export function dealOf(
  { arrival, backlog, assignor }: Pick<Situation, 'arrival' | 'backlog' | 'assignor'>,
  members: number,
): number[][] {
  const count = arrival.length;
  if (assignor !== 'unknown') return shares(count, Math.max(1, members), assignor).filter((share) => share.length > 0);
  const order = arrival.map((_, p) => p).sort((a, b) => weight(b) - weight(a));
  const perMember = Math.ceil(count / Math.max(1, members));
  return Array.from({ length: Math.ceil(count / perMember) }, (_, i) =>
    order.slice(i * perMember, (i + 1) * perMember),
  );

  function weight(p: number): number {
    return (arrival[p] ?? 0) + (backlog[p] ?? 0) / 60;
  }
}

function total(values: readonly number[], share: readonly number[]): number {
  let sum = 0;
  for (const p of share) sum += values[p] ?? 0;
  return sum;
}
