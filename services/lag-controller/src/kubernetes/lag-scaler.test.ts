import { describe, expect, it } from '@jest/globals';
import { policyOf } from '../law/policy.ts';
import { lagScalerOf } from './lag-scaler.fixture.ts';
import { lagScalerSchema, policyOfLagScaler } from './lag-scaler.ts';

describe('the policy of a LagScaler', () => {
  it('has the defaults of a scaler anywhere', () => {
    expect(policyOfLagScaler(lagScalerOf())).toEqual(policyOf({ lagSeconds: 30 }));
  });

  it('takes over everything that was chosen', () => {
    const chosen = {
      assignor: 'range' as const,
      startFrom: 'earliest' as const,
      partitionsAtOnce: 2,
      messagesPerSecondPerReplica: 50,
      startSeconds: 3,
      rebalanceSeconds: 4,
      rebalancesPerHour: 5,
      failsafe: { afterSeconds: 60, replicas: 3 },
    };
    const scaler = lagScalerOf({ minReplicas: 2, maxReplicas: 9, policy: chosen, objective: { lagSeconds: 7 } });
    expect(policyOfLagScaler(scaler)).toEqual({ ...chosen, minReplicas: 2, maxReplicas: 9, lagSeconds: 7 });
  });

  for (const [annotations, pause] of [
    [{ 'lagscaler.io/paused': 'true' }, 'all'],
    [{ 'lagscaler.io/paused-scale-in': 'true' }, 'scale-in'],
    [{ 'lagscaler.io/paused-scale-out': 'true' }, 'scale-out'],
    [{ 'lagscaler.io/paused-scale-in': 'true', 'lagscaler.io/paused-scale-out': 'true' }, 'all'],
    [{ 'lagscaler.io/paused': 'false' }, undefined],
  ] as const)
    it(`with ${JSON.stringify(annotations)} pauses ${pause ?? 'nothing'}`, () => {
      expect(policyOfLagScaler(lagScalerOf({ annotations })).pause).toBe(pause);
    });
});

describe('a LagScaler as it is read', () => {
  it('may have a status of another version, but not lack what it is scaled by', () => {
    expect(
      lagScalerSchema.safeParse({ ...lagScalerOf(), status: { observedGeneration: -1, later: true } }).success,
    ).toBe(true);
    const { topic: _, ...spec } = lagScalerOf().spec;
    expect(lagScalerSchema.safeParse({ ...lagScalerOf(), spec }).success).toBe(false);
  });
});
