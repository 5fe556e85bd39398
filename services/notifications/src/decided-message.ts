import { orderFailed, orderPaid } from '@shop/shared/contracts/order-events';
import { parseStatus } from '@shop/shared/contracts/order-status';
import { readEvent } from '@shop/shared/contracts/read-event';
import { ordersFailed, ordersPaid } from '@shop/shared/contracts/topics';
import { DomainError } from '@shop/shared/errors';
import { centsFromDecimal } from '@shop/shared/money';
import { z } from 'zod';
import type { Decision, Outcome } from './notification.ts';

const decided = z.discriminatedUnion('status', [orderPaid, orderFailed]);

/** What fits into the message id of RabbitMQ, that of a mail, and a header of HTTP. */
const usableId = /^[!-;=?-~]{1,200}$/;

/**
 * How an order was decided, from its event: as Kafka has it, and byte for byte the same in a task of RabbitMQ.
 *
 * @throws DomainError `invalid` for anything else; no later attempt would understand it better
 */
export function readDecision(value: Buffer | null, headers: Readonly<Record<string, string>>): Decision {
  const { orderId, clientId, status, total } = readEvent(decided, [ordersPaid, ordersFailed], { value, headers });
  const eventId = headers.ce_id ?? orderId;
  if (!usableId.test(eventId))
    throw new DomainError('invalid', {
      code: 'malformed-id',
      detail: 'ce_id must be 1 to 200 visible characters of ASCII, without angle brackets.',
    });
  return {
    eventId,
    orderId,
    clientId,
    outcome: parseStatus(status) as Outcome,
    totalCents: centsFromDecimal(total) as number,
  };
}
