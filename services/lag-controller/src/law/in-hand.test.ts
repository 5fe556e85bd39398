import { describe, expect, it } from '@jest/globals';
import type { Observation } from './observation.ts';
import { policyOf } from './policy.ts';
import { decideAfter, policy } from './world.fixture.ts';

describe('a target that a person or a roll-out has in hand', () => {
  it('holds while a new version is rolled out', () => {
    const change = (one: Observation): Observation => ({
      ...one,
      target: { desired: 12, current: 13, ready: 12, rollingOut: true },
    });
    expect(decideAfter({ replicas: 12, change })).toMatchObject({ replicas: 12, reason: 'rolling-out' });
  });

  it('does not leave a late group alone for as long as a roll-out lasts', () => {
    const rolling = (one: Observation): Observation =>
      one.atMs < 60_000 ? one : { ...one, target: { desired: 3, current: 4, ready: 3, rollingOut: true } };
    const late = { replicas: 3, arrival: 30, finished: 50 / 4, change: rolling };
    expect(decideAfter({ ...late, seconds: 110 })).toMatchObject({ replicas: 3, reason: 'rolling-out' });
    for (const seconds of [120, 400])
      expect(decideAfter({ ...late, seconds })).toMatchObject({ replicas: 12, reason: 'objective-at-risk' });
    expect(decideAfter({ replicas: 3, change: rolling })).toMatchObject({ replicas: 3, reason: 'rolling-out' });
  });

  it('leaves alone what a person has scaled to nothing, blind or not', () => {
    const none = (one: Observation): Observation => ({
      ...one,
      target: { desired: 0, current: 0, ready: 0, rollingOut: false },
    });
    const using = policyOf({ ...policy, failsafe: { afterSeconds: 0, replicas: 8 } });
    for (const [change, reason] of [
      [none, 'scaled-to-zero'],
      [(one: Observation) => none({ ...one, partitions: [] }), 'unknown-data'],
    ] as const)
      expect(decideAfter({ finished: 0, change }, using)).toMatchObject({ replicas: 0, action: 'hold', reason });
  });
});
