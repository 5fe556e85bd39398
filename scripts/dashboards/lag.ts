import type { Page } from './panels.ts';
import { of } from './promql.ts';

const scaler = 'scaler=~"$scaler"';
const mine = (name: string) => of(name, scaler);
const newest = (name: string) => `max by (scaler) (${mine(name)})`;
/** Strimzi's exporter has some of the same names. */
const own = 'service="lag-controller"';

/** What the controller sees and does, one above the other. */
export const lagPage: Page = {
  uid: 'lag',
  title: 'Lag',
  description:
    'How old the oldest message is, how many wait, and how many replicas the lag controller asks for, and why.',
  tags: ['kafka', 'autoscaling'],
  variables: [
    { name: 'namespace', label: 'Namespace', from: 'lag_controller_leader' },
    { name: 'scaler', label: 'Scaler', from: of('lag_controller_sample_age_seconds') },
  ],
  chapters: [
    {
      title: 'Is it in time, and what is done about it',
      graphs: [
        {
          title: 'Age of the oldest message',
          description: 'Beside the objective. LagOverObjective is about this line; a gap means that it was not known.',
          unit: 's',
          series: {
            '{{scaler}} age': mine('scaler:lag_seconds:max'),
            '{{scaler}} objective': mine('scaler:objective_seconds:max'),
          },
        },
        {
          title: 'Lag',
          description: 'Messages that the group has not finished, over the partitions where that is known.',
          unit: 'short',
          series: { '{{scaler}}': mine('scaler:lag_messages:max') },
        },
        {
          title: 'Arrival and consumption',
          description:
            'Messages per second. Lag grows while arrival is above consumption; possible is what the ready replicas could take.',
          unit: 'cps',
          series: {
            '{{scaler}} arrives': newest('lag_controller_arrival_rate'),
            '{{scaler}} is consumed': newest('lag_controller_consumption_rate'),
            '{{scaler}} possible': `${newest('lag_controller_capacity_per_replica')} * on (scaler) max by (scaler) (${mine('scaler:ready_replicas:max')})`,
          },
        },
        {
          title: 'Replicas and partitions',
          description:
            'Asked for, ready, and the most there may be. More replicas than partitions would have nothing to do.',
          unit: 'short',
          series: {
            '{{scaler}} desired': mine('scaler:desired_replicas:max'),
            '{{scaler}} ready': mine('scaler:ready_replicas:max'),
            '{{scaler}} at most': mine('scaler:maximum_replicas:max'),
            '{{topic}} partitions': `max by (topic) (${of('kafka_topic_partitions', own)})`,
          },
        },
        {
          title: 'Reasons of the decisions',
          description:
            'How often each reason was given: one decision per round. docs/decisions/0006 tells what the words mean.',
          unit: 'short',
          stacked: true,
          series: {
            '{{scaler}} {{action}}: {{reason}}': `max by (scaler, action, reason) (increase(${mine('lag_controller_decisions_total')}[$__rate_interval])) > 0`,
          },
        },
      ],
    },
    {
      title: 'Partitions and the controller itself',
      graphs: [
        {
          title: 'Lag per partition',
          description: 'One that grows alone has a hot key, or a consumer that stands still.',
          unit: 'short',
          columns: 12,
          series: {
            '{{topic}} {{partition}}': `max by (topic, partition) (${of('kafka_consumergroup_lag', own)})`,
          },
        },
        {
          title: 'Partitions by what is known of them',
          description:
            'Stale and unknown ones hold every scale-down (LagUnknown); stalled ones stand still while others move on (PartitionStandsStill).',
          unit: 'short',
          columns: 12,
          stacked: true,
          series: { '{{scaler}} {{state}}': mine('scaler_state:partitions:max') },
        },
        {
          title: 'Rebalances within an hour',
          description: 'Each stops the whole group for seconds. The policy bounds how many scale-downs may cause.',
          unit: 'short',
          columns: 8,
          series: { '{{scaler}}': newest('lag_controller_rebalances_last_hour') },
        },
        {
          title: 'Time since the newest look',
          description: 'Per process of the controller; LagControllerStalled is about the smallest.',
          unit: 's',
          columns: 8,
          series: { '{{scaler}} {{pod}}': mine('lag_controller_sample_age_seconds') },
        },
        {
          title: 'Who may act',
          description: '1 for the process that holds the Lease; LagControllerHasNoLeader when there is none.',
          unit: 'short',
          columns: 8,
          series: { '{{pod}}': of('lag_controller_leader') },
        },
        {
          title: 'What KEDA would ask for',
          description: 'By a model of KEDA with its default threshold on the same lag, beside what this law asks for.',
          unit: 'short',
          series: { '{{scaler}} {{law}}': `max by (scaler, law) (${mine('lag_controller_recommended_replicas')})` },
        },
      ],
    },
  ],
};
