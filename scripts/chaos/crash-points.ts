/** Every step of an order's way at which a process can die, told by what it was about to send or just should have heard. */
import type { Dependency, Replica } from './replicas.ts';
import type { Passage } from './wire/passage.ts';

export interface CrashPoint {
  readonly name: string;
  /** Whose process dies. */
  readonly service: Replica['service'];
  readonly link: Dependency;
  /**
   * `request`: it dies before the other side has heard of it. `answer`: the other side has done it, and the process dies
   * before it learns that.
   */
  readonly direction: Passage['direction'];
  readonly operation: RegExp;
  /** What the request has to contain. */
  readonly content?: RegExp;
}

const orders = { service: 'orders' } as const;
const payments = { service: 'payments' } as const;
const notifications = { service: 'notifications' } as const;
const appended = /\$push/;
const settled = /\$unset|\$pull/;

export const crashPoints: readonly CrashPoint[] = [
  {
    ...orders,
    name: 'orders: before the order is stored',
    link: 'mongo',
    direction: 'request',
    operation: /^insert orders/,
  },
  {
    ...orders,
    name: 'orders: stored, and not answered',
    link: 'mongo',
    direction: 'answer',
    operation: /^insert orders/,
  },
  {
    ...orders,
    name: 'orders: before a change is stored',
    link: 'mongo',
    direction: 'request',
    operation: /^(update|findAndModify) orders/,
    content: appended,
  },
  {
    ...orders,
    name: 'orders: a change is stored, and not answered',
    link: 'mongo',
    direction: 'answer',
    operation: /^(update|findAndModify) orders/,
    content: appended,
  },
  { ...orders, name: 'relay: before an event is sent', link: 'kafka', direction: 'request', operation: /^Produce/ },
  {
    ...orders,
    name: 'relay: Kafka has the event, and it does not know',
    link: 'kafka',
    direction: 'answer',
    operation: /^Produce/,
  },
  {
    ...orders,
    name: 'relay: before the outbox is emptied',
    link: 'mongo',
    direction: 'request',
    operation: /^(update|findAndModify) orders/,
    content: settled,
  },
  {
    ...orders,
    name: 'relay: the outbox is empty, and it does not know',
    link: 'mongo',
    direction: 'answer',
    operation: /^(update|findAndModify) orders/,
    content: settled,
  },
  {
    ...payments,
    name: 'payments: before the intent is stored',
    link: 'mongo',
    direction: 'request',
    operation: /^insert payments/,
  },
  {
    ...payments,
    name: 'payments: the intent is stored, and it does not know',
    link: 'mongo',
    direction: 'answer',
    operation: /^insert payments/,
  },
  {
    ...payments,
    name: 'payments: before the charge',
    link: 'provider',
    direction: 'request',
    operation: /^POST \/charges/,
  },
  {
    ...payments,
    name: 'payments: charged, and it does not know',
    link: 'provider',
    direction: 'answer',
    operation: /^POST \/charges/,
  },
  {
    ...payments,
    name: 'payments: before the outcome is stored',
    link: 'mongo',
    direction: 'request',
    operation: /^(update|findAndModify) payments/,
    content: appended,
  },
  {
    ...payments,
    name: 'payments: the outcome is stored, and it does not know',
    link: 'mongo',
    direction: 'answer',
    operation: /^(update|findAndModify) payments/,
    content: appended,
  },
  {
    ...payments,
    name: 'payments: before the offset is committed',
    link: 'kafka',
    direction: 'request',
    operation: /^OffsetCommit/,
  },
  {
    ...payments,
    name: 'payments: the offset is committed, and it does not know',
    link: 'kafka',
    direction: 'answer',
    operation: /^OffsetCommit/,
  },
  { ...payments, name: 'report: before orders is told', link: 'orders', direction: 'request', operation: /^PATCH/ },
  {
    ...payments,
    name: 'report: orders was told, and it does not know',
    link: 'orders',
    direction: 'answer',
    operation: /^PATCH/,
  },
  {
    ...payments,
    name: 'report: before it is noted as done',
    link: 'mongo',
    direction: 'request',
    operation: /^(update|findAndModify) payments/,
    content: settled,
  },
  {
    ...payments,
    name: 'report: before the refund',
    link: 'provider',
    direction: 'request',
    operation: /^POST \/refunds/,
  },
  {
    ...payments,
    name: 'report: refunded, and it does not know',
    link: 'provider',
    direction: 'answer',
    operation: /^POST \/refunds/,
  },
  {
    ...notifications,
    name: 'notifications: taken up, and it does not know',
    link: 'mongo',
    direction: 'answer',
    operation: /^insert notifications/,
  },
  {
    ...notifications,
    name: 'notifications: before the letter',
    link: 'letters',
    direction: 'request',
    operation: /^POST \/letters/,
  },
  {
    ...notifications,
    name: 'notifications: the letter was taken, and it does not know',
    link: 'letters',
    direction: 'answer',
    operation: /^POST \/letters/,
  },
  {
    ...notifications,
    name: 'notifications: noted as sent, and it does not know',
    link: 'mongo',
    direction: 'answer',
    operation: /^update notifications/,
    content: /sentAt/,
  },
];

export function isAt({ direction, operation, content }: CrashPoint, passage: Passage): boolean {
  return (
    passage.direction === direction && operation.test(passage.operation) && (content?.test(passage.request) ?? true)
  );
}
