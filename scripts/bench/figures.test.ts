import { describe, expect, it } from '@jest/globals';
import { type Figure, figure, isReached, ratios, regressions } from './figures.ts';
import { merged, type Result } from './recorded.ts';

const named = { about: '', unit: 'ratio' } as const;
const ratio = (id: string, value: number): Figure => figure({ ...named, id }, [value]);

describe('figures', () => {
  it('are the median of the rounds, with the lowest and the highest', () => {
    expect(figure({ ...named, id: 'a' }, [3, 1, 10, 2])).toMatchObject({ median: 2.5, min: 1, max: 10, rounds: 4 });
    expect(() => figure({ ...named, id: 'a' }, [])).toThrow('nothing was measured');
  });

  it('are compared round by round', () => {
    expect(ratios([10, 30], [5, 10])).toEqual([2, 3]);
  });

  it('reach what they have to, or not', () => {
    const of = (value: number, reach: Figure['reach'] & object) =>
      isReached(figure({ ...named, id: 'a', reach }, [value]));
    expect([of(0.6, { atLeast: 0.6 }), of(0.59, { atLeast: 0.6 })]).toEqual([true, false]);
    expect([of(50, { atMost: 50 }), of(50.1, { atMost: 50 })]).toEqual([true, false]);
  });
});

describe('the regression gate', () => {
  const recorded = [
    ratio('intake.of-dual-write', 1),
    figure({ id: 'intake.ours', about: '', unit: 'per second' }, [900]),
  ];

  it('tells a ratio that fell below 0.85 of the recorded one, and lets the noise of others pass', () => {
    expect(regressions(recorded, [ratio('intake.of-dual-write', 0.85)])).toEqual([]);
    expect(regressions(recorded, [ratio('intake.of-dual-write', 0.84)])).toEqual([
      'intake.of-dual-write is 0.84, less than 0.85 of the recorded 1.00.',
    ]);
  });

  it('misses a recorded ratio only in a group that was measured', () => {
    expect(regressions(recorded, [ratio('intake.other', 1)])).toEqual(['intake.of-dual-write was not measured.']);
    expect(regressions(recorded, [ratio('payments.of-dual-write', 1)])).toEqual([]);
  });
});

describe('recording', () => {
  const machine = {} as Result['machine'];
  const result = (measuredAt: string, ...figures: Figure[]): Result => ({ machine, measuredAt, figures });
  const idsOf = (runs: readonly Result[]) =>
    runs.map(({ measuredAt, figures }) => [measuredAt, ...figures.map(({ id }) => id)]);

  it('replaces the groups that were measured, and leaves the others with their day and machine', () => {
    const before = merged([], result('Monday', ratio('intake.a', 1), ratio('payments.a', 1)));
    expect(idsOf(before)).toEqual([['Monday', 'intake.a', 'payments.a']]);
    const after = merged(before, result('Tuesday', ratio('intake.b', 2)));
    expect(idsOf(after)).toEqual([
      ['Monday', 'payments.a'],
      ['Tuesday', 'intake.b'],
    ]);
    expect(idsOf(merged(after, result('Friday', ratio('payments.a', 1))))).toEqual([
      ['Tuesday', 'intake.b'],
      ['Friday', 'payments.a'],
    ]);
  });
});
