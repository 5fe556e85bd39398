import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { closeAll } from '../../../scripts/testing/close-all.ts';
import { until } from '../../../scripts/testing/until.ts';
import { type Cluster, kubectl, openCluster } from '../cluster.ts';
import { type Controller, type Controllers, controllersOf } from './controllers.ts';
import { type OverloadedGroup, overloadGroup } from './overloaded-group.ts';

jest.setTimeout(300_000);
const patienceMs = 90_000;

describe.each([
  ['reads its targets by name', {}],
  ['lists its targets', { LIST_TARGETS: 'true' }],
])('a lag controller in a cluster that %s', (_, settings) => {
  let cluster: Cluster;
  let controllers: Controllers;
  let controller: Controller;
  let load: OverloadedGroup;

  beforeAll(async () => {
    const brokers = process.env.TEST_KAFKA_BROKERS ?? '';
    cluster = await openCluster('scaling');
    load = await overloadGroup(brokers);
    controllers = await controllersOf(cluster, brokers);
    controller = await controllers.start(settings);
  });
  afterAll(() =>
    closeAll(
      () => controllers.close(),
      () => load.close(),
      () => cluster.remove(),
    ),
  );

  const lagScaler: OverloadedGroup['lagScaler'] = (...args) => load.lagScaler(...args);
  const condition = (name: string, type: string, status: string) =>
    until(
      `${type} of ${name} is ${status}`,
      async () => {
        const found = await cluster.condition(name, type);
        return found?.status === status && found;
      },
      patienceMs,
    );
  const raised = (name: string) =>
    until(`${name} is scaled up`, async () => (await cluster.replicas(name)) > 1, patienceMs);

  it('scales a Deployment through its scale subresource, and its status and Events tell why', async () => {
    await cluster.deploy('plain');
    await cluster.apply(lagScaler('plain'));
    await raised('plain');
    const replicas = await cluster.replicas('plain');
    const { managedFields } =
      (await cluster.apps.readNamespacedDeployment({ name: 'plain', namespace: cluster.namespace })).metadata ?? {};
    expect(managedFields).toContainEqual(expect.objectContaining({ manager: 'lag-controller', subresource: 'scale' }));
    expect(await condition('plain', 'Ready', 'True')).toMatchObject({ reason: 'AsDecided' });
    const { status } = await until('the status says so', async () => {
      const found = await cluster.lagScaler('plain');
      return found.status?.desiredReplicas === replicas && found;
    });
    expect(status).toMatchObject({ observedGeneration: 1, partitions: 6 });
    expect(status?.lag).toBeGreaterThan(0);
    expect(status?.lastScaleTime).toMatch(/^\d{4}-/);
    await until('there is an Event', async () =>
      (await cluster.events('plain')).some((event) => event.startsWith(`ScaledUp: Deployment plain: 1 → ${replicas} `)),
    );
  });

  it('leaves a target to its HorizontalPodAutoscaler, and takes over when that is gone', async () => {
    await cluster.deploy('rivalled');
    const autoscaler = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'rival' },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'rivalled' },
        maxReplicas: 3,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
        ],
      },
    };
    await cluster.apply(autoscaler, lagScaler('rivalled'));
    const { message } = await condition('rivalled', 'Conflict', 'True');
    expect(message).toBe('HorizontalPodAutoscaler rival scales Deployment rivalled too: delete one of the two.');
    expect(await condition('rivalled', 'Stalled', 'True')).toMatchObject({ reason: 'Conflict' });
    await until(
      'it would have scaled',
      async () => ((await cluster.lagScaler('rivalled')).status?.desiredReplicas ?? 0) > 1,
      patienceMs,
    );
    expect(await cluster.replicas('rivalled')).toBe(1);
    await kubectl(['--namespace', cluster.namespace, 'delete', 'hpa', 'rival']);
    await condition('rivalled', 'Conflict', 'False');
    await raised('rivalled');
  });

  it('leaves a target to the LagScaler that was there first', async () => {
    await cluster.deploy('shared');
    await cluster.apply(lagScaler('shared'));
    await condition('shared', 'Conflict', 'False');
    // Creation is told in whole seconds, and within one the name decides.
    const { creationTimestamp } = (await cluster.lagScaler('shared')).metadata;
    await until('a later second has begun', () => Date.now() >= Date.parse(creationTimestamp) + 1_000);
    await cluster.apply(lagScaler('another', {}, 'shared'));
    const { message } = await condition('another', 'Conflict', 'True');
    expect(message).toBe('LagScaler shared scales Deployment shared already: delete one of the two.');
  });

  it('does not fight somebody who sets the replicas again and again', async () => {
    await cluster.deploy('fought');
    await cluster.apply(lagScaler('fought'));
    let changes = 0;
    const fight = async () => {
      if ((await cluster.replicas('fought')) > 1) {
        await cluster.scale('fought', 1);
        changes += 1;
      }
      return (await cluster.condition('fought', 'Conflict'))?.status === 'True';
    };
    await until('there is a conflict', fight, 240_000);
    expect((await cluster.condition('fought', 'Conflict'))?.message).toMatch(
      /^Somebody else changed the replicas of Deployment fought 3 times within half an hour/,
    );
    expect({ changes, replicas: await cluster.replicas('fought') }).toEqual({ changes: 3, replicas: 1 });
  });

  it('only tells what it would do in a dry run', async () => {
    await cluster.deploy('dry');
    await cluster.apply(lagScaler('dry', { dryRun: true }));
    await until(
      'it would scale up',
      async () => ((await cluster.lagScaler('dry')).status?.desiredReplicas ?? 0) > 1,
      patienceMs,
    );
    expect(await cluster.condition('dry', 'Ready')).toMatchObject({ status: 'True', reason: 'DryRun' });
    expect(await cluster.replicas('dry')).toBe(1);
  });

  it('holds while an annotation pauses it', async () => {
    await cluster.deploy('paused');
    const { metadata, ...rest } = lagScaler('paused');
    await cluster.apply({ ...rest, metadata: { ...metadata, annotations: { 'lagscaler.io/paused': 'true' } } });
    await condition('paused', 'Paused', 'True');
    expect(await cluster.replicas('paused')).toBe(1);
    await kubectl(['--namespace', cluster.namespace, 'annotate', 'lagscaler', 'paused', 'lagscaler.io/paused-']);
    await raised('paused');
  });

  it('says that the target or the topic is not there', async () => {
    await cluster.apply(lagScaler('homeless'));
    expect(await condition('homeless', 'Stalled', 'True')).toMatchObject({
      reason: 'TargetNotReadable',
      message: expect.stringContaining('deployments.apps "homeless" not found'),
    });
    await cluster.deploy('topicless');
    await cluster.apply(lagScaler('topicless', { topic: 'nowhere' }));
    expect(await condition('topicless', 'MetricsFresh', 'False')).toMatchObject({
      message: expect.stringContaining('nowhere'),
    });
    expect(await condition('topicless', 'Ready', 'False')).toMatchObject({ reason: 'DataUnknown' });
  });

  it('holds while it may not see what else scales, says so, and goes on after', async () => {
    const name = 'held';
    await cluster.deploy(name);
    await cluster.apply(lagScaler(name, { minReplicas: 2, maxReplicas: 2 }));
    await raised(name);
    controller.api.refuse('/horizontalpodautoscalers');
    try {
      const age = () => controller.metric('lag_controller_scalers_age_seconds');
      await until('a list was refused', async () => ((await age()) ?? 0) > 2, patienceMs);
      await cluster.scale(name, 1);
      expect(await condition(name, 'Ready', 'False')).toMatchObject({
        reason: 'NotWritten',
        message: expect.stringMatching(/^What is to be scaled could not be read: .*403/),
      });
      expect(await cluster.replicas(name)).toBe(1);
    } finally {
      controller.api.refuse(undefined);
    }
    await raised(name);
  });

  it('holds while the API server is silent, says so in its metrics, and goes on after', async () => {
    await cluster.deploy('cut-off');
    const name = `${cluster.namespace}/cut-off`;
    const blind = `lag_controller_decisions_total{scaler="${name}",action="hold",reason="unknown-data"`;
    await cluster.apply(lagScaler('cut-off'));
    await condition('cut-off', 'Ready', 'True');
    controller.api.silence(true);
    await until('it says that it is blind', async () => ((await controller.metric(blind)) ?? 0) > 0, patienceMs);
    await until('it no longer leads', async () => (await controller.metric('lag_controller_leader')) === 0);
    controller.api.silence(false);
    await raised('cut-off');
  });
});
