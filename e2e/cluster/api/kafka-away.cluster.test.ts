import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { freePort } from '../../../scripts/embedded/free-port.ts';
import { startKafka } from '../../../scripts/embedded/kafka.ts';
import { closeAll } from '../../../scripts/testing/close-all.ts';
import { until } from '../../../scripts/testing/until.ts';
import { type Cluster, openCluster } from '../cluster.ts';
import { type Controllers, controllersOf } from './controllers.ts';
import { type OverloadedGroup, overloadGroup } from './overloaded-group.ts';

jest.setTimeout(180_000);

let [dataDir, port] = ['', 0];
let kafka: Awaited<ReturnType<typeof startKafka>>;
let cluster: Cluster;
let controllers: Controllers;
let load: OverloadedGroup;

const openKafka = async () => {
  kafka = await startKafka({ port, dataDir, onProgress: () => {} });
};

beforeAll(async () => {
  [dataDir, port] = [await mkdtemp(join(tmpdir(), 'kafka-away-')), await freePort()];
  await openKafka();
  cluster = await openCluster('kafka-away');
  load = await overloadGroup(`127.0.0.1:${port}`);
  controllers = await controllersOf(cluster, `127.0.0.1:${port}`);
});
afterAll(() =>
  closeAll(
    () => controllers.close(),
    () => load.close(),
    () => kafka.stop(),
    () => cluster.remove(),
    () => rm(dataDir, { recursive: true }),
  ),
);

it('the replicas are held while Kafka is away, the status and the metrics say so, and scaling goes on after', async () => {
  await cluster.deploy('payments');
  await cluster.apply(load.lagScaler('payments', { maxReplicas: 2 }));
  const controller = await controllers.start();
  await until('it is scaled to its maximum', async () => (await cluster.replicas('payments')) === 2, 60_000);

  await kafka.stop();
  const blind = await until(
    'the status says that nothing is known',
    async () => {
      const ready = await cluster.condition('payments', 'Ready');
      return ready?.reason === 'DataUnknown' && ready;
    },
    60_000,
  );
  expect(blind.status).toBe('False');
  expect(await cluster.condition('payments', 'MetricsFresh')).toMatchObject({ status: 'False', reason: 'Unknown' });
  const name = `${cluster.namespace}/payments`;
  expect(
    await controller.metric(`lag_controller_decisions_total{scaler="${name}",action="hold",reason="unknown-data"`),
  ).toBeGreaterThan(0);
  expect(await controller.metric(`kafka_consumergroup_lag{consumergroup="${load.fixture.groupId}"`)).toBeUndefined();
  expect((await cluster.lagScaler('payments')).status?.lag).toBeUndefined();
  expect(await cluster.replicas('payments')).toBe(2);

  await cluster.apply(load.lagScaler('payments', { maxReplicas: 4 }));
  await openKafka();
  await until('it is scaled further', async () => (await cluster.replicas('payments')) > 2, 90_000);
  await until('the Events tell of both', async () =>
    /DataUnknown: .*\n(?:.*\n)*Recovered: Ready is True again/.test((await cluster.events('payments')).join('\n')),
  );
});
