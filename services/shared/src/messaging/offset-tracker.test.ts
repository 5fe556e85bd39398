import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OffsetTracker } from './offset-tracker.ts';

/** Offsets in rising order with gaps, and an order in which they finish. */
const work = fc
  .uniqueArray(fc.bigInt({ min: 0n, max: 5_000n }), { minLength: 1, maxLength: 60 })
  .map((offsets) => offsets.sort((a, b) => Number(a - b)))
  .chain((offsets) =>
    fc.record({
      offsets: fc.constant(offsets),
      order: fc.shuffledSubarray(offsets, { minLength: offsets.length, maxLength: offsets.length }),
    }),
  );

function trackerOf(offsets: readonly bigint[]): OffsetTracker {
  const tracker = new OffsetTracker();
  for (const offset of offsets) tracker.add(offset);
  return tracker;
}

describe('OffsetTracker', () => {
  it('never offers an offset past an unfinished message, and always the whole finished prefix', () => {
    fc.assert(
      fc.property(work, ({ offsets, order }) => {
        const tracker = trackerOf(offsets);
        const finished = new Set<bigint>();
        for (const offset of order) {
          tracker.finish(offset);
          finished.add(offset);
          const firstUnfinished = offsets.find((candidate) => !finished.has(candidate));
          const prefix = offsets.slice(0, firstUnfinished === undefined ? undefined : offsets.indexOf(firstUnfinished));
          const last = prefix.at(-1);
          expect(tracker.committable()).toBe(last === undefined ? undefined : last + 1n);
        }
      }),
    );
  });

  it('offers the offset after the last one when everything is finished', () => {
    fc.assert(
      fc.property(work, ({ offsets, order }) => {
        const tracker = trackerOf(offsets);
        for (const offset of order) tracker.finish(offset);
        expect(tracker.committable()).toBe((offsets.at(-1) as bigint) + 1n);
        expect([tracker.inFlight(), tracker.uncommittable()]).toEqual([0, 0]);
      }),
    );
  });

  it('only moves forward, whatever is taken and finished, and however often', () => {
    const steps = fc.array(fc.record({ add: fc.boolean(), at: fc.nat(40), gap: fc.integer({ min: 1, max: 9 }) }));
    fc.assert(
      fc.property(steps, (moves) => {
        const tracker = new OffsetTracker();
        const taken: bigint[] = [];
        let before = -1n;
        for (const { add, at, gap } of moves) {
          if (add) {
            taken.push((taken.at(-1) ?? 0n) + BigInt(gap));
            tracker.add(taken.at(-1) as bigint);
          } else {
            tracker.finish(taken[at] ?? BigInt(at));
          }
          const offset = tracker.committable() ?? -1n;
          expect(offset).toBeGreaterThanOrEqual(before);
          before = offset;
        }
      }),
    );
  });

  it('counts what is in flight, and what would come again after a crash', () => {
    const tracker = trackerOf([4n, 7n, 8n]);
    tracker.finish(7n);
    tracker.finish(7n);
    expect([tracker.inFlight(), tracker.uncommittable(), tracker.committable()]).toEqual([2, 3, undefined]);
    tracker.finish(4n);
    expect([tracker.inFlight(), tracker.uncommittable(), tracker.committable()]).toEqual([1, 1, 8n]);
  });

  it('ignores offsets that were never taken', () => {
    const tracker = trackerOf([1n]);
    tracker.finish(0n);
    tracker.finish(2n);
    expect(tracker.committable()).toBeUndefined();
  });

  it('refuses to take an offset again, which would let it be finished twice', () => {
    const tracker = trackerOf([1n, 2n]);
    expect(() => tracker.add(2n)).toThrow('offset 2 was taken after 2');
    tracker.finish(1n);
    tracker.finish(2n);
    expect(() => tracker.add(2n)).toThrow('offset 2 was taken after 2');
  });

  it('keeps its pace over many messages', () => {
    const tracker = new OffsetTracker();
    for (let offset = 0n; offset < 50_000n; offset++) {
      tracker.add(offset);
      if (offset >= 10n) tracker.finish(offset - 10n);
    }
    expect([tracker.committable(), tracker.inFlight()]).toEqual([49_990n, 10]);
  });
});
