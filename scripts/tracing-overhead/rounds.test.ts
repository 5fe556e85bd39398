import { describe, expect, it } from '@jest/globals';
import { ratiosOf, spread, turns } from './rounds.ts';

describe('the rounds of the comparison', () => {
  it('let each side begin in turn', () => {
    expect([0, 1, 2, 3].map((round) => turns(['a', 'b', 'c'], round).join(''))).toEqual(['abc', 'bca', 'cab', 'abc']);
  });

  it('are held against both processes without tracing, and the control against the first', () => {
    expect(ratiosOf({ untraced: 1, control: 3, traced: 4, sampled: 2 })).toEqual({ control: 3, traced: 2, sampled: 1 });
  });

  it('are told by their median and how far they are apart', () => {
    expect(spread([1.3, 0.9, 1, 1.1, 1.04])).toBe('1.04 (0.90 to 1.30)');
  });
});
