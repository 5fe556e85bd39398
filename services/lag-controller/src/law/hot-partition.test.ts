import { describe, expect, it } from '@jest/globals';
import { decideAfter } from './world.fixture.ts';

/** Of the first partition more arrives than one replica can do; the others are kept up with. */
const skewed = (first: number) => [first, ...Array.from({ length: 11 }, () => 10)];

describe('a partition that gets more than one replica can do', () => {
  it('asks for no replicas, and is what limits once it is late', () => {
    const decision = decideAfter({ arrival: skewed(120), finished: skewed(50) });
    expect(decision).toMatchObject({ action: 'hold', reason: 'partition-bound' });
    expect(decision.terms).toMatchObject({ ageSeconds: 0, partitionBound: { partitions: [0] } });
  });

  it('limits nothing while it is not late', () => {
    expect(decideAfter({ arrival: skewed(120), finished: skewed(120) }).reason).toBe('steady');
  });
});
