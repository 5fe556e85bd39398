/** A load, a consumer group and what happens to them. The simulator knows no more than this and a seed. */
export interface Scenario {
  readonly name: string;
  readonly durationSeconds: number;
  readonly partitions: number;
  readonly messagesPerSecondPerReplica: number;
  /** From asking for a replica until it joins the group; each one differs by up to a quarter. */
  readonly startSeconds: number;
  /** The whole group stands still that long whenever its membership changes. */
  readonly rebalanceSeconds: number;
  readonly commitSeconds: number;
  readonly sloSeconds: number;
  /** `[second, messages per second over all partitions]`, in order of time, linear between and level outside them. */
  readonly rate: readonly (readonly [number, number])[];
  /** How the rate is shared out, by partition; 1 where not given. */
  readonly weights?: readonly number[] | undefined;
  readonly events?: readonly ScenarioEvent[] | undefined;
}

interface Span {
  readonly at: number;
  readonly until: number;
}

export type ScenarioEvent =
  /** Every replica works at `factor` times its speed. */
  | (Span & { readonly kind: 'slow'; readonly factor: number })
  /** Kafka is away: nothing is consumed, committed or seen. What arrives is what `rate` says. */
  | (Span & { readonly kind: 'outage' })
  /** These partitions have no leader: their offsets can't be read, and nothing is consumed from them. */
  | (Span & { readonly kind: 'unknown-partitions'; readonly partitions: readonly number[] })
  /** One message of this partition can't be finished, and all behind it wait. */
  | (Span & { readonly kind: 'poison'; readonly partition: number })
  /** All replicas together get no more done than this. */
  | (Span & { readonly kind: 'downstream-cap'; readonly messagesPerSecond: number })
  /** From now on the topic has `count` partitions; the group is rebalanced. */
  | { readonly at: number; readonly kind: 'partitions'; readonly count: number }
  /** A new version of the consumers: each is replaced, a quarter of them at a time. */
  | { readonly at: number; readonly kind: 'rolling-update' }
  /** The youngest replica dies without leaving the group, which misses it only `sessionSeconds` later. */
  | { readonly at: number; readonly kind: 'lost-replica'; readonly sessionSeconds: number }
  /** Whoever scales starts anew: what it had seen is gone, what it had written down is not, as ours does in a LagScaler's status. */
  | { readonly at: number; readonly kind: 'controller-restart' };

/** Messages per second over all partitions at this second. */
export function rateAt({ rate }: Scenario, second: number): number {
  let [beforeAt, before] = rate[0] ?? [0, 0];
  for (const [at, messagesPerSecond] of rate) {
    if (at > second) {
      const part = at > beforeAt ? Math.max(0, second - beforeAt) / (at - beforeAt) : 0;
      return before + (messagesPerSecond - before) * part;
    }
    beforeAt = at;
    before = messagesPerSecond;
  }
  return before;
}

/** The topic's partition count at this second. */
export function partitionsAt({ partitions, events = [] }: Scenario, second: number): number {
  let count = partitions;
  for (const event of events)
    if (event.kind === 'partitions' && event.at <= second) count = Math.max(count, event.count);
  return count;
}

/** Each partition's part of the rate, for the first `count` partitions; the parts sum to 1. */
export function partsOf({ weights = [] }: Scenario, count: number): number[] {
  const chosen = Array.from({ length: count }, (_, partition) => weights[partition] ?? 1);
  const total = chosen.reduce((sum, weight) => sum + weight, 0);
  return chosen.map((weight) => (total > 0 ? weight / total : 0));
}
