import { describe, expect, it } from '@jest/globals';
import { conflictOf, type Overwrites, overwriteConflict, overwritesAfter, setsReplicas } from './conflict.ts';
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

  it.each([
    [true, undefined],
    [true, 'lagscaler.io/paused-scale-in'],
    [true, 'lagscaler.io/paused-scale-out'],
    [false, 'lagscaler.io/paused'],
  ])('is looked for: %s, with the annotation %s', (isLookedFor, annotation) => {
    const scaler = lagScalerOf(annotation === undefined ? {} : { annotations: { [annotation]: 'true' } });
    expect(setsReplicas(scaler)).toBe(isLookedFor);
  });

  const ref = mine.spec.scaleTargetRef;
  const minuteMs = 60_000;
  const seen = (...replicas: number[]) => seenEvery(minuteMs, { atMs: [] }, replicas);
  const seenEvery = (everyMs: number, from: Overwrites, replicas: readonly number[]) =>
    replicas.reduce((before, read, index) => overwritesAfter(before, { atMs: index * everyMs, read }), from);

  it('is somebody else who changes the replicas three times within half an hour, not twice', () => {
    expect(overwriteConflict(ref, seen(1, 2, 2, 1), 3 * minuteMs)).toBeUndefined();
    expect(overwriteConflict(ref, seen(1, 2, 1, 2), 3 * minuteMs)).toBe(
      'Somebody else changed the replicas of Deployment payments 3 times within half an hour: end that, or delete this LagScaler. They are left alone until 1970-01-01T00:13:00Z, or until this LagScaler is paused and resumed.',
    );
    const [often, seldom] = [10, 16].map((every) => seenEvery(every * minuteMs, { atMs: [] }, [1, 2, 1, 2]));
    expect(overwriteConflict(ref, often as Overwrites, 30 * minuteMs)).toBeDefined();
    expect(overwriteConflict(ref, seldom as Overwrites, 48 * minuteMs)).toBeUndefined();
  });

  it('is over after ten minutes, whatever was changed meanwhile, and after twice as long each time that it goes on', () => {
    const first = seen(1, 2, 1, 2, 1, 2, 1);
    expect(overwriteConflict(ref, first, 12.9 * minuteMs)).toBeDefined();
    expect(overwriteConflict(ref, first, 13 * minuteMs)).toBeUndefined();
    let [again, nowMs] = [first, 13 * minuteMs];
    for (const read of [2, 1, 2]) {
      nowMs += minuteMs;
      again = overwritesAfter(again, { atMs: nowMs, read });
    }
    expect(overwriteConflict(ref, again, nowMs + 19.9 * minuteMs)).toBeDefined();
    expect(overwriteConflict(ref, again, nowMs + 20 * minuteMs)).toBeUndefined();
    nowMs += 381 * minuteMs;
    for (const read of [1, 2, 1]) {
      nowMs += minuteMs;
      again = overwritesAfter(again, { atMs: nowMs, read });
    }
    expect(overwriteConflict(ref, again, nowMs + 9.9 * minuteMs)).toBeDefined();
    expect(overwriteConflict(ref, again, nowMs + 10 * minuteMs)).toBeUndefined();
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
});
