import { counter, gauge, histogram, type Registry, scrapeTimeoutMs } from '@shop/shared/metrics';
import { within } from '@shop/shared/pause';
import { sharedAnswer } from '@shop/shared/shared-answer';
import type { Broker } from './broker.ts';
import { outcomes } from './notification.ts';
import type { Channel } from './ports.ts';
import { lanes, parkedQueue, retryQueue, taskQueue } from './topology.ts';
import type { TaskOutcome } from './work-task.ts';

const taskOutcomes: readonly TaskOutcome[] = ['applied', 'duplicate', 'retried', 'parked'];

/** The channel, measured. */
export function measured(registry: Registry, channel: Channel): Channel {
  const sent = counter(registry, 'notification_sent_total', 'Notifications that the channel took over', [
    'channel',
    'outcome',
  ]);
  const seconds = histogram(registry, 'notification_send_seconds', 'Duration of one attempt of the channel', [
    'channel',
  ]);
  for (const outcome of outcomes) sent.inc({ channel: channel.name, outcome }, 0);
  return {
    ...channel,
    async send(letter) {
      const stop = seconds.startTimer({ channel: channel.name });
      await channel.send(letter).finally(stop);
      sent.inc({ channel: channel.name, outcome: letter.decision.outcome });
    },
  };
}

/** What is counted where RabbitMQ stands between Kafka and the channel. */
export function taskMetrics(registry: Registry, broker: Broker, retryDelayMs: number) {
  const tasks = counter(
    registry,
    'notification_tasks_total',
    'Tasks settled, by outcome: applied, duplicate (told before), retried (comes again after the delay) or parked',
    ['lane', 'outcome'],
  );
  for (const lane of lanes) for (const outcome of taskOutcomes) tasks.inc({ lane, outcome }, 0);
  const queues = [...lanes.map((lane) => [lane, taskQueue(lane)] as const), ['parked', parkedQueue] as const];
  const depths = sharedAnswer(async () => {
    const found: [string, number | undefined][] = [];
    for (const [queue, name] of [...queues, ['retry', retryQueue(retryDelayMs)] as const])
      found.push([queue, await broker.depth(name).catch(() => undefined)]);
    return found;
  });
  gauge(
    registry,
    'notification_queue_messages',
    'Messages that wait in RabbitMQ: of a lane, for their next attempt (retry), or for a person (parked). Every process sees the same: take the largest',
    ['queue'],
    async (messages) => {
      const known = (await within(scrapeTimeoutMs, depths())) ?? [];
      // What was true before an outage must not look as if it were true now.
      messages.reset();
      for (const [queue, depth] of known) if (depth !== undefined) messages.set({ queue }, depth);
    },
  );
  return { tasks };
}
