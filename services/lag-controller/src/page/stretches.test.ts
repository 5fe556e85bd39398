import { describe, expect, it } from '@jest/globals';
import { pointAt } from './point.fixture.ts';
import { stretchesOf } from './stretches.ts';

const told = (...points: ReturnType<typeof pointAt>[]) =>
  stretchesOf(points, 15).map(({ first, untilMs }) => [first.reason, first.atMs, untilMs]);

describe('stretches', () => {
  it('last while the same is said, until the next one begins', () => {
    expect(
      told(
        pointAt(0),
        pointAt(5, { ageSeconds: 9 }),
        pointAt(10, { reason: 'settling' }),
        pointAt(15, { reason: 'settling' }),
      ),
    ).toEqual([
      ['steady', 0, 10],
      ['settling', 10, 15],
    ]);
  });

  it('end where nobody looked, even if the same is said after it', () => {
    expect(told(pointAt(0), pointAt(5), pointAt(50))).toEqual([
      ['steady', 0, 5],
      ['steady', 50, 50],
    ]);
  });

  it.each([
    ['another count', { desired: 4 }],
    ['another action', { action: 'up' }],
    ['not done', { withheld: 'dry-run' }],
  ] as const)('end with %s', (_, changed) => {
    expect(told(pointAt(0), pointAt(5, changed))).toHaveLength(2);
  });

  it('have each of their remarks once', () => {
    const [stretch] = stretchesOf(
      [['a'], ['b', 'a'], []].map((faults, at) => pointAt(at, { faults })),
      15,
    );
    expect(stretch?.remarks).toEqual(['a', 'b']);
  });
});
