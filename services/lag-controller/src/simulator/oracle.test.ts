import { describe, expect, it } from '@jest/globals';
import { calmed } from './oracle.ts';

describe('the calm oracle', () => {
  const plan = [6, 2, 6, 1, 1, 1, 1, 4, 2];

  it('goes down only where that saves more than its price', () => {
    expect(calmed(plan, () => 1_500)).toEqual([6, 6, 6, 6, 6, 6, 6, 6, 6]);
    expect(calmed(plan, () => 500)).toEqual([6, 6, 6, 1, 1, 1, 1, 4, 4]);
    expect(calmed(plan, () => 100)).toEqual(plan);
  });

  it('follows the plan where going down costs nothing, and never has fewer', () => {
    expect(calmed(plan, () => 0)).toEqual(plan);
    for (const price of [1, 100, 240, 1e6])
      calmed(plan, (replicas) => price * replicas).forEach((replicas, cell) => {
        expect(replicas).toBeGreaterThanOrEqual(plan[cell] ?? Infinity);
      });
  });
});
