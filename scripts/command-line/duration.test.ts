import { describe, expect, it } from '@jest/globals';
import { formatLatency, formatSeconds } from './duration.ts';

describe('durations', () => {
  it.each([
    [0, '0.0 s'],
    [9_949, '9.9 s'],
    [9_950, '10 s'],
    [59_499, '59 s'],
    [60_000, '1 min 0 s'],
    [83_000, '1 min 23 s'],
  ])('of %d ms read %s', (ms, text) => {
    expect(formatSeconds(ms)).toBe(text);
  });

  it('of answers read in milliseconds up to a second', () => {
    expect(formatLatency(7.26)).toBe('7 ms');
    expect(formatLatency(1_240)).toBe('1.24 s');
  });
});
