import { describe, expect, it } from '@jest/globals';
import { type Assignor, ownersOf, shares, sums } from './assignment.ts';

const dealt = (partitions: number, members: number, assignor: Assignor) =>
  shares(ownersOf(Array(partitions).fill(1), members, assignor), members);

/** What falls to the busiest member. */
const heaviestLoad = (loads: readonly number[], members: number, assignor: Assignor) =>
  Math.max(...sums(loads, ownersOf(loads, members, assignor), members));

describe('the deal of partitions', () => {
  it('goes round for kafkajs', () => {
    expect(dealt(5, 2, 'round-robin')).toEqual([
      [0, 2, 4],
      [1, 3],
    ]);
  });

  it('goes in runs for the range assignor, the first members with one more', () => {
    expect(dealt(5, 3, 'range')).toEqual([[0, 1], [2, 3], [4]]);
  });

  it('leaves members beyond the partitions without any', () => {
    expect(dealt(2, 3, 'range')).toEqual([[0], [1], []]);
  });

  it('makes 7 to 11 members as slow as 6 with 12 partitions', () => {
    const loads = Array(12).fill(1);
    expect([6, 7, 11].map((members) => heaviestLoad(loads, members, 'round-robin'))).toEqual([2, 2, 2]);
    expect(heaviestLoad(loads, 12, 'round-robin')).toBe(1);
  });

  it('lets the heaviest partitions meet where the assignor is unknown', () => {
    expect(heaviestLoad([1, 9, 1, 8], 2, 'unknown')).toBe(17);
    expect(heaviestLoad([1, 9, 1, 8], 2, 'round-robin')).toBe(17);
    expect(heaviestLoad([9, 8, 1, 1], 2, 'round-robin')).toBe(10);
  });
});
