import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { connectApi } from '../../../services/lag-controller/src/kubernetes/api.ts';
import { statusWriter } from '../../../services/lag-controller/src/kubernetes/status-writer.ts';
import { roundOf } from '../../../services/lag-controller/src/round.fixture.ts';
import { createLog } from '../../../services/shared/src/log.ts';
import { type Cluster, kubectl, openCluster } from '../cluster.ts';

jest.setTimeout(60_000);

const spec = { scaleTargetRef: { name: 'payments' }, consumerGroup: 'payments-service-group', topic: 'orders.created' };
const lagScaler = (changes: Record<string, unknown>, name = 'payments') => ({
  apiVersion: 'lagscaler.io/v1alpha1',
  kind: 'LagScaler',
  metadata: { name },
  spec: { ...spec, ...changes },
});

describe('a LagScaler', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await openCluster('crd');
  });
  afterAll(() => cluster.remove());

  it('needs a target, a group and a topic; everything else has a default', async () => {
    await cluster.apply(lagScaler({}));
    expect((await cluster.lagScaler('payments')).spec).toEqual({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'payments' },
      consumerGroup: 'payments-service-group',
      topic: 'orders.created',
      minReplicas: 1,
      objective: { lagSeconds: 30 },
      policy: {},
      dryRun: false,
    });
  });

  it('is not taken for ready before a controller has seen it', async () => {
    await cluster.apply(lagScaler({}, 'unseen'));
    expect((await cluster.lagScaler('unseen')).status).toEqual({ observedGeneration: -1 });
  });

  for (const [changes, sentence] of [
    [
      { minReplicas: 5, maxReplicas: 3 },
      'spec.minReplicas: Invalid value: "object": minReplicas must not be above maxReplicas',
    ],
    [{ minReplicas: 0 }, 'spec.minReplicas'],
    [{ objective: { lagSeconds: 0 } }, 'spec.objective.lagSeconds'],
    [{ scaleTargetRef: { kind: 'Job', name: 'payments' } }, 'spec.scaleTargetRef.kind: Unsupported value: "Job"'],
    [{ topic: 'orders created' }, 'spec.topic'],
    [{ consumerGroup: '' }, 'spec.consumerGroup'],
    [{ policy: { failsafe: { replicas: 3 } } }, '"afterSeconds"'],
    [{ maxReplicas: 2, policy: { failsafe: { afterSeconds: 60, replicas: 3 } } }, 'spec.policy.failsafe.replicas'],
    [{ policy: { assignor: 'sticky' } }, 'spec.policy.assignor: Unsupported value: "sticky"'],
    [{ consumerMetrics: { service: 'payments' } }, '"port"'],
    [{ lagSeconds: 30 }, '"lagSeconds"'],
  ] as const)
    it(`with ${JSON.stringify(changes)} is refused, naming the field`, async () => {
      await expect(cluster.apply(lagScaler(changes, 'bad'))).rejects.toThrow(sentence);
    });

  it('keeps its group and its topic, since what was learned belongs to them', async () => {
    await expect(cluster.apply(lagScaler({ topic: 'orders.paid' }))).rejects.toThrow(
      'spec.topic: Invalid value: "string": is fixed: make another LagScaler for another topic',
    );
  });

  it('gets no status that was meant for another of its name, which was there before', async () => {
    const log = createLog('test', { logLevel: 'silent' });
    const writer = statusWriter({ api: connectApi(), identity: 'one', mayWrite: () => true, log });
    const tell = async (one: Awaited<ReturnType<Cluster['lagScaler']>>) => {
      writer.tell(one, roundOf('replaced', Date.now()), undefined);
      await writer.close();
      return (await cluster.lagScaler('replaced')).status?.observedGeneration;
    };
    await cluster.apply(lagScaler({}, 'replaced'));
    const before = await cluster.lagScaler('replaced');
    await kubectl(['--namespace', cluster.namespace, 'delete', 'lagscaler', 'replaced']);
    await cluster.apply(lagScaler({}, 'replaced'));
    expect(await tell(before)).toBe(-1);
    expect(await tell(await cluster.lagScaler('replaced'))).toBe(1);
  });
});
