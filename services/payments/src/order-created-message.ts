import { eventType } from '@shop/shared/contracts/cloud-event';
import { orderCreated } from '@shop/shared/contracts/order-events';
import { ordersCreated } from '@shop/shared/contracts/topics';
import { DomainError } from '@shop/shared/errors';
import type { Message } from '@shop/shared/messaging/message';
import { centsFromDecimal } from '@shop/shared/money';
import { parseTraceparent } from '@shop/shared/tracing/traceparent';
import type { OrderToPay } from './process-order.ts';

function refuse(code: string, detail: string): never {
  throw new DomainError('invalid', { code, detail });
}

function parseJson(value: Buffer | null): unknown {
  try {
    // Fatal, because a replaced character could turn broken bytes into another valid event.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value ?? Buffer.alloc(0)));
  } catch {
    return refuse('malformed-json', 'The value is not JSON in UTF-8.');
  }
}

/**
 * What is to be paid. A message without CloudEvents headers is read too: anybody who knows the topic may have sent it.
 *
 * @throws DomainError `invalid` for anything that is no order; no later attempt would understand it better
 */
export function readOrderCreated({ value, headers }: Pick<Message, 'value' | 'headers'>): OrderToPay {
  const { ce_type: type, traceparent } = headers;
  if (type !== undefined && type !== eventType(ordersCreated))
    refuse('unknown-event-type', `The type is not ${eventType(ordersCreated)}.`);
  const { data, error } = orderCreated.safeParse(parseJson(value));
  if (error) {
    const [issue] = error.issues;
    refuse('schema-violation', `#/${issue?.path.join('/')}: ${issue?.message}`);
  }
  const { orderId, total } = data;
  return {
    orderId,
    amountCents: centsFromDecimal(total) as number,
    // Passed on as a header of HTTP, which not every text can be: a call that fails for that would look like an outage.
    traceparent: parseTraceparent(traceparent) && traceparent,
  };
}
