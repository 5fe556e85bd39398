import { describe, expect, it } from '@jest/globals';
import { areaPath, gapsOf, linePath, runsOf, stepPath } from './path.ts';

const axes = { x: (atMs: number) => atMs * 10, y: (value: number) => 100 - value };
const samples = (...values: (number | undefined)[]) => values.map((value, atMs) => ({ atMs, value }));

describe('runs of samples', () => {
  it('end where a value is unknown', () => {
    const runs = runsOf(samples(1, 2, undefined, 0, undefined), 1);
    expect(runs.map((run) => run.map(({ value }) => value))).toEqual([[1, 2], [0]]);
  });

  it('end where nobody looked for longer than the gap', () => {
    const far = [0, 1, 5, 6].map((atMs) => ({ atMs, value: 1 }));
    expect(runsOf(far, 3).map((run) => run.map(({ atMs }) => atMs))).toEqual([
      [0, 1],
      [5, 6],
    ]);
  });
});

describe('a path', () => {
  const runs = runsOf(samples(1, 2, undefined, 7), 1);

  it('goes from point to point, and leaves out what is unknown', () => {
    expect(linePath(runs, axes)).toBe('M0 99L10 98M30 93h0');
  });

  it('of what changes at once holds each value until the next', () => {
    expect(stepPath(runs, axes)).toBe('M0 99H10V98M30 93h0');
  });

  it('of an area comes back along zero, and needs two points', () => {
    expect(areaPath(runs, axes)).toBe('M0 99L10 98L10 100L0 100Z');
  });

  it('of nothing is empty', () => {
    expect([linePath([], axes), stepPath([], axes), areaPath([], axes)]).toEqual(['', '', '']);
  });
});

describe('gaps', () => {
  it('are what no run covers: before, between and after', () => {
    const runs = runsOf(samples(undefined, 1, 1, undefined, 1, 1, undefined), 1);
    expect(gapsOf(runs, 0, 6)).toEqual([
      { fromMs: 0, toMs: 1 },
      { fromMs: 2, toMs: 4 },
      { fromMs: 5, toMs: 6 },
    ]);
  });

  it('are all there is where nothing is known, and none where all is', () => {
    expect(gapsOf([], 0, 6)).toEqual([{ fromMs: 0, toMs: 6 }]);
    expect(gapsOf(runsOf(samples(1, 1), 1), 0, 1)).toEqual([]);
  });
});
