import { orderFailed, orderPaid } from '@shop/shared/contracts/order-events';
import { parseStatus } from '@shop/shared/contracts/order-status';
import { readEvent } from '@shop/shared/contracts/read-event';
import { ordersFailed, ordersPaid } from '@shop/shared/contracts/topics';
import { centsFromDecimal } from '@shop/shared/money';
import { z } from 'zod';
import type { Decision, Outcome } from './notification.ts';

const decided = z.discriminatedUnion('status', [orderPaid, orderFailed]);

/**
 * How an order was decided, from its event: as Kafka has it, and byte for byte the same in a task of RabbitMQ.
 *
 * @throws DomainError `invalid` for anything else; no later attempt would understand it better
 */
export function readDecision(value: Buffer | null, headers: Readonly<Record<string, string>>): Decision {
  const { orderId, clientId, status, total } = readEvent(decided, [ordersPaid, ordersFailed], { value, headers });
  return {
    eventId: headers.ce_id ?? orderId,
    orderId,
    clientId,
    outcome: parseStatus(status) as Outcome,
    totalCents: centsFromDecimal(total) as number,
  };
}
