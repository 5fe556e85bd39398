import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { backoffMs } from './backoff.ts';

describe('backoffMs', () => {
  it('doubles up to the longest pause', () => {
    const longest = [0, 1, 2, 3, 50].map((failures) => backoffMs({ firstMs: 1_000, maxMs: 5_000 }, failures, 1));
    expect(longest).toEqual([1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  it('draws between half of the pause and all of it', () => {
    const policy = fc.record({
      firstMs: fc.integer({ min: 2, max: 5_000 }),
      maxMs: fc.integer({ min: 2, max: 60_000 }),
    });
    const random = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(policy, fc.nat(1_000), random, (backoff, failures, drawn) => {
        const longest = backoffMs(backoff, failures, 1);
        const pause = backoffMs(backoff, failures, drawn);
        expect(pause).toBeGreaterThanOrEqual(Math.floor(longest / 2));
        expect(pause).toBeLessThanOrEqual(longest);
      }),
    );
  });
});
