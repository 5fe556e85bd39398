import { describe, expect, it } from '@jest/globals';
import { pointAt } from './point.fixture.ts';
import { gapMsOf, intervalMsOf, merged, movedBy, nearest } from './points.ts';

describe('points', () => {
  it('become one list, each time once, and the later report of a time wins', () => {
    const known = [pointAt(2_000), pointAt(1_000)];
    const points = merged(known, [pointAt(2_000, { backlog: 99 }), pointAt(3_000)], 1_500);
    expect(points.map(({ atMs, backlog }) => [atMs, backlog])).toEqual([
      [2_000, 99],
      [3_000, 10],
    ]);
  });

  const ratesOf = (...points: ReturnType<typeof pointAt>[]) =>
    merged([], points, 0).map(({ arrivalRate, consumptionRate }) => [arrivalRate, consumptionRate]);
  const idle = { arrivalRate: 0, consumptionRate: 0 };

  it('have no rate of zero where there was no look before to tell it from', () => {
    const blind = pointAt(2, { backlog: undefined, ...idle });
    expect(ratesOf(pointAt(1, idle), blind, pointAt(3, idle), pointAt(4, idle))).toEqual([
      [undefined, undefined],
      [undefined, undefined],
      [undefined, undefined],
      [0, 0],
    ]);
  });

  it('keep a rate that was measured over a blind moment', () => {
    expect(ratesOf(pointAt(1, { backlog: undefined }), pointAt(2, { arrivalRate: 4 }))[1]).toEqual([4, 5]);
  });

  it('are joined up to three usual intervals', () => {
    const points = [0, 5_000, 10_000, 40_000, 45_000].map((atMs) => pointAt(atMs));
    expect([intervalMsOf(points), gapMsOf(points)]).toEqual([5_000, 15_000]);
    expect(intervalMsOf([])).toBe(5_000);
  });

  it('are found by time', () => {
    const points = [0, 10, 20].map((atMs) => pointAt(atMs));
    expect([nearest(points, -50), nearest(points, 14), nearest(points, 99), nearest([], 1)]).toEqual([0, 1, 2, -1]);
  });
});

describe('the cursor', () => {
  it('starts at the newest point, and stays within the points', () => {
    expect(movedBy('ArrowLeft', undefined, 10)).toBe(8);
    expect(movedBy('ArrowRight', 9, 10)).toBe(9);
    expect(movedBy('PageDown', 4, 100)).toBe(0);
    expect(movedBy('PageUp', 4, 100)).toBe(14);
    expect([movedBy('Home', 5, 10), movedBy('End', 5, 10)]).toEqual([0, 9]);
  });

  it('is not moved by other keys, nor where there is nothing', () => {
    expect(movedBy('a', 5, 10)).toBeUndefined();
    expect(movedBy('toString', 5, 10)).toBeUndefined();
    expect(movedBy('Home', undefined, 0)).toBeUndefined();
  });
});
