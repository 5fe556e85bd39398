import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { closeAll } from '../../scripts/testing/close-all.ts';
import { until } from '../../scripts/testing/until.ts';
import { openTopic, type TopicFixture } from '../../services/shared/src/messaging/topic.fixture.ts';
import type { Write } from './api/api-proxy.ts';
import { type Controller, type Controllers, controllersOf } from './api/controllers.ts';
import { type Cluster, openCluster } from './cluster.ts';

jest.setTimeout(180_000);

describe('two lag controllers', () => {
  let cluster: Cluster;
  let controllers: Controllers;
  let kafka: TopicFixture;
  let first: Controller;
  let second: Controller;
  let unrest: { stop: () => Promise<void> };

  beforeAll(async () => {
    const brokers = process.env.TEST_KAFKA_BROKERS ?? '';
    [cluster, kafka] = await Promise.all([openCluster('hand-over'), openTopic(brokers, 6)]);
    await cluster.deploy('payments');
    const want = (replicas: number) =>
      cluster.apply({
        apiVersion: 'lagscaler.io/v1alpha1',
        kind: 'LagScaler',
        metadata: { name: 'payments' },
        spec: {
          scaleTargetRef: { name: 'payments' },
          consumerGroup: kafka.groupId,
          topic: kafka.topic,
          minReplicas: replicas,
          maxReplicas: replicas,
        },
      });
    await want(2);
    unrest = keepWanting([3, 2], { want, are: () => cluster.replicas('payments') });
    controllers = await controllersOf(cluster, brokers);
    first = await controllers.start();
    await until('the first one acts', () => scaleWrites(first).length > 0);
    second = await controllers.start();
  });
  afterAll(() =>
    closeAll(
      () => unrest.stop(),
      () => controllers.close(),
      () => kafka.close(),
      () => cluster.remove(),
    ),
  );

  it('are one writer, while a scale is written every second', async () => {
    const before = scaleWrites(first).length;
    await until('five more writes', () => scaleWrites(first).length >= before + 5);
    expect(actions(second)).toEqual([]);
    expect([await first.metric('lag_controller_leader'), await second.metric('lag_controller_leader')]).toEqual([1, 0]);
  });

  it('hand over within 15 s when the leader is stopped, which writes nothing when it wakes', async () => {
    const stoppedAtMs = Date.now();
    first.process.signal('SIGSTOP');
    expect(await leadsAfter(second, stoppedAtMs)).toBeLessThan(15_000);
    await until('the second one acts', () => scaleWrites(second).length > 0);
    const before = actions(first).length;
    first.process.signal('SIGCONT');
    await first.process.line(({ msg }) => msg === 'the lease was lost');
    const seen = scaleWrites(second).length;
    await until('the second one acts on', () => scaleWrites(second).length >= seen + 3);
    expect(actions(first).slice(before)).toEqual([]);
  });

  it('hand over within 15 s when the leader is killed', async () => {
    const before = scaleWrites(first).length;
    const killedAtMs = Date.now();
    await second.process.kill();
    expect(await leadsAfter(first, killedAtMs)).toBeLessThan(15_000);
    await until('the first one acts again', () => scaleWrites(first).length > before);
  });

  it('hand over at once when the leader is asked to end', async () => {
    const third = await controllers.start();
    await until('there is another candidate', async () => (await third.metric('lag_controller_leader')) === 0);
    const endedAtMs = Date.now();
    await first.process.stop();
    expect(await leadsAfter(third, endedAtMs)).toBeLessThan(5_000);
    await until('the third one acts', () => scaleWrites(third).length > 0);
    const writers = [first, second, third]
      .flatMap((one) => actions(one).map(({ atMs }) => ({ atMs, one })))
      .sort((left, right) => left.atMs - right.atMs)
      .map(({ one }) => one);
    const handOvers = writers.filter((one, index) => index > 0 && one !== writers[index - 1]);
    expect(handOvers).toEqual([second, first, third]);
  });
});

/** How long after `sinceMs` it has taken the lease, in ms. It acts with its next round. */
async function leadsAfter({ api }: Controller, sinceMs: number): Promise<number> {
  const isTaken = ({ path, status, atMs }: Write) => path.includes('/leases') && status < 300 && atMs > sinceMs;
  return (await until('another one leads', () => api.writes.find(isTaken))).atMs - sinceMs;
}

/** What only the leader may do, as the API server was asked for it. */
function actions({ api }: Controller): Write[] {
  return api.writes.filter(({ path }) => !path.includes('/leases'));
}

function scaleWrites({ api }: Controller): Write[] {
  return api.writes.filter(({ path, status }) => path.includes('/scale') && status < 300);
}

interface Replicas {
  readonly want: (replicas: number) => Promise<void>;
  readonly are: () => Promise<number>;
}

/** Wants the next number as soon as the one before is there: whoever leads has something to write, and one who begins to has at once. */
function keepWanting(numbers: readonly number[], { want, are }: Replicas): { stop: () => Promise<void> } {
  let isStopping = false;
  const run = async () => {
    for (let index = 0; !isStopping; index += 1) {
      const wanted = numbers[index % numbers.length] as number;
      await want(wanted);
      await until(`${wanted} replicas`, async () => isStopping || (await are()) === wanted, 60_000);
    }
  };
  const running = run();
  running.catch(() => 'stop throws it');
  return {
    async stop() {
      isStopping = true;
      await running;
    },
  };
}
