import { orderCreated } from '@shop/shared/contracts/order-events';
import { readEvent } from '@shop/shared/contracts/read-event';
import { ordersCreated } from '@shop/shared/contracts/topics';
import type { Message } from '@shop/shared/messaging/message';
import { centsFromDecimal } from '@shop/shared/money';
import { validTraceparent } from '@shop/shared/tracing/traceparent';
import type { OrderToPay } from './process-order.ts';

/**
 * What is to be paid.
 *
 * @throws DomainError `invalid` for anything that is no order; no later attempt would understand it better
 */
export function readOrderCreated(message: Pick<Message, 'value' | 'headers'>): OrderToPay {
  const { orderId, total, createdAt } = readEvent(orderCreated, [ordersCreated], message);
  const { traceparent } = message.headers;
  return {
    orderId,
    amountCents: centsFromDecimal(total) as number,
    placedAt: new Date(createdAt),
    traceparent: validTraceparent(traceparent),
  };
}
