import { beforeEach, describe, expect, it } from '@jest/globals';
import { createRegistry, type Registry } from '@shop/shared/metrics';
import { roundOf, scalerOf } from '../round.fixture.ts';
import { controllerMetrics } from './metrics.ts';

const target = { desired: 1, current: 1, ready: 1, rollingOut: false };
const group = { state: 'Stable', members: 1 } as const;
const partitions = [0, 1, 2, 3].map((partition) => ({ partition, high: 40, low: 0, committed: 30 }));

describe('the metrics', () => {
  let registry: Registry;
  let metrics: ReturnType<typeof controllerMetrics>;

  beforeEach(() => {
    registry = createRegistry('lag-controller');
    metrics = controllerMetrics(registry, { isLeader: () => true, scalersReadAtMs: () => 1_500, nowMs: () => 3_000 });
  });

  it('have no series for a partition that is unknown, rather than a zero', async () => {
    const partitions = [{ partition: 0, high: 9, low: 0, committed: 4 }, { partition: 1 }];
    const round = roundOf('payments', 1_000, [], { partitions, group, target });
    metrics.listen(scalerOf('payments'), round);
    const page = await registry.metrics();
    expect(page).toMatch(/kafka_consumergroup_lag\{consumergroup="g",topic="t",partition="0",[^}]*\} 5\n/);
    expect(page).not.toMatch(/^kafka_\w+\{[^}]*partition="1"/m);
    expect(page).toMatch(/kafka_topic_partitions\{topic="t",[^}]*\} 2\n/);
    expect(page).toMatch(/lag_controller_partition_state\{scaler="payments",state="unknown",[^}]*\} 1\n/);
    expect(page).toMatch(/lag_controller_sample_age_seconds\{[^}]*\} 2\n/);
    expect(page).toMatch(/lag_controller_leader\{[^}]*\} 1\n/);
    expect(page).toMatch(/lag_controller_scalers_age_seconds\{[^}]*\} 1.5\n/);
    expect(page).toContain(`reason="${round.decision.reason}"`);
  });

  it('are those of exporters only where this process acts, since dashboards add them up', async () => {
    let isLeader = false;
    registry = createRegistry('lag-controller');
    metrics = controllerMetrics(registry, { isLeader: () => isLeader, scalersReadAtMs: () => 0, nowMs: () => 0 });
    metrics.listen(scalerOf('payments'), roundOf('payments', 1_000, [], { partitions, group, target }));
    expect(await registry.metrics()).not.toMatch(/^kafka_\w+\{/m);
    isLeader = true;
    expect(await registry.metrics()).toMatch(/^kafka_consumergroup_lag\{/m);
  });

  it('tell the age of what stands still too, and of members nothing where they cannot be seen', async () => {
    const round = roundOf('payments', 1_000, [], { partitions, group: { state: 'Dead', members: 0 }, target });
    const terms = {
      ...round.decision.terms,
      ageSeconds: 2,
      partitions: [
        { partition: 0, state: 'stalled', backlog: 10, ageSeconds: 90 },
        { partition: 1, state: 'known', backlog: 10, ageSeconds: 2 },
      ],
    } as const;
    metrics.listen(scalerOf('payments'), { ...round, decision: { ...round.decision, terms } });
    const page = await registry.metrics();
    expect(page).toMatch(/^kafka_consumergroup_group_max_lag_seconds\{[^}]*\} 90\n/m);
    expect(page).not.toMatch(/^kafka_consumergroup_members\{/m);
  });

  it.each([
    ['nothing could be read', {}],
    ['no offset of the group could be', { partitions: partitions.map(({ partition, high }) => ({ partition, high })) }],
  ])('have no sum and no rate where %s, rather than those of a group that has caught up', async (_, seen) => {
    metrics.listen(scalerOf('payments'), roundOf('payments', 1_000, [], { group, target, ...seen }));
    const page = await registry.metrics();
    expect(page).not.toMatch(/^(kafka_consumergroup_lag_sum|lag_controller_(lag_messages|\w+_rate))\{/m);
    expect(page).toMatch(/^lag_controller_ready_replicas\{/m);
  });

  it('show what KEDA would ask for beside what is asked for', async () => {
    const round = roundOf('payments', 1_000, [], { partitions, group, target });
    metrics.listen(scalerOf('payments'), round);
    const page = await registry.metrics();
    const recommended = (law: string) =>
      page.match(
        new RegExp(`lag_controller_recommended_replicas\\{scaler="payments",law="${law}",[^}]*\\} (\\d+)`),
      )?.[1];
    // 40 messages over KEDA's threshold of 10.
    expect(recommended('keda')).toBe('4');
    expect(recommended('lag-controller')).toBe(String(round.decision.replicas));
  });

  it('say how old a message is beside how old it may get, and how many replicas there may be', async () => {
    const round = roundOf('payments', 1_000, [], { partitions, group, target });
    metrics.listen(scalerOf('payments'), round);
    const page = await registry.metrics();
    const { ageSeconds, backlog, bounds } = round.decision.terms;
    const expected = { lag_seconds: ageSeconds, lag_messages: backlog, maximum_replicas: bounds?.max };
    for (const [name, value] of Object.entries({ ...expected, objective_seconds: 10, ready_replicas: 1 }))
      expect(page).toMatch(new RegExp(`^lag_controller_${name}\\{scaler="payments",[^}]*\\} ${value}$`, 'm'));
  });

  it('lose every series of a scaler that is gone, and none of another', async () => {
    const listen = (name: string) =>
      metrics.listen(scalerOf(name), roundOf(name, 1_000, [], { partitions, group, target }));
    for (const name of ['gone', 'other']) listen(name);
    await registry.metrics();
    metrics.forget('gone');
    const page = await registry.metrics();
    expect(page).not.toContain('gone');
    expect(page).toMatch(/lag_controller_decisions_total\{scaler="other"/);
    listen('gone');
    expect(await registry.metrics()).toMatch(/lag_controller_decisions_total\{scaler="gone",[^}]*\} 1\n/);
  });

  it('lose those of Kafka with the last scaler that read them', async () => {
    metrics.listen(scalerOf('one'), roundOf('one', 1_000, [], { partitions, group, target }));
    expect(await registry.metrics()).toMatch(/^kafka_\w+\{/m);
    metrics.forget('one');
    expect(await registry.metrics()).not.toMatch(/^kafka_\w+\{/m);
  });
});
