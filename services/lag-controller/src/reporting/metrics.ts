import { counter, gauge, type Registry } from '@shop/shared/metrics';
import { kedaShadow } from '../keda/keda-shadow.ts';
import { reasons, type Terms } from '../law/decision.ts';
import { isAnythingKnown } from '../law/terms.ts';
import type { Round, RoundListener, Scaler } from '../scaler.ts';
import { lagMetrics } from './lag-metrics.ts';

interface Newest {
  readonly scaler: Scaler;
  readonly round: Round;
}

type Read = (newest: Newest) => number | undefined;

function whereKnown(read: (terms: Terms) => number): Read {
  return ({ round: { decision } }) => (isAnythingKnown(decision.terms) ? read(decision.terms) : undefined);
}

const law: readonly (readonly [name: string, help: string, read: Read])[] = [
  [
    'lag_controller_desired_replicas',
    'Replicas the target is asked for',
    ({ round }) => round.observation.target?.desired,
  ],
  ['lag_controller_current_replicas', 'Replicas that exist', ({ round }) => round.observation.target?.current],
  ['lag_controller_ready_replicas', 'Replicas that are ready', ({ round }) => round.observation.target?.ready],
  ['lag_controller_minimum_replicas', 'Never fewer are asked for', ({ round }) => round.decision.terms.bounds?.min],
  [
    'lag_controller_maximum_replicas',
    'Never more are asked for: maxReplicas, or the partitions where they are fewer',
    ({ round }) => round.decision.terms.bounds?.max,
  ],
  [
    'lag_controller_lag_messages',
    'Messages the group has not finished, where known',
    whereKnown(({ backlog }) => backlog),
  ],
  [
    'lag_controller_lag_seconds',
    'Age of the oldest message that more replicas could help with',
    ({ round }) => round.decision.terms.ageSeconds,
  ],
  ['lag_controller_objective_seconds', 'How old a message may get', ({ scaler }) => scaler.policy.lagSeconds],
  ['lag_controller_arrival_rate', 'Messages per second written', whereKnown(({ arrivalRate }) => arrivalRate)],
  [
    'lag_controller_consumption_rate',
    'Messages per second finished',
    whereKnown(({ consumptionRate }) => consumptionRate),
  ],
  [
    'lag_controller_capacity_per_replica',
    'Messages per second one replica can finish',
    ({ round }) => round.decision.terms.capacity.messagesPerSecond,
  ],
  [
    'lag_controller_rebalances_last_hour',
    'Rebalances of the group within an hour',
    ({ round }) => round.decision.terms.rebalancesLastHour,
  ],
];

interface MetricsOptions {
  readonly isLeader: () => boolean;
  readonly scalersReadAtMs: () => number;
  readonly nowMs: () => number;
}

/**
 * Registers everything that is known of the newest round of each scaler; what is unknown has no series.
 * `forget` takes the series of a scaler away that there is no more.
 */
export function controllerMetrics(
  registry: Registry,
  { isLeader, scalersReadAtMs, nowMs }: MetricsOptions,
): { readonly listen: RoundListener; readonly forget: (scaler: string) => void } {
  const shadow = kedaShadow();
  const newest = new Map<string, Newest>();
  lagMetrics(registry, () => (isLeader() ? newest.values() : []));
  for (const [name, help, read] of law)
    gauge(registry, name, help, ['scaler'], (own) => {
      own.reset();
      for (const one of newest.values()) {
        const value = read(one);
        if (value !== undefined) own.set({ scaler: one.scaler.name }, value);
      }
    });
  gauge(registry, 'lag_controller_recommended_replicas', 'What a law would ask for', ['scaler', 'law'], (own) => {
    own.reset();
    for (const { scaler, round } of newest.values()) {
      const recommended = { 'lag-controller': round.decision.replicas, keda: shadow.replicas(scaler.name) };
      for (const [law, replicas] of Object.entries(recommended))
        if (replicas !== undefined) own.set({ scaler: scaler.name, law }, replicas);
    }
  });
  gauge(registry, 'lag_controller_partition_state', 'Partitions by state', ['scaler', 'state'], (own) => {
    own.reset();
    for (const { scaler, round } of newest.values())
      for (const state of ['known', 'stale', 'unknown', 'stalled'])
        own.set(
          { scaler: scaler.name, state },
          round.decision.terms.partitions.filter((partition) => partition.state === state).length,
        );
  });
  gauge(registry, 'lag_controller_sample_age_seconds', 'Time since the newest round', ['scaler'], (own) => {
    own.reset();
    for (const { scaler, round } of newest.values())
      own.set({ scaler: scaler.name }, (nowMs() - round.observation.atMs) / 1_000);
  });
  gauge(registry, 'lag_controller_leader', '1 where this process may act', [], (own) => own.set(isLeader() ? 1 : 0));
  gauge(registry, 'lag_controller_scalers_age_seconds', 'Time since what is to be scaled could be read', [], (own) =>
    own.set((nowMs() - scalersReadAtMs()) / 1_000),
  );
  const decisions = counter(registry, 'lag_controller_decisions_total', 'Decisions', ['scaler', 'action', 'reason']);
  return {
    listen(scaler, round) {
      newest.set(scaler.name, { scaler, round });
      shadow.listen(scaler, round);
      decisions.inc({ scaler: scaler.name, action: round.decision.action, reason: round.decision.reason });
    },
    forget(scaler) {
      newest.delete(scaler);
      shadow.forget(scaler);
      for (const action of ['up', 'down', 'hold'])
        for (const reason of reasons) decisions.remove({ scaler, action, reason });
    },
  };
}
