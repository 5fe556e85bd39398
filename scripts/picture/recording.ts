/** A burst as it was recorded: what the lag controller saw and did, and when each order was placed and decided. */
import { percentile } from '../measuring/percentile.ts';

export interface Burst {
  readonly orders: number;
  /** Per second. */
  readonly rate: number;
  /** The objective: how old a message may get. */
  readonly lagSeconds: number;
  readonly partitions: number;
}

/** What was not known is absent. All times are in seconds since the burst began. */
export interface RoundSeen {
  readonly at: number;
  readonly backlog?: number;
  readonly ageSeconds?: number;
  readonly arrivalRate?: number;
  readonly consumptionRate?: number;
  readonly desired?: number;
  readonly current?: number;
}

export interface OrderSeen {
  readonly placed: number;
  readonly decided: number;
}

export interface Recording {
  readonly burst: Burst;
  readonly rounds: readonly RoundSeen[];
  readonly orders: readonly OrderSeen[];
}

/** A line of JSON for the burst, for each round and for each order. */
export function formatRecording({ burst, rounds, orders }: Recording): string {
  return [burst, ...rounds, ...orders].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** @throws Error for a text that is no recording */
export function parseRecording(text: string): Recording {
  const [burst, ...lines] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  if (typeof burst?.lagSeconds !== 'number') throw new Error('the first line does not tell what burst this is');
  return {
    burst,
    rounds: lines.filter((line) => 'at' in line),
    orders: lines.filter((line) => 'placed' in line),
  };
}

export interface Delays {
  /** The middle of the window. */
  readonly at: number;
  readonly p50: number | undefined;
  readonly p95: number | undefined;
}

/** From the placing of an order to its decision, over windows of `windowSeconds` by the time of the decision. */
export function delaysOf(orders: readonly OrderSeen[], windowSeconds: number): Delays[] {
  const windows = Map.groupBy(orders, ({ decided }) => Math.floor(decided / windowSeconds));
  return [...windows]
    .sort(([left], [right]) => left - right)
    .map(([index, those]) => {
      const delays = those.map(({ placed, decided }) => decided - placed);
      return { at: (index + 0.5) * windowSeconds, p50: percentile(delays, 50), p95: percentile(delays, 95) };
    });
}
