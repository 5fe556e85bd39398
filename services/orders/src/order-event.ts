import { eventHeaders } from '@shop/shared/contracts/cloud-event';
import type { OrderCreated, OrderFailed, OrderPaid } from '@shop/shared/contracts/order-events';
import { formatStatus } from '@shop/shared/contracts/order-status';
import { topicOfStatus } from '@shop/shared/contracts/topics';
import { decimalFromCents } from '@shop/shared/money';
import type { Entry } from '@shop/shared/outbox/outbox';
import type { Order } from './order.ts';

/**
 * An event that waits in an order's document: the bytes and headers that will be sent, however often. With tracing, the
 * span of the sending takes the place of `traceparent`.
 */
export interface OrderEntry extends Entry {
  readonly topic: string;
  readonly payload: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** An order's items as events and answers show them. */
export function itemsOf({ items }: Order) {
  return items.map(({ productId, quantity, priceCents }) => ({
    productId,
    quantity,
    price: decimalFromCents(priceCents),
  }));
}

function createdPayload(order: Order): OrderCreated {
  return {
    orderId: order.id,
    clientId: order.clientId,
    total: decimalFromCents(order.totalCents),
    status: 'PENDENTE',
    items: itemsOf(order),
    itemsCount: order.items.length,
    createdAt: order.createdAt.toISOString(),
  };
}

function decidedPayload(order: Order): OrderPaid | OrderFailed {
  return {
    orderId: order.id,
    clientId: order.clientId,
    clientName: order.clientName,
    status: formatStatus(order.status) as 'PAGO' | 'CANCELADO' | 'FALHA',
    total: decimalFromCents(order.totalCents),
    updatedAt: order.updatedAt.toISOString(),
  } as OrderPaid | OrderFailed;
}

/** The news of an order's present status. */
export function entryOf(order: Order, traceparent: string | undefined): OrderEntry {
  const topic = topicOfStatus[order.status];
  return {
    seq: order.version,
    topic,
    payload: JSON.stringify(order.status === 'pending' ? createdPayload(order) : decidedPayload(order)),
    headers: eventHeaders({ topic, orderId: order.id, sequence: order.version, time: order.updatedAt, traceparent }),
  };
}
