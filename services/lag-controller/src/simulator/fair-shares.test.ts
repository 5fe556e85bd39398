import { describe, expect, it } from '@jest/globals';
import { fairShares } from './fair-shares.ts';

describe('a fair share', () => {
  it('is what was wanted where there is enough for all', () => {
    expect(fairShares([3, 0, 5], 8)).toEqual([3, 0, 5]);
  });

  it('leaves the small wishes whole and the great ones equal, and gives no more than there is', () => {
    expect(fairShares([50, 1, 9, 50], 40)).toEqual([15, 1, 9, 15]);
    expect(fairShares([4, 4], 7)).toEqual([3.5, 3.5]);
  });
});
