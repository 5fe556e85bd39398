/** What is declared in RabbitMQ, and why: names and arguments, nothing else. */
import type { Outcome } from './notification.ts';

/** Tasks go in here, with the name of their lane as routing key. */
export const taskExchange = 'notifications';
/** A task that failed goes here, under the same key. */
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

/** Tasks are on a majority of the brokers' disks before they are confirmed. */
const quorum = { 'x-queue-type': 'quorum' };

export function queuesOf(retryDelayMs: number): QueueDeclaration[] {
  return [
    ...lanes.map((lane) => ({
      name: taskQueue(lane),
      arguments: { ...quorum, ...deadLetterTo(retryExchange) },
      bindings: [{ exchange: taskExchange, key: lane }],
    })),
    {
      name: retryQueue(retryDelayMs),
      arguments: { ...quorum, ...deadLetterTo(taskExchange), 'x-message-ttl': retryDelayMs },
      bindings: lanes.map((lane) => ({ exchange: retryExchange, key: lane })),
    },
    {
      name: parkedQueue,
      // Looking at what is parked takes it and puts it back, which RabbitMQ 4 would allow twenty times only.
      arguments: { ...quorum, 'x-delivery-limit': 1_000_000 },
      bindings: [],
    },
  ];
}
