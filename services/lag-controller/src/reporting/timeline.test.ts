import { describe, expect, it } from '@jest/globals';
import { roundOf, scalerOf } from '../round.fixture.ts';
import { newTimelines, pointOf } from './timeline.ts';

const blindRound = (name: string, atMs: number) => roundOf(name, atMs, ['topics: away']);

describe('the timeline', () => {
  it('keeps the rounds of the last while, of each scaler by itself', () => {
    const timelines = newTimelines(10_000);
    for (const atMs of [0, 5_000, 10_000, 15_000]) timelines.add(scalerOf('b'), blindRound('b', atMs));
    timelines.add(scalerOf('a'), blindRound('a', 1_000));
    expect(timelines.of('b')?.points.map(({ atMs }) => atMs)).toEqual([10_000, 15_000]);
    expect(timelines.all().map((one) => one.scaler)).toEqual(['a', 'b']);
    expect(timelines.of('a')?.points.map(({ atMs }) => atMs)).toEqual([1_000]);
    timelines.forget('b');
    expect(timelines.of('b')).toBeUndefined();
  });

  it('leaves out what was not known, and keeps the reason', () => {
    const timelines = newTimelines();
    timelines.add(scalerOf('a'), blindRound('a', 1_000));
    const [point] = timelines.of('a')?.points ?? [];
    expect(point).toMatchObject({ action: 'hold', reason: 'unknown-data', faults: ['topics: away'] });
    expect([point?.backlog, point?.current, point?.partitions]).toEqual([undefined, undefined, undefined]);
    expect([point?.arrivalRate, point?.consumptionRate]).toEqual([undefined, undefined]);
  });

  it('tells what was seen, what was decided and what was done', () => {
    const timelines = newTimelines();
    const partitions = [0, 1, 2].map((partition) => ({ partition, high: 9, low: 0, committed: 4 }));
    const target = { desired: 5, current: 1, ready: 0, rollingOut: false };
    const round = { ...roundOf('a', 1_000, [], { partitions, target }), written: 3 };
    timelines.add(scalerOf('a'), round);
    timelines.add(scalerOf('a'), { ...roundOf('a', 2_000, [], { partitions, target }), withheld: 'unavailable' });
    expect(timelines.of('a')).toMatchObject({
      ...{ scaler: 'a', group: 'g', topic: 't', lagSeconds: 10, minReplicas: 1, dryRun: false },
      points: [
        {
          ...{ atMs: 1_000, backlog: 15, desired: 3, current: 1, ready: 0, partitions: 3 },
          ...{ action: 'down', reason: 'above-maximum', written: 3, withheld: undefined, faults: [] },
        },
        { atMs: 2_000, desired: 3, written: undefined, withheld: 'unavailable' },
      ],
    });
  });

  it('names the partitions to look at, and is silent where there are none', () => {
    const quiet = roundOf('a', 1_000);
    const stalled = [{ partition: 2, offset: 7, forSeconds: 60 }];
    const partitionBound = { partitions: [4], neededMessagesPerSecondPerReplica: 9 };
    const found = { stalled, unknownPartitions: [0], stalePartitions: [1], partitionBound };
    const decision = { ...quiet.decision, terms: { ...quiet.decision.terms, ...found } };
    expect(pointOf({ ...quiet, decision })).toMatchObject({ stalled, unseen: [0, 1], hot: [4] });
    expect(pointOf(quiet)).toMatchObject({ stalled: undefined, unseen: undefined, hot: undefined });
  });
});
