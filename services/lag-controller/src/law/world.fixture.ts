import type { Decision } from './decision.ts';
import { type History, newHistory } from './history.ts';
import type { Observation, PartitionSample } from './observation.ts';
import { observe } from './observe.ts';
import { type Policy, policyOf } from './policy.ts';
import { decide } from './scaling.ts';

/** A load that stays as it is. */
export interface Steady {
  readonly partitions: number;
  /** Messages per second that each partition gets. */
  readonly arrival: number | readonly number[];
  /** Messages per second finished of each partition. */
  readonly finished: number | readonly number[];
  readonly replicas: number;
  readonly seconds: number;
  /** How often it is looked at; 5 if not given. */
  readonly everySeconds?: number;
  /** Messages per second of one replica, told by busy time; absent: consumers export nothing. */
  readonly capacity?: number;
  readonly change?: (observation: Observation) => Observation;
}

export const policy: Policy = policyOf({ lagSeconds: 30, assignor: 'round-robin', startFrom: 'earliest' });

/** A group that keeps up easily, for seven minutes. */
export const calm: Steady = { partitions: 12, arrival: 10, finished: 10, replicas: 6, seconds: 420, capacity: 50 };

/** What is decided at the end of a calm group's time, or of one that differs from it in this. */
export function decideAfter(steady: Partial<Steady>, using = policy): Decision {
  const { history, nowMs } = live({ ...calm, ...steady }, { using });
  return decide(history, using, nowMs);
}

/** @returns the history after `seconds`, and the time it is then */
export function live(
  { partitions, arrival, finished, replicas, seconds, everySeconds = 5, capacity, change = (one) => one }: Steady,
  { from = newHistory(), using = policy, startMs = 0 }: { from?: History; using?: Policy; startMs?: number } = {},
): { history: History; nowMs: number } {
  let history = from;
  const at = (rate: number | readonly number[], p: number) => (typeof rate === 'number' ? rate : (rate[p] ?? 0));
  for (let second = 0; second <= seconds; second += everySeconds) {
    const samples: PartitionSample[] = Array.from({ length: partitions }, (_, partition) => {
      const high = Math.round(1_000 + at(arrival, partition) * second);
      return {
        partition,
        low: 0,
        high,
        committed: Math.min(high, Math.round(1_000 + at(finished, partition) * second)),
      };
    });
    const handled = samples.reduce((sum, { committed }) => sum + (committed ?? 0), 0);
    history = observe(
      history,
      change({
        atMs: startMs + second * 1_000,
        partitions: samples,
        group: { state: 'Stable', members: replicas },
        target: { desired: replicas, current: replicas, ready: replicas, rollingOut: false },
        ...(capacity !== undefined && {
          work: [{ replica: 'one', handled, busySeconds: handled / capacity, concurrency: 1 }],
        }),
      }),
      using,
    );
  }
  return { history, nowMs: startMs + seconds * 1_000 };
}
