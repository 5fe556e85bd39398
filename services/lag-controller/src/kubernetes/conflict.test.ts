import { describe, expect, it } from '@jest/globals';
import { conflictOf, type Overwrites, overwriteConflict, overwritesAfter } from './conflict.ts';
import { lagScalerOf } from './lag-scaler.fixture.ts';

const mine = lagScalerOf();
const target = { kind: 'Deployment', name: 'payments' } as const;

describe('a conflict', () => {
  it('is an autoscaler on the same target, not one on another or on another kind of the same name', () => {
    expect(conflictOf(mine, [mine], [{ name: 'hpa', target }])).toMatch(
      /^HorizontalPodAutoscaler hpa scales Deployment payments too/,
    );
    expect(conflictOf(mine, [mine], [{ name: 'hpa', target: { ...target, name: 'orders' } }])).toBeUndefined();
    expect(conflictOf(mine, [mine], [{ name: 'hpa', target: { ...target, kind: 'StatefulSet' } }])).toBeUndefined();
  });

  it('is with the younger of two LagScalers on one target, whatever their names', () => {
    const younger = lagScalerOf({ name: 'a', createdAt: '2026-01-01T00:00:01Z' });
    expect(conflictOf(younger, [younger, mine], [])).toMatch(/^LagScaler payments scales Deployment payments already/);
    expect(conflictOf(mine, [younger, mine], [])).toBeUndefined();
  });

  it('is with exactly one of two that were made in the same second', () => {
    const twin = lagScalerOf({ name: 'twin' });
    const both = [twin, mine];
    expect(both.map((one) => conflictOf(one, both, []) !== undefined)).toEqual([true, false]);
  });

  const seen = (...replicas: number[]) =>
    replicas.reduce<Overwrites>(
      (before, count, index) => overwritesAfter(before, { atMs: index * 60_000, read: count }),
      {
        atMs: [],
      },
    );

  it('is somebody else who changes the replicas three times within ten minutes, not twice', () => {
    const ref = mine.spec.scaleTargetRef;
    expect(overwriteConflict(ref, seen(1, 2, 2, 1))).toBeUndefined();
    expect(overwriteConflict(ref, seen(1, 2, 1, 2))).toMatch(
      /^Somebody else changed the replicas of Deployment payments 3 times/,
    );
  });

  it('is not a write of ours whose answer was lost', () => {
    const before = { replicas: 1, attempted: 4, atMs: [] };
    expect(overwritesAfter(before, { atMs: 0, read: 4 }).atMs).toEqual([]);
    expect(overwritesAfter(before, { atMs: 0, read: 3 }).atMs).toEqual([0]);
    const unread = overwritesAfter(before, { atMs: 0 });
    expect(overwritesAfter(unread, { atMs: 5_000, read: 4 }).atMs).toEqual([]);
  });

  it('is a change after a write of ours that was answered', () => {
    const written = overwritesAfter({ replicas: 1, attempted: 4, atMs: [] }, { atMs: 0, read: 4, written: 6 });
    expect(overwritesAfter(written, { atMs: 5_000, read: 6 }).atMs).toEqual([]);
    expect(overwritesAfter(written, { atMs: 5_000, read: 4 }).atMs).toEqual([5_000]);
  });

  it('is not with an elder that only tells', () => {
    const younger = lagScalerOf({ name: 'younger', createdAt: '2026-01-01T00:00:01Z' });
    expect(conflictOf(younger, [younger, lagScalerOf({ dryRun: true })], [])).toBeUndefined();
  });

  it('is over ten minutes after the changes', () => {
    const later = overwritesAfter(seen(1, 2, 1, 2), { atMs: 12 * 60_000, read: 2 });
    expect(overwriteConflict(mine.spec.scaleTargetRef, later)).toBeUndefined();
  });
});
