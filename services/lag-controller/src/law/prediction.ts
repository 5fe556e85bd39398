import { ownersOf, sums } from './assignment.ts';
import type { Situation } from './situation.ts';

export interface Prediction {
  readonly replicas: number;
  /** The worst age any message will have had by the horizon, in seconds. */
  readonly worstAgeSeconds: number;
  /** Until what waits is worked off; infinite when it never is. */
  readonly drainSeconds: number;
  /** Busiest consumer's arrivals over its capacity. */
  readonly utilization: number;
}

/** With fewer messages expected during a standstill, nobody waits because of it: at night one may come in an hour. */
const fewest = 0.5;
/** How far the prediction goes. */
const horizonSeconds = 60;

/**
 * How old messages get if `target` replicas are asked for after `delaySeconds`. Each consumer is a queue through which messages
 * flow evenly. It goes on as it is until new replicas are up, stands still for a rebalance, and then goes on with its new
 * partitions. A message waits as long as it takes to work off what is before it; the worst age is reached where two of these
 * phases meet, or at the horizon.
 */
export function predict(s: Situation, target: number, delaySeconds: number): Prediction {
  const isChange = target !== s.replicas;
  const before = isChange ? delaySeconds + (target > s.replicas ? s.startSeconds : 0) : 0;
  const pause = isChange ? s.rebalanceSeconds : 0;
  const { atPause, headAge } = goOn(s, before);
  let worstAgeSeconds = headAge === 0 ? s.ageSeconds : Math.max(s.ageSeconds, headAge + pause);
  let drainSeconds = 0;
  let utilization = 0;
  const members = Math.max(1, target);
  const owners = dealOf(s, members);
  const standing = sums(atPause, owners, members);
  const arriving = sums(s.arrival, owners, members);
  const rates = speeds(s, owners, members);
  for (let member = 0; member < members; member += 1) {
    const [stands, arrives, rate] = [standing[member] as number, arriving[member] as number, rates[member] as number];
    const waiting = stands + arrives * pause;
    const atHorizon = waiting + Math.max(0, arrives - rate) * horizonSeconds;
    if (waiting >= fewest) worstAgeSeconds = Math.max(worstAgeSeconds, pause + stands / rate, atHorizon / rate);
    if (waiting > 0) drainSeconds = Math.max(drainSeconds, before + pause + drain(waiting, rate - arrives));
    utilization = Math.max(utilization, arrives / rate);
  }
  return { replicas: target, worstAgeSeconds, drainSeconds, utilization };
}

/** The `utilization` that `predict` gives for so many replicas, without the rest of it. */
export function utilizationAt(s: Situation, replicas: number): number {
  const members = Math.max(1, replicas);
  const owners = dealOf(s, members);
  const rates = speeds(s, owners, members);
  return Math.max(...sums(s.arrival, owners, members).map((arrives, member) => arrives / (rates[member] as number)));
}

function drain(waiting: number, surplusRate: number): number {
  return surplusRate > 0 ? waiting / surplusRate : Infinity;
}

/** What waits in each partition after `seconds` with the replicas there are, and how old the oldest message is then. */
function goOn(s: Situation, seconds: number): { atPause: number[]; headAge: number } {
  const members = Math.max(1, s.replicas);
  const owners = dealOf(s, members);
  const arriving = sums(s.arrival, owners, members);
  const rates = speeds(s, owners, members);
  let headAge = 0;
  const parts = sums(s.backlog, owners, members).map((stands, member) => {
    const arrives = arriving[member] as number;
    const inflow = stands + arrives * seconds;
    const left = Math.max(0, inflow - (rates[member] as number) * seconds);
    if (left > 0 && arrives > 0) headAge = Math.max(headAge, Math.min(left / arrives, s.ageSeconds + seconds));
    return inflow === 0 ? 0 : left / inflow;
  });
  const atPause = s.backlog.map(
    (stands, p) => (parts[owners[p] as number] as number) * (stands + (s.arrival[p] ?? 0) * seconds),
  );
  return { atPause, headAge };
}

/** By member. A replica that works on `partitionsAtOnce` partitions is at its full speed only when it has that many. */
function speeds(s: Situation, owners: readonly number[], members: number): number[] {
  const lanes = s.partitionsAtOnce ?? 1;
  const owned = lanes === 1 ? undefined : sums(new Array(owners.length).fill(1), owners, members);
  const speed = (partitions: number) => Math.max(1e-9, (s.capacity * Math.min(partitions, lanes)) / lanes);
  return owned ? owned.map(speed) : new Array(members).fill(speed(1));
}

/** Who owns what at `members` replicas; an unknown deal is taken as the worst that is even in number. */
export function dealOf(
  { arrival, backlog, assignor }: Pick<Situation, 'arrival' | 'backlog' | 'assignor'>,
  members: number,
): number[] {
  const weights = assignor === 'unknown' ? arrival.map((rate, p) => rate + (backlog[p] ?? 0) / 60) : arrival;
  return ownersOf(weights, members, assignor);
}
