import { eventHeaders } from '@shop/shared/contracts/cloud-event';
import {
  amount,
  type OrderCreated,
  type OrderFailed,
  type OrderPaid,
  objectId,
} from '@shop/shared/contracts/order-events';
import { formatStatus, statusWords } from '@shop/shared/contracts/order-status';
import { topicOfStatus } from '@shop/shared/contracts/topics';
import { decimalFromCents } from '@shop/shared/money';
import type { Entry } from '@shop/shared/outbox/outbox';
import { z } from 'zod';
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

export const orderSchema = z.object({
  id: objectId,
  clientId: objectId,
  clientName: z.string(),
  items: z.array(z.object({ productId: objectId, quantity: z.number().int(), price: amount })),
  total: amount,
  payments: z.array(z.object({ typePaymentId: z.number().int(), amount })),
  status: z.enum(statusWords),
  version: z.number().int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

type OrderView = z.infer<typeof orderSchema>;

const itemsOf = ({ items }: Order) =>
  items.map(({ productId, quantity, priceCents }) => ({ productId, quantity, price: decimalFromCents(priceCents) }));

/** The order as HTTP shows it. */
export function orderView(order: Order): OrderView {
  return {
    id: order.id,
    clientId: order.clientId,
    clientName: order.clientName,
    items: itemsOf(order),
    total: decimalFromCents(order.totalCents),
    payments: order.payments.map(({ typePaymentId, amountCents }) => ({
      typePaymentId,
      amount: decimalFromCents(amountCents),
    })),
    status: formatStatus(order.status),
    version: order.version,
    createdAt: order.createdAt.toISOString(),
    updatedAt: order.updatedAt.toISOString(),
  };
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

/** The entity tag of an order's state. */
export function etagOf({ version }: Pick<Order, 'version'>): string {
  return `"v${version}"`;
}
