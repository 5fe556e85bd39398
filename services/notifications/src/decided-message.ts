import { eventType } from '@shop/shared/contracts/cloud-event';
import { orderFailed, orderPaid } from '@shop/shared/contracts/order-events';
import { parseStatus } from '@shop/shared/contracts/order-status';
import { ordersFailed, ordersPaid } from '@shop/shared/contracts/topics';
import { DomainError } from '@shop/shared/errors';
import { centsFromDecimal } from '@shop/shared/money';
import { z } from 'zod';
import type { Decision, Outcome } from './notification.ts';

const decided = z.discriminatedUnion('status', [orderPaid, orderFailed]);
const types = [ordersPaid, ordersFailed].map(eventType);

function refuse(code: string, detail: string): never {
  throw new DomainError('invalid', { code, detail });
}

function parseJson(value: Buffer | null): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value ?? Buffer.alloc(0)));
  } catch {
    return refuse('malformed-json', 'The value is not JSON in UTF-8.');
  }
}

/**
 * How an order was decided, from its event: as Kafka has it, and byte for byte the same in a task of RabbitMQ.
 *
 * @throws DomainError `invalid` for anything else; no later attempt would understand it better
 */
export function readDecision(value: Buffer | null, headers: Readonly<Record<string, string>>): Decision {
  const { ce_type: type, ce_id: id } = headers;
  if (type !== undefined && !types.includes(type))
    refuse('unknown-event-type', `The type is neither ${types.join(' nor ')}.`);
  const { data, error } = decided.safeParse(parseJson(value));
  if (error) {
    const [issue] = error.issues;
    refuse('schema-violation', `#/${issue?.path.join('/')}: ${issue?.message}`);
  }
  const { orderId, clientId, status, total } = data;
  return {
    eventId: id ?? orderId,
    orderId,
    clientId,
    outcome: parseStatus(status) as Outcome,
    totalCents: centsFromDecimal(total) as number,
  };
}
