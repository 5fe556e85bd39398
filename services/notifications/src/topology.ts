/** What is declared in RabbitMQ, and why: names and arguments, nothing else. */
import type { Outcome } from './notification.ts';

/** Tasks go in here, under the key of their way. */
export const taskExchange = 'notifications';
/** A task that failed goes here, under the same key, and comes back into the first. */
export const retryExchange = 'notifications.retry';
export const parkedQueue = 'notifications.parked';

/**
 * Bad news is urgent: it waits for no good news. Two queues rather than priorities, which quorum queues have from RabbitMQ
 * 4.0 on only, and which would still let a long line of confirmations fill the workers' hands.
 */
export const lanes = ['urgent', 'normal'] as const;
export type Lane = (typeof lanes)[number];

export function laneOf(outcome: Outcome): Lane {
  return outcome === 'paid' ? 'normal' : 'urgent';
}

export function taskQueue(lane: Lane): string {
  return `notifications.${lane}`;
}

/**
 * The routing key of a task: its lane, and how long it waits after a failure. Bindings outlive the setting: were the lane
 * alone the key, the retry queue of an earlier delay would get a copy of each failure, and their number would double.
 */
export function taskKey(lane: string, retryDelayMs: number): string {
  return `${lane}.${retryDelayMs}`;
}

/** A queue's delay cannot be changed, so it is part of the name: another delay makes another queue, and the old one empties. */
export function retryQueue(delayMs: number): string {
  return `notifications.retry.${delayMs}`;
}

export interface QueueDeclaration {
  readonly name: string;
  readonly arguments: Readonly<Record<string, string | number>>;
  /** Exchange and routing keys. */
  readonly bindings: readonly { readonly exchange: string; readonly key: string }[];
}

/** A rejected or expired message is kept until its next queue confirms it; that needs a queue that refuses when full. */
const deadLetterTo = (exchange: string) => ({
  'x-dead-letter-exchange': exchange,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
});

/**
 * Tasks are on a majority of the brokers' disks before they are confirmed. How often one is delivered has no limit worth the
 * name: RabbitMQ 4 has one of twenty, which connections that were lost, and each look at what is parked, would use up.
 */
const quorum = { 'x-queue-type': 'quorum', 'x-delivery-limit': 1_000_000 };

export function queuesOf(retryDelayMs: number): QueueDeclaration[] {
  return [
    ...lanes.map((lane) => ({
      name: taskQueue(lane),
      arguments: { ...quorum, ...deadLetterTo(retryExchange) },
      bindings: [{ exchange: taskExchange, key: taskKey(lane, retryDelayMs) }],
    })),
    {
      name: retryQueue(retryDelayMs),
      arguments: { ...quorum, ...deadLetterTo(taskExchange), 'x-message-ttl': retryDelayMs },
      bindings: lanes.map((lane) => ({ exchange: retryExchange, key: taskKey(lane, retryDelayMs) })),
    },
    {
      name: parkedQueue,
      arguments: quorum,
      bindings: [],
    },
  ];
}
