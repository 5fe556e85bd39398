import type { PartitionTerms, Terms } from './decision.ts';
import type { History } from './history.ts';
import { ageSecondsOf, backlogOf, lastKnown, type Markers, markersOf, type Past } from './lag.ts';
import { isBlind, type Look, waitingIn } from './look.ts';
import type { Policy } from './policy.ts';
import { arrivalOf, firstSince, isArrivalKnown, levelMs, sharesOf, total, totalRate } from './rates.ts';
import { stalledMs, standingStill } from './stalled.ts';

const staleMs = 30_000;
const longestCommitSeconds = 5;

/** What is known of the load at one moment. Arrays are by partition number. */
export interface Load {
  readonly partitions: readonly PartitionTerms[];
  /** 0 where replicas cannot help (hot or standing still), and without what may merely lie between two commits. */
  readonly backlog: readonly number[];
  readonly arrival: readonly number[];
  readonly arrivalAhead: readonly number[];
  readonly arrivalRate: number;
  /** False while part of what arrived may have been missed: then no replicas are taken away. */
  readonly isArrivalKnown: boolean;
  readonly consumptionRate: number;
  readonly ageSeconds: number | undefined;
  readonly totalBacklog: number;
  readonly stalled: Terms['stalled'];
  readonly unknown: readonly number[];
  readonly stale: readonly number[];
  /** Partitions that get more than a whole replica can do. */
  readonly hot: readonly number[];
  /** How far behind a consumer may look only because it commits now and then. */
  readonly commitSeconds: number;
}

/** @param capacity messages per second of one replica, where it is known */
export function assess(history: History, policy: Policy, nowMs: number, capacity: number | undefined): Load {
  const { looks } = history;
  const last = looks.at(-1);
  const count = last?.high.length ?? 0;
  const positions = Array.from({ length: count }, (_, partition) => lastKnown(looks, partition));
  const markers = markersOf(history.learned);
  const suspects = standingStill(looks, positions, markers);
  const stalled = suspects.filter(({ forSeconds }) => forSeconds * 1_000 >= stalledMs);
  const { startSeconds, rebalanceSeconds } = { ...policy, ...history.learned };
  const { rate, ahead } = arrivalOf(looks, startSeconds + rebalanceSeconds);
  const shares = sharesOf(looks);
  const commitSeconds = commitSecondsOf(looks, rate);
  const hot = hotOf(
    shares.map((share) => share * rate),
    capacity,
  );
  const partitions = positions.map((position, partition) =>
    partitionTermsOf({
      looks,
      position,
      partition,
      stalled,
      markers,
      nowMs,
      arrivalRate: (shares[partition] ?? 0) * rate,
    }),
  );
  const level = (of: number) =>
    shares.map((share, partition) => {
      if (suspects.some((one) => one.partition === partition)) return 0;
      return hot.includes(partition) && capacity !== undefined ? 0.5 * capacity : share * of;
    });
  const arrival = level(rate);
  const isHelpable = (partition: number) =>
    !hot.includes(partition) && !suspects.some((one) => one.partition === partition);
  const helpable = partitions.filter(({ partition }) => isHelpable(partition));
  const ages = helpable.map(({ ageSeconds }) => ageSeconds).filter((age) => age !== undefined);
  return {
    partitions,
    backlog: partitions.map(({ backlog = 0, partition }) =>
      isHelpable(partition) ? Math.max(0, backlog - commitSeconds * (arrival[partition] ?? 0)) : 0,
    ),
    arrival,
    arrivalAhead: level(ahead),
    arrivalRate: rate,
    isArrivalKnown: isArrivalKnown(looks),
    consumptionRate: totalRate(looks, 'done', levelMs),
    ageSeconds: ages.length === 0 ? undefined : Math.max(...ages),
    totalBacklog: total(partitions.map(({ backlog = 0 }) => backlog)),
    stalled,
    unknown: numbers(partitions, 'unknown'),
    stale: numbers(partitions, 'stale'),
    hot,
    commitSeconds,
  };
}

interface Seen {
  readonly looks: readonly Look[];
  readonly partition: number;
  /** Where it was when it could last be read. */
  readonly position: Past | undefined;
  readonly stalled: Terms['stalled'];
  readonly arrivalRate: number;
  readonly markers: Markers;
  readonly nowMs: number;
}

function partitionTermsOf({ looks, position, partition, stalled, markers, nowMs, arrivalRate }: Seen): PartitionTerms {
  if (position === undefined || nowMs - position.atMs > staleMs) return { partition, state: 'unknown' };
  const fresh = nowMs - position.atMs < 2_000 ? 'known' : 'stale';
  const state = stalled.some((one) => one.partition === partition) ? 'stalled' : fresh;
  const backlog = backlogOf(position, looks, partition, { nowMs, markers });
  const ageSeconds = backlog === 0 ? 0 : ageSecondsOf(position, looks, partition, nowMs);
  return { partition, state, backlog, ageSeconds, arrivalRate };
}

/**
 * Seconds by which a consumer that keeps up may look behind, since it commits only now and then: twice the least backlog of
 * the last minute, in seconds of arrivals; five at most, so that a standing backlog is not taken for it.
 */
function commitSecondsOf(looks: readonly Look[], rate: number): number {
  const last = looks.at(-1);
  if (last === undefined || rate === 0) return 0;
  let least = Number.POSITIVE_INFINITY;
  for (let index = firstSince(looks, last.atMs - 60_000); index < looks.length; index += 1) {
    const look = looks[index] as Look;
    if (!isBlind(look)) least = Math.min(least, waitingIn(look));
  }
  return Math.min(longestCommitSeconds, (2 * least) / rate);
}

/** Partitions that get more than one replica can do and more than twice the median: in a general overload none is special. */
function hotOf(rates: readonly number[], capacity: number | undefined): number[] {
  if (capacity === undefined || !rates.some((rate) => rate > capacity)) return [];
  const median = [...rates].sort((left, right) => left - right)[Math.floor(rates.length / 2)] ?? 0;
  return rates.flatMap((rate, partition) => (rate > capacity && rate > 2 * median ? [partition] : []));
}

function numbers(partitions: readonly PartitionTerms[], state: PartitionTerms['state']): number[] {
  return partitions.filter((one) => one.state === state).map(({ partition }) => partition);
}
