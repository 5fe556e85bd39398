import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { durationTicks, linearScale, timeTicks, valueTicks } from './scale.ts';

describe('a linear scale', () => {
  it('leads from values to pixels and back, also where pixels run downwards', () => {
    const { pixel, value } = linearScale([0, 10], [100, 0]);
    expect([pixel(0), pixel(5), pixel(10)]).toEqual([100, 50, 0]);
    expect(value(25)).toBe(7.5);
  });

  it('draws an empty domain where it begins', () => {
    const { pixel, value } = linearScale([7, 7], [0, 100]);
    expect([pixel(7), value(50)]).toEqual([0, 7]);
  });
});

describe('the ticks of values', () => {
  it('are round numbers from zero to at least the largest value', () => {
    expect(valueTicks(230, 3)).toEqual([0, 100, 200, 300]);
    expect(valueTicks(0.34, 4)).toEqual([0, 0.1, 0.2, 0.3, 0.4]);
    expect(valueTicks(0, 4)).toEqual([0, 0.5]);
  });

  it('are whole where only whole numbers mean something', () => {
    expect(valueTicks(2, 4, 1)).toEqual([0, 1, 2]);
    expect(valueTicks(6, 4, 1)).toEqual([0, 2, 4, 6]);
  });

  it('hold every value, in no more steps than asked for', () => {
    const largest = fc.double({ min: 1e-3, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(largest, fc.integer({ min: 1, max: 8 }), (max, intervals) => {
        const ticks = valueTicks(max, intervals);
        expect(ticks.at(-1)).toBeGreaterThanOrEqual(max * (1 - 1e-6));
        expect(ticks.length).toBeLessThanOrEqual(intervals + 1);
      }),
    );
  });
});

describe('the ticks of durations', () => {
  it('are round in seconds, minutes or hours', () => {
    expect(durationTicks(36, 4)).toEqual([0, 10, 20, 30, 40]);
    expect(durationTicks(90, 4)).toEqual([0, 30, 60, 90]);
    expect(durationTicks(3_000, 4)).toEqual([0, 900, 1_800, 2_700, 3_600]);
    expect(durationTicks(1_000_000, 4)).toEqual([0, 259_200, 518_400, 777_600, 1_036_800]);
  });
});

describe('the ticks of time', () => {
  const minuteMs = 60_000;

  it('stand on whole steps of the clock', () => {
    expect(timeTicks(90_000, 5 * minuteMs, 4)).toEqual([2, 3, 4, 5].map((minutes) => minutes * minuteMs));
  });

  it('stand on whole minutes of the local clock in a zone of odd minutes', () => {
    const offsetMs = 330.5 * minuteMs;
    const ticks = timeTicks(0, 20 * minuteMs, 4, offsetMs);
    expect(ticks).toHaveLength(4);
    for (const tick of ticks) expect((tick + offsetMs) % (5 * minuteMs)).toBe(0);
  });

  it('are no more than asked for, and one where both ends are on a step', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: 2, max: 12 }), (fromMs, most) => {
        expect(timeTicks(fromMs, fromMs + 15 * minuteMs, most).length).toBeLessThanOrEqual(most + 1);
      }),
    );
  });
});
