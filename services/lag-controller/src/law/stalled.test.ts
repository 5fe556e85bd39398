import { describe, expect, it } from '@jest/globals';
import type { Observation } from './observation.ts';
import { decideAfter } from './world.fixture.ts';

describe('decide, where offsets stand still,', () => {
  it('names a partition that stands still while others move, and asks for nothing on its account', () => {
    const finished = Array.from({ length: 12 }, (_, partition) => (partition === 3 ? 0 : 10));
    const decision = decideAfter({ replicas: 3, finished });
    expect(decision).toMatchObject({ replicas: 3, action: 'hold' });
    expect(decision.terms.stalled).toMatchObject([{ partition: 3, offset: 1_000 }]);
  });

  it('takes a standstill of all partitions for an outage, not for poison', () => {
    expect(decideAfter({ replicas: 3, finished: 0 }).terms.stalled).toEqual([]);
  });

  it('knows messages that cannot be processed from such as take long by their standing still for all that is remembered', () => {
    const finished = Array.from({ length: 12 }, (_, partition) => (partition < 5 ? 0 : 10));
    const stalledAfter = (seconds: number) => decideAfter({ replicas: 3, finished, seconds }).terms.stalled;
    expect(stalledAfter(120)).toEqual([]);
    expect(stalledAfter(200).map(({ partition }) => partition)).toEqual([0, 1, 2, 3, 4]);
  });

  it('takes partitions that mostly stand still for the pace of messages that take a minute, and counts what waits', () => {
    const paced = (one: Observation): Observation => ({
      ...one,
      partitions: (one.partitions ?? []).map(({ partition }) => {
        const committed = 1_000 + Math.floor((one.atMs / 1_000 + 10 * partition) / 60);
        return { partition, low: 0, high: 1_020, committed };
      }),
    });
    const { action, terms } = decideAfter({ partitions: 6, replicas: 6, capacity: 1 / 60, change: paced });
    expect([action, terms.stalled]).toEqual(['hold', []]);
    expect(terms.ageSeconds).toBeGreaterThan(170);
    expect(terms.backlog).toBeGreaterThan(70);
  });
});
