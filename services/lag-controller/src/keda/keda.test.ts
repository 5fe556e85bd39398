import { describe, expect, it } from '@jest/globals';
import type { PartitionSample } from '../law/observation.ts';
import { type KedaSettings, kedaDefaults, kedaLag, kedaPoll, kedaSync, newKedaState } from './keda.ts';

const settings = (chosen: Partial<KedaSettings> = {}): KedaSettings => ({ ...kedaDefaults, ...chosen });

/** Partitions that are that far behind, each having committed 1,000 messages. */
function behind(...lags: number[]): PartitionSample[] {
  return lags.map((lag, partition) => ({ partition, low: 0, high: 1_000 + lag, committed: 1_000 }));
}

function spread(total: number, partitions: number): PartitionSample[] {
  const each = Math.floor(total / partitions);
  return behind(...Array.from({ length: partitions }, (_, p) => (p === 0 ? total - each * (partitions - 1) : each)));
}

function replicasFor(partitions: PartitionSample[], current: number, chosen: Partial<KedaSettings> = {}) {
  return kedaSync(newKedaState, { atMs: 0, partitions }, current, settings(chosen)).replicas;
}

/** Syncs every 15 s, each with what the one before asked for. */
function syncs(looks: PartitionSample[][], from: number, chosen: Partial<KedaSettings> = {}): number[] {
  let state = newKedaState;
  let current = from;
  return looks.map((partitions, index) => {
    const synced = kedaSync(state, { atMs: index * 15_000, partitions }, current, settings(chosen));
    state = synced.state;
    current = synced.replicas ?? current;
    return current;
  });
}

describe('KEDA with its HPA', () => {
  it('stays one short of the partitions, however great the lag: 63 of 64, 22 of 24, 11 of 12', () => {
    expect(replicasFor(spread(1e6, 64), 63)).toBe(63);
    expect(replicasFor(spread(1e6, 24), 22)).toBe(22);
    expect(replicasFor(spread(1e6, 12), 11)).toBe(11);
    expect(replicasFor(spread(1e6, 12), 10)).toBe(12);
  });

  it('asks for 6 replicas for 5 partitions, when the lag is just above the cap', () => {
    expect(replicasFor(spread(29, 5), 4, { lagThreshold: 5 })).toBe(6);
    expect(replicasFor(spread(30, 5), 4, { lagThreshold: 5 })).toBe(5);
    expect(replicasFor(spread(29, 5), 4, { lagThreshold: 5, maxReplicas: 5 })).toBe(5);
  });

  it('goes 1, 4, 8, 12 without a behavior, and 1, 5, 10, 12 with one', () => {
    const looks = Array.from({ length: 4 }, () => spread(1e6, 12));
    expect(syncs(looks, 1)).toEqual([4, 8, 12, 12]);
    expect(syncs(looks, 1, { behavior: 'defaulted' })).toEqual([5, 10, 12, 12]);
  });

  it('is pinned at the maximum by its default threshold, by what is merely not committed yet', () => {
    // 60 messages/s that are consumed at once and committed every 5 s: 150 are seen as lag on average.
    expect(replicasFor(spread(150, 12), 12)).toBe(12);
    expect(replicasFor(spread(150, 12), 12, { lagThreshold: 100 })).toBe(2);
  });

  it('comes down only to the most that it wanted in 300 s', () => {
    const looks = Array.from({ length: 22 }, (_, index) => spread(index === 0 ? 60 : 0, 12));
    const replicas = syncs(looks, 6);
    expect(replicas.slice(0, 20)).toEqual(new Array(20).fill(6));
    expect(replicas.slice(20)).toEqual([1, 1]);
  });

  it('goes back up to an earlier wish only without a behavior', () => {
    const state = { ...newKedaState, recommendations: [{ atMs: 0, replicas: 8 }] };
    const observation = { atMs: 60_000, partitions: spread(50, 12) };
    expect(kedaSync(state, observation, 5, settings()).replicas).toBe(8);
    expect(kedaSync(state, observation, 5, settings({ behavior: 'defaulted' })).replicas).toBe(5);
  });

  it('does not act when the trigger fails', () => {
    const unreadable: PartitionSample[] = [{ partition: 0, high: 5_000, low: 0 }];
    expect(kedaSync(newKedaState, { atMs: 0, partitions: unreadable }, 3, settings()).replicas).toBeUndefined();
    expect(kedaSync(newKedaState, { atMs: 0 }, 3, settings()).replicas).toBeUndefined();
  });

  it('takes the greater of two triggers', () => {
    const at = (second: number, high: number) => ({
      atMs: second * 1_000,
      partitions: [0, 1, 2, 3].map((partition) => ({ partition, low: 0, high, committed: high })),
    });
    const chosen = settings({ lagThreshold: 100, messagesPerSecondPerReplica: 50 });
    const { state } = kedaSync(newKedaState, at(0, 1_000), 2, chosen);
    expect(kedaSync(state, at(15, 1_600), 2, chosen).replicas).toBe(4);
  });
});

describe('the lag that KEDA sees', () => {
  it('takes a partition without a log end for one without lag', () => {
    expect(kedaLag([{ partition: 0, committed: 3 }, ...behind(0, 7).slice(1)], settings(), {})).toBe(7);
  });

  it('takes a partition that was never committed for one message, or for the whole log, deleted messages included', () => {
    const never: PartitionSample[] = [{ partition: 0, low: 900, high: 1_000, committed: null }];
    expect(kedaLag(never, settings({ lagThreshold: 5_000 }), {})).toBe(1);
    expect(kedaLag(never, settings({ lagThreshold: 5_000, scaleToZeroOnInvalidOffset: true }), {})).toBe(0);
    expect(kedaLag(never, settings({ lagThreshold: 5_000, offsetResetPolicy: 'earliest' }), {})).toBe(1_000);
  });

  it('calls a lag persistent when the look before, whoever looked, found the same offset', () => {
    const chosen = settings({ excludePersistentLag: true, lagThreshold: 1_000 });
    const looked = kedaPoll(newKedaState, { atMs: 0, partitions: behind(300) });
    expect(kedaLag(behind(300), chosen, newKedaState.committed)).toBe(300);
    expect(kedaLag(behind(300), chosen, looked.committed)).toBe(0);
  });

  it('is rounded up to a divisor of the partitions where an even distribution is asked for', () => {
    const even = settings({ ensureEvenDistributionOfPartitions: true, lagThreshold: 100 });
    expect([90, 250, 450, 900].map((lag) => kedaLag(spread(lag, 12), even, {}))).toEqual([100, 300, 600, 1_200]);
    expect(kedaLag(spread(101, 7), even, {})).toBe(700);
  });

  it('is capped at the partitions that lag where that is asked for, and not at all with idle consumers', () => {
    const lags = behind(5_000, 5_000, 0, 0, 0, 0);
    expect(kedaLag(lags, settings(), {})).toBe(60);
    expect(kedaLag(lags, settings({ limitToPartitionsWithLag: true }), {})).toBe(20);
    expect(kedaLag(lags, settings({ allowIdleConsumers: true }), {})).toBe(10_000);
  });
});
