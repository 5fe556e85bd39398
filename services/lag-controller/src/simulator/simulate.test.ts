import { describe, expect, it } from '@jest/globals';
import { ConsumerGroup } from './consumer-group.ts';
import { fixed, lagController } from './controllers.ts';
import type { Scenario } from './scenario.ts';
import { builtInScenarios } from './scenarios.ts';
import { observationOf } from './seen.ts';
import { run, warmReplicas } from './simulate.ts';
import { worldOf } from './world.ts';

const calm: Scenario = {
  name: 'calm',
  durationSeconds: 600,
  partitions: 6,
  messagesPerSecondPerReplica: 50,
  startSeconds: 10,
  rebalanceSeconds: 5,
  commitSeconds: 5,
  sloSeconds: 30,
  rate: [[0, 120]],
};

const twelve = builtInScenarios(4);

function only(name: string): Scenario {
  const found = twelve.find((scenario) => scenario.name === name);
  if (!found) throw new Error(name);
  return found;
}

describe('a simulated consumer group', () => {
  it.each(twelve.map((scenario) => [scenario.name, scenario] as const))('loses nothing in %s', (_, scenario) => {
    const world = worldOf(scenario, 4);
    const group = new ConsumerGroup(world, 3);
    for (let second = 0; second < world.seconds; second += 1) {
      if (second % 200 === 0) group.members.scale(1 + ((second / 200) % 7), second);
      group.step(second);
    }
    const handled = group.queues.reduce((sum, queue) => sum + queue.consumed, 0);
    const left = group.queues.reduce((sum, queue) => sum + queue.waitingAt(world.seconds), 0);
    const arrived = world.arrived.reduce((sum, curve) => sum + (curve[world.seconds] ?? 0), 0);
    expect(handled + left).toBeCloseTo(arrived, 3);
  });

  it('does the same with the same seed, and something else with another', () => {
    const once = (seed: number) => {
      const world = worldOf(calm, seed);
      return run(world, lagController('x', { work: true }).forRun(world));
    };
    expect(once(1)).toEqual(once(1));
    expect(worldOf(calm, 1).arrived[0]?.at(-1)).not.toBe(worldOf(calm, 2).arrived[0]?.at(-1));
  });

  it.each([
    'step',
    'ramp',
    'spike',
    'diurnal',
    'noisy',
    'skew',
    'hot',
    'slow',
    'poison',
    'outage',
    'partial-outage',
    'rolling-update',
    'controller-restart',
  ])('has no violation in %s with a replica for each partition', (name) => {
    const world = worldOf(only(name), 4);
    expect(run(world, fixed(12).forRun(world)).violationSeconds).toBe(0);
  });

  it('does not excuse a downstream that is too slow', () => {
    const world = worldOf(only('downstream'), 4);
    expect(run(world, fixed(12).forRun(world)).violationSeconds).toBeGreaterThan(600);
  });

  it('stands still for as long as members come and go, and counts that as one rebalance', () => {
    const group = new ConsumerGroup(worldOf(calm, 1), 4);
    for (let second = 0; second < 100; second += 1) group.step(second);
    const before = group.queues.map(({ consumed }) => consumed);
    group.members.scale(3, 100);
    group.step(100);
    group.step(101);
    group.members.scale(2, 102);
    for (let second = 102; second < 107; second += 1) group.step(second);
    expect(group.queues.map(({ consumed }) => consumed)).toEqual(before);
    group.step(107);
    expect(group.queues.map(({ consumed }) => consumed)).not.toEqual(before);
    expect(group.members.rebalances).toBe(1);
  });

  it('shows committed offsets only, and nothing of Kafka while that is away', () => {
    const world = worldOf({ ...calm, commitSeconds: 50, events: [{ kind: 'outage', at: 80, until: 90 }] }, 1);
    const group = new ConsumerGroup(world, 6);
    for (let second = 0; second < 85; second += 1) group.step(second);
    expect(observationOf(world, group, 85)).toEqual({
      atMs: 85_000,
      target: { desired: 6, current: 6, ready: 6, rollingOut: false },
    });
    const seen = observationOf(world, group, 79).partitions?.map(({ committed }) => committed ?? 0) ?? [];
    seen.forEach((committed, partition) => {
      expect(committed).toBeLessThan(group.queues[partition]?.consumed ?? 0);
    });
  });

  it('cannot tell the log end of a partition without a leader', () => {
    const world = worldOf({ ...calm, events: [{ kind: 'unknown-partitions', at: 10, until: 20, partitions: [2] }] }, 1);
    const group = new ConsumerGroup(world, 3);
    for (let second = 0; second < 12; second += 1) group.step(second);
    expect(observationOf(world, group, 12).partitions?.map(({ high }) => high !== undefined)).toEqual([
      true,
      true,
      false,
      true,
      true,
      true,
    ]);
  });

  it('is slowed down by a rebalance as long as it lasts: ages are exact', () => {
    const steady: Scenario = { ...calm, partitions: 1, rate: [[0, 40]], messagesPerSecondPerReplica: 1_000 };
    const group = new ConsumerGroup(worldOf(steady, 1), 1);
    for (let second = 0; second < 50; second += 1) group.step(second);
    group.members.rebalance(50);
    for (let second = 50; second < 54; second += 1) group.step(second);
    expect(54 - (group.queues[0]?.oldestArrival(54) ?? 0)).toBeCloseTo(4, 6);
  });

  it('measures the rate of a replica by its busy time, a slow one included', () => {
    const world = worldOf({ ...calm, events: [{ kind: 'slow', at: 0, until: 600, factor: 0.5 }] }, 1);
    const group = new ConsumerGroup(world, 6);
    for (let second = 0; second < 300; second += 1) group.step(second);
    const work = observationOf(world, group, 300).work?.[0];
    expect((work?.handled ?? 0) / (work?.busySeconds ?? 1)).toBeCloseTo(25, 0);
  });

  it('does no more than its replicas can, and no more than the downstream takes', () => {
    const flooded: Scenario = { ...calm, rate: [[0, 1_000]] };
    const done = (scenario: Scenario) => {
      const group = new ConsumerGroup(worldOf(scenario, 1), 4);
      for (let second = 0; second < 100; second += 1) group.step(second);
      return group.queues.reduce((sum, { consumed }) => sum + consumed, 0);
    };
    expect(done(flooded)).toBeCloseTo(4 * 50 * 100, 3);
    const events = [{ kind: 'downstream-cap', at: 0, until: 600, messagesPerSecond: 120 } as const];
    expect(done({ ...flooded, events })).toBeCloseTo(120 * 100, 3);
  });

  it('leaves the partitions of a replica that died alone until it is missed, and tells what can be seen of that', () => {
    const events = [{ kind: 'lost-replica', at: 100, sessionSeconds: 30 } as const];
    const world = worldOf({ ...calm, startSeconds: 60, events }, 1);
    const group = new ConsumerGroup(world, 3);
    for (let second = 0; second <= 100; second += 1) group.step(second);
    const before = group.queues.map(({ consumed }) => consumed);
    for (let second = 101; second < 129; second += 1) group.step(second);
    const stood = group.queues.map(({ consumed }, partition) => consumed === before[partition]);
    expect(stood).toEqual([false, false, true, false, false, true]);
    expect(observationOf(world, group, 128)).toMatchObject({
      group: { state: 'Stable', members: 3 },
      target: { desired: 3, current: 3, ready: 2 },
      work: [{ replica: 'replica-1' }, { replica: 'replica-2' }],
    });
    for (let second = 129; second < 140; second += 1) group.step(second);
    expect(group.queues.every(({ consumed }, partition) => consumed > (before[partition] ?? 0))).toBe(true);
  });

  it('cannot have kept a message young whose replica was missed too late, by whatever replicas', () => {
    const world = worldOf(only('lost-replica'), 4);
    const seconds = run(world, fixed(12).forRun(world)).violationSeconds;
    // Three times 30 s of session and a rebalance of 5 s, of which 30 s are allowed, then the catching up.
    expect(seconds).toBeGreaterThan(3 * 5);
    expect(seconds).toBeLessThan(3 * 15);
  });

  it('says that a new version is rolled out', () => {
    const world = worldOf({ ...calm, events: [{ kind: 'rolling-update', at: 5 }] }, 1);
    const group = new ConsumerGroup(world, 3);
    for (let second = 0; second <= 5; second += 1) group.step(second);
    expect(observationOf(world, group, 6).target).toEqual({ desired: 3, current: 4, ready: 3, rollingOut: true });
  });

  it('starts whoever scales anew where the scenario says so', () => {
    const told: string[] = [];
    const controller = {
      ...{ name: 'x', everySeconds: 100 },
      decide: ({ atMs }: { atMs: number }) => void told.push(`look ${atMs / 1_000}`),
      restart: () => void told.push('restart'),
    };
    const events = [{ kind: 'controller-restart', at: 150 } as const];
    run(worldOf({ ...calm, durationSeconds: 300, events }, 1), controller);
    expect(told).toEqual(['look 0', 'look 100', 'restart', 'look 200']);
  });

  it('begins with the least replicas of which none is more than 90 % busy', () => {
    expect(warmReplicas(calm)).toBe(3);
    expect(warmReplicas({ ...calm, rate: [[0, 1_000]] })).toBe(6);
  });
});
