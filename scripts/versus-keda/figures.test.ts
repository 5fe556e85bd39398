import { describe, expect, it } from '@jest/globals';
import { Backlog } from './backlog.ts';
import { figuresOf, type Sample } from './figures.ts';

const sample = (at: number, changes: Partial<Sample> = {}): Sample => ({
  ...{ at, desired: 1, ready: 1, lag: 0, ageSeconds: 0, state: 'Stable', members: 1 },
  ...changes,
});
const figures = (samples: readonly Sample[], backlogSecond?: number) =>
  figuresOf({ samples, ages: [], lagSeconds: 9, partitions: 6, backlogSecond });

describe('what a side did', () => {
  it('drains for as long as a message is older than a third of the objective, in the longest stretch', () => {
    const ages = [0, 4, 0, 4, 5, 3, 0];
    expect(figures(ages.map((ageSeconds, at) => sample(at, { ageSeconds }))).drainSeconds).toBe(2);
  });

  it('is still draining where the load ends first', () => {
    expect(figures([sample(0, { ageSeconds: 4 }), sample(5, { ageSeconds: 9 })]).drainSeconds).toBe(5);
  });

  it('is over the objective from one look to the next, however far apart they are', () => {
    const looks = [sample(0), sample(1, { ageSeconds: 10 }), sample(4, { ageSeconds: 9 }), sample(5)];
    expect(figures(looks).secondsOver).toBe(3);
  });

  it('costs what was asked for, as long as it was', () => {
    const looks = [sample(0), sample(2, { desired: 6 }), sample(5, { desired: 2 }), sample(6, { desired: 2 })];
    expect(figures(looks)).toMatchObject({ replicaSeconds: 2 + 18 + 2, changes: 2 });
  });

  it('rebalances once while its group is not stable, and once where only the members tell', () => {
    const looks = [
      sample(0),
      sample(1, { state: 'PreparingRebalance' }),
      sample(2, { state: 'CompletingRebalance', members: 3 }),
      sample(3, { members: 3 }),
      sample(4, { members: 2 }),
      sample(5, { members: 2 }),
    ];
    expect(figures(looks).rebalances).toBe(2);
  });

  it('asks for all replicas some time after the backlog, in so many steps, or never', () => {
    const counts = [6, 1, 4, 4, 6, 1];
    const looks = counts.map((desired, at) => sample(at, { desired }));
    expect(figures(looks, 1).full).toEqual({ seconds: 3, steps: 2 });
    expect(figures(looks.slice(0, 4), 1).full).toBe('never');
    expect(figures(looks)).not.toHaveProperty('full');
  });
});

describe('a backlog', () => {
  const offsets = (...committed: number[]) =>
    new Map(committed.map((offset, partition) => [partition, BigInt(offset)] as const));

  it('is what was sent and is not committed, and as old as the oldest of that', () => {
    const backlog = new Backlog([[1, 2, 3], [1.5], []]);
    expect(backlog.messages).toBe(4);
    expect(backlog.ageSeconds(5)).toBe(4);
    backlog.commit(offsets(1, 1), 5);
    expect(backlog.messages).toBe(2);
    expect(backlog.ageSeconds(5)).toBe(3);
  });

  it('takes the age of a message when its commit is seen, once, and of the others at the end', () => {
    const backlog = new Backlog([[1, 2, 3]]);
    backlog.commit(offsets(2), 4);
    backlog.commit(offsets(1), 6);
    expect(backlog.ages(10)).toEqual([3, 2, 7]);
  });
});
