import { describe, expect, it } from '@jest/globals';
import { eventSchemas } from '@shop/shared/contracts/order-events';
import { deadLetterTopic, ordersCreated, ordersFailed, ordersPaid, paymentsGroup } from '@shop/shared/contracts/topics';
import { deadLetterRecord } from '@shop/shared/messaging/dead-letter';
import { z } from 'zod';
import { asyncApi } from '../../../scripts/generated/async-api.ts';
import { changeStatus, type Order } from './order.ts';
import { entryOf } from './order-event.ts';

interface Message {
  readonly name: string;
  readonly headers: { readonly properties: Record<string, unknown>; readonly required: string[] };
  readonly payload: Parameters<typeof z.fromJSONSchema>[0];
}

const { channels, components } = asyncApi() as {
  channels: Record<string, { address: string; messages: { event: { $ref: string } } }>;
  components: { messages: Record<string, Message> };
};

function messageOf(topic: string): Message {
  const channel = Object.values(channels).find(({ address }) => address === topic);
  return components.messages[channel?.messages.event.$ref.split('/').at(-1) ?? ''] as Message;
}

const accepts = (schema: unknown, value: unknown) =>
  z.fromJSONSchema(schema as Message['payload']).safeParse(value).success;

const orderId = '507f1f77bcf86cd799439011';
const clientId = '64b000000000000000000001';
const decided = { orderId, clientId, clientName: 'João Silva', total: 4500.0 };
const examples: [keyof typeof eventSchemas, Record<string, unknown>][] = [
  [
    ordersCreated,
    {
      orderId,
      clientId,
      total: 4500.0,
      status: 'PENDENTE',
      items: [{ productId: '64b000000000000000000002', quantity: 1, price: 4500.0 }],
      itemsCount: 1,
      createdAt: '2024-01-15T10:30:00.000Z',
    },
  ],
  [ordersPaid, { ...decided, status: 'PAGO', updatedAt: '2024-01-15T10:35:00.000Z' }],
  [ordersFailed, { ...decided, status: 'CANCELADO', updatedAt: '2024-01-15T10:40:00.000Z' }],
];

const placed: Order = {
  id: orderId,
  clientId,
  clientName: 'João Silva',
  items: [{ productId: '64b000000000000000000002', quantity: 1, priceCents: 450_000 }],
  totalCents: 450_000,
  payments: [{ typePaymentId: 1, amountCents: 450_000 }],
  status: 'pending',
  version: 1,
  createdAt: new Date('2024-01-15T10:30:00.000Z'),
  updatedAt: new Date('2024-01-15T10:30:00.000Z'),
};

describe('docs/asyncapi.yaml', () => {
  it.each(examples)(
    'accepts the contract’s example of %s, with more members too, and nothing less',
    (topic, example) => {
      const { payload } = messageOf(topic);
      expect(accepts(payload, example)).toBe(true);
      expect(accepts(payload, { ...example, more: 1 })).toBe(true);
      expect(eventSchemas[topic].safeParse(example).success).toBe(true);
      for (const member of Object.keys(example)) {
        const { [member]: _, ...less } = example;
        expect(accepts(payload, less)).toBe(false);
        expect(accepts(payload, { ...example, [member]: null })).toBe(false);
      }
    },
  );

  it.each(['pending', 'paid', 'canceled', 'failed'] as const)('describes what orders sends of a %s order', (status) => {
    const order = changeStatus(placed, status, new Date('2024-01-15T10:35:00.000Z')) ?? placed;
    const { topic, payload, headers } = entryOf(order, '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
    const message = messageOf(topic);
    expect(message.name).toBe(headers.ce_type);
    expect(accepts(message.payload, JSON.parse(payload))).toBe(true);
    expect(accepts(message.headers, headers)).toBe(true);
    expect(Object.keys(message.headers.properties).sort()).toEqual(Object.keys(headers).sort());
  });

  it('describes every header that a dead letter gets', () => {
    const message = messageOf(deadLetterTopic(paymentsGroup, ordersCreated));
    const { headers } = deadLetterRecord({
      record: { offset: 7n, key: null, value: null, headers: {}, timestamp: new Date(0) },
      topic: ordersCreated,
      partition: 1,
      groupId: paymentsGroup,
      deliveries: 1,
      code: 'malformed-json',
      reason: 'no JSON',
      failedAt: new Date(0),
    });
    expect(message.headers.required.toSorted()).toEqual(Object.keys(headers ?? {}).sort());
    expect(accepts(message.headers, headers)).toBe(true);
  });
});
