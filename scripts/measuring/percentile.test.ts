import { describe, expect, it } from '@jest/globals';
import { percentile } from './percentile.ts';

describe('percentile', () => {
  it('is the nearest rank, whatever the order of the values', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([50, 95, 99, 100].map((percent) => percentile(values, percent))).toEqual([50, 95, 99, 100]);
  });

  it('is a value that occurred, also with few of them', () => {
    expect(percentile([9, 10], 50)).toBe(9);
    expect(percentile([9, 10], 99)).toBe(10);
    expect(percentile([3], 1)).toBe(3);
  });

  it('of nothing is undefined', () => {
    expect(percentile([], 50)).toBeUndefined();
  });
});
