import { amount, objectId } from '@shop/shared/contracts/order-events';
import { formatStatus, statusWords } from '@shop/shared/contracts/order-status';
import { decimalFromCents } from '@shop/shared/money';
import { z } from 'zod';
import type { Order } from './order.ts';
import { itemsOf } from './order-event.ts';

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

/** The entity tag of an order's state. */
export function etagOf({ version }: Pick<Order, 'version'>): string {
  return `"v${version}"`;
}
