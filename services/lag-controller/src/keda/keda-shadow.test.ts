import { describe, expect, it } from '@jest/globals';
import { policyOf } from '../law/policy.ts';
import { roundOf, scalerOf } from '../round.fixture.ts';
import { kedaShadow } from './keda-shadow.ts';

const scaler = scalerOf('payments');

/** What is asked for after looks at the lag of each of 4 partitions, at these seconds. */
function shadowOf(
  looks: readonly (readonly [second: number, lag: number])[],
  bounds: { readonly minReplicas?: number; readonly maxReplicas?: number } = {},
): (number | undefined)[] {
  const shadow = kedaShadow();
  const policy = policyOf({ ...scaler.policy, ...bounds });
  return looks.map(([second, lag]) => {
    const partitions = [0, 1, 2, 3].map((partition) => ({ partition, high: 40 + lag, low: 0, committed: 40 }));
    const target = { desired: 1, current: 1, ready: 1, rollingOut: false };
    shadow.listen({ ...scaler, policy }, roundOf('payments', second * 1_000, [], { partitions, target }));
    return shadow.replicas('payments');
  });
}

describe("KEDA's shadow", () => {
  it('asks every 15 s, as the HPA does, and not in between', () => {
    expect(
      shadowOf([
        [0, 5],
        [10, 10],
        [15, 10],
      ]),
    ).toEqual([2, 2, 4]);
  });

  it('stays within the bounds of the scaler, and of the partitions where it has no maximum', () => {
    expect(shadowOf([[0, 0]], { minReplicas: 2 })).toEqual([2]);
    expect(shadowOf([[0, 10]], { maxReplicas: 3 })).toEqual([3]);
    expect(shadowOf([[0, 1_000]])).toEqual([4]);
  });

  it('remembers what it wanted, and comes down only after five minutes', () => {
    expect(
      shadowOf([
        [0, 10],
        [15, 0],
        [290, 0],
        [320, 0],
      ]),
    ).toEqual([4, 4, 4, 1]);
  });

  it('knows nothing of a scaler that it was not told of, or was told to forget', () => {
    const shadow = kedaShadow();
    expect(shadow.replicas('payments')).toBeUndefined();
    const partitions = [{ partition: 0, high: 9, low: 0, committed: 4 }];
    const target = { desired: 2, current: 2, ready: 2, rollingOut: false };
    shadow.listen(scaler, roundOf('payments', 0, [], { partitions, target }));
    expect(shadow.replicas('payments')).toBe(1);
    shadow.forget('payments');
    expect(shadow.replicas('payments')).toBeUndefined();
  });
});
