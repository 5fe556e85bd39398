import type { OrderStatus } from './order-status.ts';

export const ordersCreated = 'orders.created';
export const ordersPaid = 'orders.paid';
export const ordersFailed = 'orders.failed';
export const paymentsGroup = 'payments-service-group';
export const notificationsGroup = 'notifications-service-group';

/** Dead letters belong to the group that gave up on them, not to the topic: another group may still read them well. */
export function deadLetterTopic(group: string, topic: string): string {
  return `${group}.${topic}.dlq`;
}

/**
 * Created with room to grow: a message's partition is a hash of its key, so raising the count later
 * moves keys, and events of one order could then be read out of order.
 */
export const partitionCount = 6;

/**
 * Of each topic. Whatever a producer has compressed, the broker keeps it without: kafkajs reads gzip alone, and of that as much as it
 * unpacks to, so one batch of another kind, or of some kilobytes that become gigabytes, would stop every reader of its partition.
 */
export const topicConfig = { 'compression.type': 'uncompressed' } as const;

/** Where it is written down that an event could not be understood by the group that reads its topic. */
export const deadLetterTopics = [
  deadLetterTopic(paymentsGroup, ordersCreated),
  deadLetterTopic(notificationsGroup, ordersPaid),
  deadLetterTopic(notificationsGroup, ordersFailed),
];

export const topics = [ordersCreated, ordersPaid, ordersFailed, ...deadLetterTopics];

/** Where the news of a status goes: the contract has both ways of not being paid on one topic. */
export const topicOfStatus = {
  pending: ordersCreated,
  paid: ordersPaid,
  canceled: ordersFailed,
  failed: ordersFailed,
} as const satisfies Record<OrderStatus, string>;
