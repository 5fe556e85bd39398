import { describe, expect, it } from '@jest/globals';
import type { V1Deployment, V1StatefulSet } from '@kubernetes/client-node';
import { sampleOf } from './workload.ts';

const deployment = {
  metadata: { generation: 4 },
  spec: { replicas: 3 },
  status: { observedGeneration: 4, replicas: 3, updatedReplicas: 3, readyReplicas: 2 },
} as V1Deployment;
const statefulSet = {
  ...deployment,
  status: { ...deployment.status, replicas: 3, updatedReplicas: 2, currentRevision: 'payments-a' },
} as V1StatefulSet;
const withUpdate = (updateRevision: string, updatedReplicas: number) =>
  ({ ...statefulSet, status: { ...statefulSet.status, updateRevision, updatedReplicas } }) as V1StatefulSet;
const rolling = { ...deployment, status: { ...deployment.status, updatedReplicas: 1 } } as V1Deployment;

describe('a workload', () => {
  it('tells what is asked for, what exists and what is ready', () => {
    expect(sampleOf(deployment)).toEqual({ desired: 3, current: 3, ready: 2, rollingOut: false });
  });

  it('without a count asks for one, and without a status has none', () => {
    expect(sampleOf({ metadata: { generation: 0 } })).toEqual({ desired: 1, current: 0, ready: 0, rollingOut: false });
  });

  it('is rolling out while pods of an older version are there, or its newest spec was not seen', () => {
    expect(sampleOf(rolling).rollingOut).toBe(true);
    expect(sampleOf({ ...deployment, metadata: { generation: 5 } }).rollingOut).toBe(true);
  });

  it('is not rolling out when nobody drives the rollout on, which could last for ever', () => {
    const overdue = {
      ...rolling,
      status: { ...rolling.status, conditions: [{ type: 'Progressing', status: 'False' }] },
    };
    const paused = { ...rolling, spec: { ...rolling.spec, paused: true } } as V1Deployment;
    const manual = { ...rolling, spec: { ...rolling.spec, updateStrategy: { type: 'OnDelete' } } } as V1StatefulSet;
    const canary = {
      ...rolling,
      spec: { ...rolling.spec, updateStrategy: { rollingUpdate: { partition: 2 } } },
    } as V1StatefulSet;
    expect([overdue, paused, manual, canary].map((one) => sampleOf(one as V1Deployment).rollingOut)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it('that is a StatefulSet is not rolling out while a pod of a lost node keeps ending, which it counts but not as updated', () => {
    expect(sampleOf(withUpdate('payments-a', 2)).rollingOut).toBe(false);
  });

  it('that is a StatefulSet is rolling out to another revision until all its pods have it', () => {
    expect([1, 2, 3].map((updated) => sampleOf(withUpdate('payments-b', updated)).rollingOut)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('that is a StatefulSet whose newest spec was not seen is rolling out, whatever revision it had', () => {
    expect(sampleOf({ ...withUpdate('payments-a', 3), metadata: { generation: 5 } }).rollingOut).toBe(true);
  });

  it('that is a StatefulSet is not rolling out when somebody keeps it at two revisions', () => {
    const { spec, ...rest } = withUpdate('payments-b', 1);
    const kept = [{ type: 'OnDelete' }, { type: 'RollingUpdate', rollingUpdate: { partition: 2 } }];
    const found = kept.map((updateStrategy) =>
      sampleOf({ ...rest, spec: { ...spec, updateStrategy } } as V1StatefulSet),
    );
    expect(found.map(({ rollingOut }) => rollingOut)).toEqual([false, false]);
  });
});
