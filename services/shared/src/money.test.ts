import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { centsFromDecimal, decimalFromCents, maxCents, sumCents } from './money.ts';

describe('money', () => {
  it('converts by digits, where a multiplication would be off', () => {
    expect(19.99 * 100).not.toBe(1999);
    expect([19.99, 4.35, 4500, 0.1, 0].map(centsFromDecimal)).toEqual([1999, 435, 450000, 10, 0]);
  });

  it('refuses what is negative, not finite, finer than a cent or too large', () => {
    for (const amount of [-1, Number.NaN, Infinity, 0.001, 19.999, 1e-7, 1e21, maxCents / 100 + 1])
      expect(centsFromDecimal(amount)).toBeUndefined();
  });

  it('brings every amount of cents back through its wire form', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: maxCents }), (cents) => {
        expect(centsFromDecimal(JSON.parse(JSON.stringify(decimalFromCents(cents))))).toBe(cents);
      }),
      { numRuns: 2_000 },
    );
  });

  it('sums quantities times prices exactly', () => {
    expect(
      sumCents([
        { quantity: 3, priceCents: 1999 },
        { quantity: 1, priceCents: 1 },
      ]),
    ).toBe(5998);
  });
});
