import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { policyOf } from './policy.ts';
import { decide } from './scaling.ts';
import { live, policy } from './world.fixture.ts';

const rarely = <T>(one: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: one });

/** Of integers: doubles come mostly near zero, where there is nothing to decide. */
const worlds = fc.record({
  partitions: fc.oneof(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 10, max: 24 })),
  arrival: fc.integer({ min: 0, max: 60 }),
  /** Of what arrives. */
  finishedPercent: fc.oneof(fc.constant(100), fc.integer({ min: 0, max: 100 })),
  replicas: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 3, max: 10 }), fc.integer({ min: 3, max: 10 })),
  capacity: fc.option(fc.integer({ min: 5, max: 200 }), { nil: undefined }),
  seconds: fc.integer({ min: 1, max: 40 }).map((looks) => 15 * looks),
  unknown: fc.oneof(
    fc.constant<number[]>([]),
    fc.nat(23).map((partition) => [partition]),
    fc.array(fc.nat(23), { maxLength: 24 }),
  ),
  unknownFromMs: fc.constantFrom(0, 105_000, 420_000),
  minReplicas: fc.integer({ min: 1, max: 4 }),
  maxReplicas: rarely(fc.integer({ min: 4, max: 30 })),
  limit: rarely(fc.integer({ min: 1, max: 12 })),
});
type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

function historyOf({ unknown, unknownFromMs, finishedPercent, arrival, capacity, limit, ...world }: World) {
  const using = policyOf({ ...policy, minReplicas: world.minReplicas, ...optional('maxReplicas', world.maxReplicas) });
  const { history, nowMs } = live(
    {
      ...world,
      everySeconds: 15,
      ...{ arrival, finished: (finishedPercent / 100) * arrival },
      ...optional('capacity', capacity),
      change: ({ partitions = [], atMs, ...rest }) => ({
        ...rest,
        atMs,
        partitions: partitions.map((one) =>
          atMs >= unknownFromMs && unknown.includes(one.partition) ? { partition: one.partition } : one,
        ),
      }),
    },
    { using },
  );
  const limited = limit && { replicas: limit, untilMs: nowMs + 1, consumption: 1e9, times: 1 };
  return { history: { ...history, ...optional('limited', limited) }, nowMs, using };
}

function optional<K extends string, T>(key: K, value: T | undefined) {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]: T });
}

function always(holds: (world: World) => void): void {
  fc.assert(fc.property(worlds, holds), { numRuns: 300 });
}

describe('whatever is seen, decide', () => {
  it('never goes above the live partitions and the maximum, nor below the minimum', () => {
    always((world) => {
      const { history, nowMs, using } = historyOf(world);
      const { replicas, action } = decide(history, using, nowMs);
      if (action === 'hold') return;
      const max = Math.min(world.partitions, world.maxReplicas ?? 30);
      expect(replicas).toBeLessThanOrEqual(max);
      expect(replicas).toBeGreaterThanOrEqual(Math.min(world.minReplicas, max));
    });
  });

  it('never goes beyond a limit in force, settled or not', () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 1, max: 12 }), fc.boolean(), (world, limit, isSettled) => {
        const { history, nowMs, using } = historyOf({ ...world, limit });
        const { settledSinceMs: _, ...unsettled } = history;
        const { replicas = 0 } = decide(isSettled ? history : unsettled, using, nowMs);
        expect(replicas).toBeLessThanOrEqual(Math.max(limit, world.replicas, world.minReplicas));
      }),
      { numRuns: 300 },
    );
  });

  it('never comes down on unknown data, but to the maximum', () => {
    always((world) => {
      const { history, nowMs, using } = historyOf(world);
      const { action, reason, terms } = decide(history, using, nowMs);
      if (action === 'down' && reason !== 'above-maximum')
        expect([terms.unknownPartitions, terms.stalePartitions]).toEqual([[], []]);
    });
  });

  it('never asks for fewer replicas when more arrives, the speed of a replica being known', () => {
    fc.assert(
      fc.property(worlds, fc.double({ min: 1, max: 3, noNaN: true }), (world, factor) => {
        const { capacity = 50, partitions, replicas } = world;
        const using = policyOf({ ...policy, messagesPerSecondPerReplica: capacity });
        const asked = (arrival: number) => {
          const finished = Math.min(arrival, (capacity * Math.min(replicas, partitions)) / partitions);
          const { history, nowMs } = live({ ...world, everySeconds: 15, arrival, finished, capacity }, { using });
          return decide(history, using, nowMs).replicas ?? 0;
        };
        expect(asked(world.arrival * factor)).toBeGreaterThanOrEqual(asked(world.arrival));
      }),
    );
  });

  it('says the same again of the same history, and of its copy as JSON', () => {
    always((world) => {
      const { history, nowMs, using } = historyOf(world);
      const decision = decide(history, using, nowMs);
      expect(decide(history, using, nowMs)).toEqual(decision);
      expect(decide(JSON.parse(JSON.stringify(history)), using, nowMs)).toEqual(decision);
    });
  });
});
