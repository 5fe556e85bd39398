import type { Chapter, Page } from './panels.ts';
import { of, quantiles, rate } from './promql.ts';

const intake: Chapter = {
  title: 'Orders',
  graphs: [
    {
      title: 'Orders accepted and decided',
      description:
        'Per second. Decided stays below accepted while orders wait; repeated requests are answered and place nothing.',
      unit: 'cps',
      columns: 12,
      series: {
        accepted: rate('', 'orders_placed_total', 'replayed="false"'),
        repeated: rate('', 'orders_placed_total', 'replayed="true"'),
        '{{status}}': rate('status', 'orders_decided_total'),
      },
    },
    {
      title: 'From an order to its decision',
      description: 'Of the orders that were decided; those that wait are not in it.',
      unit: 's',
      columns: 12,
      series: quantiles('order_decision_seconds'),
    },
    {
      title: 'Share of orders that are late',
      description:
        'Not decided within 30 s, or not at all. OrdersDecidedLate is about these lines; 1 % is what a month may have.',
      unit: 'percentunit',
      columns: 12,
      series: {
        '{{namespace}} 5 min': of('namespace:orders_late:ratio_rate5m'),
        '{{namespace}} 1 h': of('namespace:orders_late:ratio_rate1h'),
        '{{namespace}} 6 h': of('namespace:orders_late:ratio_rate6h'),
      },
    },
    {
      title: 'Time to accept an order',
      description: 'POST /v1/orders, as its caller waits for it.',
      unit: 's',
      columns: 12,
      series: quantiles('http_request_duration_seconds', 'service="orders-service",method="POST",route="/v1/orders"'),
    },
  ],
};

const notifications: Chapter = {
  title: 'Notifications',
  graphs: [
    {
      title: 'Clients notified',
      description: 'Per second, by what they are told; nothing where notifications are not installed.',
      unit: 'cps',
      columns: 8,
      series: { '{{outcome}}': rate('outcome', 'notification_sent_total') },
    },
    {
      title: 'Messages that wait in RabbitMQ',
      description:
        'NotificationsWaiting and NotificationsParked are about these lines; a gap when RabbitMQ did not answer.',
      unit: 'short',
      columns: 8,
      series: { '{{queue}}': of('queue:notification_queue_messages:max') },
    },
    {
      title: 'Time to send one',
      description: 'Of one attempt of the channel.',
      unit: 's',
      columns: 8,
      series: quantiles('notification_send_seconds'),
    },
  ],
};

const outbox: Chapter = {
  title: 'Outboxes',
  graphs: [
    {
      title: 'Age of the oldest unsent entry',
      description: 'OutboxOld is about this line. 0 when all is sent, a gap when the database did not answer.',
      unit: 's',
      columns: 12,
      series: { '{{service}}': of('service:outbox_oldest_age_seconds:max') },
    },
    {
      title: 'Documents that wait to be sent',
      description:
        'Orders whose events Kafka has not got, and payments that orders or the provider has not been told of.',
      unit: 'short',
      columns: 12,
      series: { '{{service}}': `max by (service) (${of('outbox_pending_documents')})` },
    },
    {
      title: 'From a write to its acknowledgement',
      description: 'How long an entry was in the outbox.',
      unit: 's',
      columns: 12,
      series: {
        '{{service}} p50': `histogram_quantile(0.5, ${rate('le, service', 'outbox_publish_delay_seconds_bucket')})`,
        '{{service}} p99': `histogram_quantile(0.99, ${rate('le, service', 'outbox_publish_delay_seconds_bucket')})`,
      },
    },
    {
      title: 'Entries sent, and rounds that failed',
      description: 'Per second. Failures are repeated; fenced are those that another relay had taken over.',
      unit: 'cps',
      columns: 12,
      series: {
        '{{service}} sent': rate('service', 'outbox_delivered_total'),
        '{{service}} failed: {{reason}}': rate('service, reason', 'outbox_failures_total'),
        '{{service}} fenced': rate('service', 'outbox_fenced_total'),
      },
    },
  ],
};

/** Notifications consume too, at another pace. */
const ofPayments = 'group="payments-service-group"';

const consumption: Chapter = {
  title: 'Payments',
  graphs: [
    {
      title: 'Messages by outcome',
      description: 'Per second. Duplicates are absorbed: they charge nobody.',
      unit: 'cps',
      columns: 12,
      stacked: true,
      series: { '{{outcome}}': rate('outcome', 'consumer_messages_total', ofPayments) },
    },
    {
      title: 'Dead letters within 15 minutes',
      description:
        'What could not be understood, of all groups, as DeadLettersGrowing counts it, and by the code that says why.',
      unit: 'short',
      columns: 12,
      series: {
        '{{topic}}': of('group_topic:dead_letters:increase15m'),
        '{{code}}': `sum by (code) (increase(${of('consumer_dead_letters_total')}[15m]))`,
      },
    },
    {
      title: 'Duration of a payment',
      description: 'One attempt of the handler, the provider included.',
      unit: 's',
      columns: 12,
      series: quantiles('consumer_handler_seconds', ofPayments),
    },
    {
      title: 'How busy the consumers are',
      description: 'Time in handlers over what may run at once; at 100 % lag grows, and more replicas help.',
      unit: 'percentunit',
      columns: 12,
      series: {
        '{{group}}': `${rate('group', 'consumer_busy_seconds_total', ofPayments)} / sum by (group) (${of('consumer_concurrency', ofPayments)})`,
      },
    },
    {
      title: 'Messages in hand',
      description:
        'Taken and not finished; and those that cannot be committed yet, because one before them is not finished.',
      unit: 'short',
      columns: 8,
      series: {
        'in flight': `sum by (topic) (${of('consumer_in_flight', ofPayments)})`,
        uncommitted: `sum by (topic) (${of('consumer_uncommitted_span', ofPayments)})`,
      },
    },
    {
      title: 'Paused partitions',
      description:
        'Of notifications too. outage: a dependency is down, nothing is dead-lettered for it, ConsumerPaused tells. backlog: enough is waiting in the process.',
      unit: 'short',
      columns: 8,
      series: {
        '{{group}} paused: {{reason}}': `sum by (group, reason) (${of('consumer_paused_partitions')})`,
        'pauses per second: {{reason}}': rate('reason', 'consumer_pauses_total', ofPayments),
      },
    },
    {
      title: 'Rebalances and failed commits',
      description:
        'How often members joined the group, and commits that failed, whose messages may come again. Within 5 minutes.',
      unit: 'short',
      columns: 8,
      series: {
        joined: `sum by (group) (increase(${of('consumer_rebalances_total', ofPayments)}[5m]))`,
        'failed commits': `sum by (group) (increase(${of('consumer_commit_failures_total', ofPayments)}[5m]))`,
      },
    },
  ],
};

/** From the request to the decision, in the order of the way. */
export const ordersPage: Page = {
  uid: 'orders-to-payments',
  title: 'Orders to payments',
  description: 'How many orders come in, how soon they are decided, and where the time goes.',
  tags: ['shop'],
  variables: [{ name: 'namespace', label: 'Namespace', from: 'orders_placed_total' }],
  chapters: [intake, outbox, consumption, notifications],
};
