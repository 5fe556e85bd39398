import { describe, expect, it } from '@jest/globals';
import { createRegistry } from '@shop/shared/metrics';
import { newHistory } from './history.ts';
import { controllerMetrics } from './metrics.ts';
import { observe } from './observe.ts';
import { policyOf } from './policy.ts';
import type { Scaler } from './scaler.ts';
import { decide } from './scaling.ts';

const policy = policyOf({ lagSeconds: 10, startFrom: 'earliest' });
const scaler: Scaler = {
  name: 'payments',
  group: 'g',
  topic: 't',
  policy,
  dryRun: false,
  target: { read: () => Promise.reject(new Error('unused')), scale: async () => {} },
};

describe('the metrics', () => {
  it('have no series for a partition that is unknown, rather than a zero', async () => {
    const registry = createRegistry('lag-controller');
    const listen = controllerMetrics(registry, { isLeader: () => true, nowMs: () => 3_000 });
    const observation = {
      atMs: 1_000,
      partitions: [{ partition: 0, high: 9, low: 0, committed: 4 }, { partition: 1 }],
      group: { state: 'Stable', members: 1 },
      target: { desired: 1, current: 1, ready: 1, rollingOut: false },
    } as const;
    const history = observe(newHistory(), observation, policy);
    const decision = decide(history, policy, observation.atMs);
    listen(scaler, { scaler: 'payments', observation, decision, learned: {}, faults: [] });
    const page = await registry.metrics();
    expect(page).toMatch(/kafka_consumergroup_lag\{consumergroup="g",topic="t",partition="0",[^}]*\} 5\n/);
    expect(page).not.toMatch(/^kafka_\w+\{[^}]*partition="1"/m);
    expect(page).toMatch(/kafka_topic_partitions\{topic="t",[^}]*\} 2\n/);
    expect(page).toMatch(/lag_controller_partition_state\{scaler="payments",state="unknown",[^}]*\} 1\n/);
    expect(page).toMatch(/lag_controller_sample_age_seconds\{[^}]*\} 2\n/);
    expect(page).toMatch(/lag_controller_leader\{[^}]*\} 1\n/);
    expect(page).toContain(`reason="${decision.reason}"`);
  });

  it('show what KEDA would ask for beside what is asked for', async () => {
    const registry = createRegistry('lag-controller');
    const listen = controllerMetrics(registry, { isLeader: () => true, nowMs: () => 1_000 });
    const partitions = [0, 1, 2, 3].map((partition) => ({ partition, high: 40, low: 0, committed: 30 }));
    const target = { desired: 1, current: 1, ready: 1, rollingOut: false };
    const observation = { atMs: 1_000, partitions, target };
    const decision = decide(observe(newHistory(), observation, policy), policy, observation.atMs);
    listen(scaler, { scaler: 'payments', observation, decision, learned: {}, faults: [] });
    // 40 messages over KEDA's threshold of 10.
    expect(await registry.metrics()).toMatch(
      /lag_controller_recommended_replicas\{scaler="payments",law="keda",[^}]*\} 4\n/,
    );
  });
});
