import { describe, expect, it } from '@jest/globals';
import { parseTarget, planMoves } from './reset-plan.ts';

const offsets = [
  { partition: 0, low: 10n, high: 20n, committed: 15n },
  { partition: 1, low: 0n, high: 4n, committed: undefined },
];
const plan = (to: string, at = new Map<number, bigint>()) =>
  planMoves(offsets, parseTarget(to), at).map(({ partition, from, to, effect }) => [partition, from, to, effect]);

describe('planMoves', () => {
  it('goes to the oldest message that is kept', () => {
    expect(plan('earliest')).toEqual([
      [0, 15n, 10n, '5 read again'],
      [1, undefined, 0n, '4 to be read, 0 passed over'],
    ]);
  });

  it('goes to the end', () => {
    expect(plan('latest')).toEqual([
      [0, 15n, 20n, '5 skipped'],
      [1, undefined, 4n, '0 to be read, 4 passed over'],
    ]);
  });

  it('stays within what is kept, and says so', () => {
    expect(plan('15')).toEqual([
      [0, 15n, 15n, 'stays'],
      [1, undefined, 4n, '0 to be read, 4 passed over (15 is not kept: 0 to 4 are)'],
    ]);
    expect(plan('3')[0]).toEqual([0, 15n, 10n, '5 read again (3 is not kept: 10 to 20 are)']);
  });

  it('goes to the first message of a time, and to the end where there is none', () => {
    expect(plan('2026-01-31T12:00:00Z', new Map([[0, 12n]]))).toEqual([
      [0, 15n, 12n, '3 read again'],
      [1, undefined, 4n, '0 to be read, 4 passed over'],
    ]);
  });

  it('counts only what is still kept as read again or skipped', () => {
    const [move] = planMoves([{ partition: 0, low: 10n, high: 20n, committed: 2n }], 'earliest', new Map());
    expect(move?.effect).toBe('stays');
  });
});

describe('parseTarget', () => {
  it.each(['', 'Earliest', '-1', '1.5', '2026-13-01', '2026-01-31 12:00', 'now'])('refuses %j', (text) => {
    expect(() => parseTarget(text)).toThrow(/^--to must be earliest, latest, an offset or a time like .*\.$/);
  });

  it('reads offsets that no number can hold', () => {
    expect(parseTarget('9007199254740993')).toEqual({ offset: 9007199254740993n });
  });
});
