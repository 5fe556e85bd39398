/** Those whose name does not say it. */
const units: Readonly<Record<string, string>> = {
  connection_up: '0 or 1',
  consumer_concurrency: 'handlers',
  consumer_dead_letters_total: 'messages',
  consumer_in_flight: 'messages',
  consumer_uncommitted_span: 'messages',
  http_requests_in_hand: 'requests',
  kafka_consumergroup_current_offset: 'offset',
  kafka_consumergroup_lag: 'messages',
  kafka_consumergroup_lag_sum: 'messages',
  kafka_consumergroup_members: 'members',
  kafka_topic_partition_current_offset: 'offset',
  kafka_topic_partition_oldest_offset: 'offset',
  lag_controller_arrival_rate: 'messages per second',
  lag_controller_capacity_per_replica: 'messages per second',
  lag_controller_consumption_rate: 'messages per second',
  lag_controller_leader: '0 or 1',
  lag_controller_partition_state: 'partitions',
  lag_controller_rebalances_last_hour: 'rebalances',
  nodejs_active_handles: 'handles',
  nodejs_active_requests: 'requests',
  nodejs_active_resources: 'resources',
  nodejs_eventloop_utilization: '0 to 1',
  nodejs_version_info: 'always 1',
  notification_sent_total: 'notifications',
  orders_decided_total: 'orders',
  orders_placed_total: 'orders',
  outbox_delivered_total: 'entries',
  outbox_fenced_total: 'completions',
  process_max_fds: 'files',
  process_open_fds: 'files',
};

const suffix = /_(seconds|bytes|messages|replicas|documents|partitions)(_total)?$/;

/** By the name, as Prometheus has it: the unit stands last, before `_total`. @throws for a name that does not say it */
export function unitOf(name: string): string {
  const unit = units[name] ?? suffix.exec(name)?.[1] ?? /([a-z]+)_total$/.exec(name)?.[1];
  if (unit === undefined) throw new Error(`${name}: say in scripts/metrics/unit.ts what it counts`);
  return unit;
}
