import { describe, expect, it } from '@jest/globals';
import { allowedOf, type EventAllowance } from './event-allowance.ts';
import type { Occurrence } from './occurrence.ts';

const condition: Occurrence = { type: 'Warning', reason: 'Unknown', note: '' };
const scaling: Occurrence = { type: 'Normal', reason: 'ScaledUp', note: '' };
const minuteMs = 60_000;
const spent: EventAllowance = { count: 0, atMs: 0 };

describe('Events about conditions', () => {
  it('are posted 25 at once and then one in five minutes', () => {
    const first = allowedOf(Array(30).fill(condition), undefined, 0);
    expect(first.allowed).toHaveLength(25);
    let { allowance } = first;
    const minutes = Array.from({ length: 60 }, (_, index) => index + 1).filter((minute) => {
      const next = allowedOf([condition], allowance, minute * minuteMs);
      allowance = next.allowance;
      return next.allowed.length > 0;
    });
    expect(minutes).toEqual([5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60]);
  });

  it('are saved up to 25 again while there are none', () => {
    expect(allowedOf(Array(30).fill(condition), spent, 24 * 60 * minuteMs).allowed).toHaveLength(25);
  });

  it('leave those about scaling as they are, which use nothing up', () => {
    const { allowed, allowance } = allowedOf([scaling, condition, scaling], spent, 0);
    expect(allowed).toEqual([scaling, scaling]);
    expect(allowance).toEqual(spent);
  });

  it('become no fewer by a clock that is set back', () => {
    expect(allowedOf([], { count: 3, atMs: 60 * minuteMs }, 0).allowance.count).toBe(3);
  });
});
