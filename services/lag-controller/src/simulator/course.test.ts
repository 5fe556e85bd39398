import { describe, expect, it } from '@jest/globals';
import { type Controller, lagController } from './controllers.ts';
import { Course } from './course.ts';
import { keda } from './keda-controller.ts';
import type { Scenario } from './scenario.ts';
import { run } from './simulate.ts';
import { runAll } from './together.ts';
import { worldOf } from './world.ts';

const eventful: Scenario = {
  name: 'eventful',
  durationSeconds: 900,
  partitions: 6,
  messagesPerSecondPerReplica: 50,
  startSeconds: 10,
  rebalanceSeconds: 5,
  commitSeconds: 5,
  sloSeconds: 30,
  rate: [
    [0, 60],
    [700, 300],
  ],
  events: [
    { kind: 'rolling-update', at: 200 },
    { kind: 'lost-replica', at: 395, sessionSeconds: 30 },
    { kind: 'controller-restart', at: 450 },
    { kind: 'partitions', at: 500, count: 12 },
  ],
};
const world = worldOf(eventful, 4);

const climbing: Controller = {
  name: 'climbing',
  everySeconds: 90,
  decide: ({ atMs }) => 1 + ((atMs / 90_000) % 6),
};
const still: Controller = { ...climbing, decide: () => undefined };

describe('a course that is forked', () => {
  it.each([150, 203, 410, 600])('goes on as it would have, at second %i', (second) => {
    const straight = new Course(world, 3);
    straight.follow(climbing, world.seconds);
    const course = new Course(world, 3);
    course.follow(climbing, second);
    const [same, other] = [course.fork(), course.fork()];
    other.follow(still, world.seconds);
    same.follow(climbing, world.seconds);
    course.follow(climbing, world.seconds);
    expect(other.measured).not.toEqual(straight.measured);
    expect([same.measured, course.measured]).toEqual([straight.measured, straight.measured]);
  });

  it('ends where it has been late for longer than it may', () => {
    const course = new Course(world, 1);
    course.follow(still, world.seconds, 10);
    expect(course.measured.violationSeconds).toBe(11);
  });
});

describe('controllers that are simulated together', () => {
  it('measure what each measures alone', () => {
    const kinds = [
      ...[10, 50, 60, 500].map((lagThreshold) => keda(`keda-${lagThreshold}`, { lagThreshold })),
      keda('even', { lagThreshold: 50, ensureEvenDistributionOfPartitions: true }),
      lagController('ours', { work: true }),
      lagController('ours, offsets only', { work: false }),
    ];
    const alone = kinds.map((kind) => run(world, kind.forRun(world)));
    expect(new Set(alone.map(({ replicaSeconds }) => replicaSeconds)).size).toBeGreaterThan(3);
    expect(
      runAll(
        world,
        kinds.map((kind) => kind.forRun(world)),
      ),
    ).toEqual(alone);
  });

  it('are restarted once each, when they differ in that very second too', () => {
    const told: string[] = [];
    const parting = (name: string, replicas: number): Controller => ({
      ...{ name, everySeconds: 90, restart: () => void told.push(name) },
      decide: ({ atMs }) => (atMs === 450_000 ? replicas : 2),
    });
    runAll(world, [parting('three', 3), parting('four', 4), parting('five', 5)]);
    expect(told).toEqual(['three', 'four', 'five']);
  });
});
