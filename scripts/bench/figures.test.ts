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
  const result = (...figures: Figure[]): Result => ({ machine, measuredAt: '', figures });

  it('replaces the groups that were measured, and keeps the others in their order', () => {
    const before = result(ratio('intake.a', 1), ratio('payments.a', 1));
    const { figures } = merged(before, result(ratio('intake.b', 2)), ['intake', 'payments']);
    expect(figures.map(({ id }) => id)).toEqual(['intake.b', 'payments.a']);
    expect(merged(undefined, before, ['payments', 'intake']).figures.map(({ id }) => id)).toEqual([
      'payments.a',
      'intake.a',
    ]);
  });
});
