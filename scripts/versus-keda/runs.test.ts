import { describe, expect, it } from '@jest/globals';
import type { Figures } from './figures.ts';
import { medianFigures, middleOf } from './runs.ts';

const run = (value: number, full?: Figures['full']): Figures => ({
  ...{ drainSeconds: value, secondsOver: 2 * value, p99AgeSeconds: 3 * value },
  ...{ replicaSeconds: 4 * value, changes: 5 * value, rebalances: 6 * value },
  ...(full && { full }),
});

describe('several runs', () => {
  it('come to the median of each figure', () => {
    expect(medianFigures([run(9), run(1), run(2)])).toEqual(run(2));
    expect(medianFigures([run(1), run(2)])).toEqual(run(1.5));
  });

  it('reach all replicas in the median time, with the most steps of any', () => {
    const fulls = [1, 9, 2].map((seconds, index) => run(1, { seconds, steps: index + 1 }));
    expect(medianFigures(fulls).full).toEqual({ seconds: 2, steps: 3 });
  });

  it('never reach all replicas where one of them did not', () => {
    const fulls = [run(1, { seconds: 1, steps: 1 }), run(1, 'never'), run(1, { seconds: 1, steps: 1 })];
    expect(medianFigures(fulls).full).toBe('never');
  });

  it('are shown by the one in the middle, the lower of two', () => {
    expect(middleOf([30, 10, 20])).toBe(2);
    expect(middleOf([30, 10])).toBe(1);
    expect(middleOf([5])).toBe(0);
  });
});
