import { describe, expect, it } from '@jest/globals';
import { newHistory } from './history.ts';
import { downTarget } from './scale-down.ts';

const everySeconds = 5;
/** Of six: 30 × 6 × 2 × 0.2 s. */
const price = 72;

/** What was needed, look by look: so many replicas for so many looks. The last look is now. */
function targetAfter(
  needed: readonly (readonly [replicas: number, looks: number])[],
  { sinceSeconds = 0, rebalanceSeconds = 0.2, desired = 6, lagSeconds = 10 } = {},
) {
  const counts = needed.flatMap(([replicas, looks]) => Array<number>(looks).fill(replicas));
  const demands = counts.map((replicas, index) => ({ atMs: 1_000 * everySeconds * index, replicas }));
  const steps = [{ atMs: 1_000 * sinceSeconds, from: 1, to: desired, consumptionBefore: 20 }];
  const nowMs = 1_000 * everySeconds * (counts.length - 1);
  return downTarget({ ...newHistory(), steps, demands }, nowMs, desired, { lagSeconds, rebalanceSeconds });
}

/** One has done for 15 s, two for 20. */
const falling = [
  [6, 9],
  [2, 1],
  [1, 4],
] as const;

describe('replicas come down', () => {
  it('when their surplus has cost what the rebalance will', () => {
    const enough = Math.ceil(price / 2 / everySeconds);
    expect(
      targetAfter([
        [6, 9],
        [4, enough],
      ]),
    ).toBeUndefined();
    expect(
      targetAfter([
        [6, 9],
        [4, enough + 1],
      ]),
    ).toBe(4);
  });

  it('to the most that was needed meanwhile, as long as that was less', () => {
    expect(
      targetAfter([
        [6, 9],
        [1, 9],
        [2, 1],
        [1, 3],
      ]),
    ).toBe(2);
    expect(
      targetAfter([
        [1, 9],
        [6, 1],
        [1, 3],
      ]),
    ).toBeUndefined();
  });

  it('not by what was needed before the last step', () => {
    expect(targetAfter([[1, 9]], { sinceSeconds: 30 })).toBeUndefined();
    expect(targetAfter([[1, 9]], { sinceSeconds: 20 })).toBe(1);
  });

  it('at once to where a load that falls will soon be, where waiting for that costs less than two steps', () => {
    // In 5 s one will do for 20 s, and has done for 15: 5 × 5 s of surplus, against 24 for two to come down again and 24 until that is paid.
    expect(targetAfter(falling)).toBeUndefined();
    expect(targetAfter([...falling, [1, 1]])).toBe(1);
  });

  it('a step first, where the surplus until the next would cost more', () => {
    expect(targetAfter(falling, { rebalanceSeconds: 0.02 })).toBe(2);
  });

  it('a step first, where less would do only just now, as it does now and then', () => {
    expect(
      targetAfter([
        [6, 9],
        [5, 15],
        [4, 1],
      ]),
    ).toBe(5);
  });

  it('along a ramp once its surplus has cost what two steps do, though a further level is always nearly due', () => {
    const ramp = Array.from({ length: 100 }, (_, look) => 24 - Math.floor(look / 5));
    const targets = ramp.map((_, look) => {
      const needed = ramp.slice(0, look + 1).map((replicas) => [replicas, 1] as const);
      return targetAfter(needed, { desired: 24, lagSeconds: 30 });
    });
    const first = targets.findIndex((target) => target !== undefined);
    expect({ afterSeconds: everySeconds * first, target: targets[first] }).toEqual({ afterSeconds: 235, target: 17 });
  });
});
