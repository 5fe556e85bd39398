import { describe, expect, it } from '@jest/globals';
import { chanceOf, declineReason } from './charge.ts';

const request = { orderId: 'o1', amountCents: 100, currency: 'BRL' } as const;
const policy = { declineRate: 0, declineAboveCents: null, seed: 1 };

describe('declining a charge', () => {
  it('happens to no charge when nothing is set, and to every one at a rate of 1', () => {
    expect(declineReason(request, policy)).toBeUndefined();
    expect(declineReason(request, { ...policy, declineRate: 1 })).toBe('declined-by-issuer');
  });

  it('happens above the limit, not at it', () => {
    expect(declineReason(request, { ...policy, declineAboveCents: 100 })).toBeUndefined();
    expect(declineReason(request, { ...policy, declineAboveCents: 99 })).toBe('amount-above-limit');
  });

  it('strikes about the share of the orders that is asked for, the same ones at each attempt', () => {
    const orders = Array.from({ length: 4_000 }, (_, index) => ({ ...request, orderId: `order-${index}` }));
    const decline = (seed: number) =>
      orders.map((order) => declineReason(order, { ...policy, declineRate: 0.25, seed }));
    expect(decline(1)).toEqual(decline(1));
    expect(decline(1)).not.toEqual(decline(2));
    const declined = decline(1).filter(Boolean).length;
    expect(declined).toBeGreaterThan(880);
    expect(declined).toBeLessThan(1_120);
  });

  it('draws chances evenly from 0 to 1 for ids that differ in one digit', () => {
    const chances = Array.from({ length: 10_000 }, (_, index) => chanceOf(index.toString(16).padStart(24, '0'), 7));
    expect(Math.min(...chances)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...chances)).toBeLessThan(1);
    const mean = chances.reduce((sum, chance) => sum + chance, 0) / chances.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.02);
  });
});
