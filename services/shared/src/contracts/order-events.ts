import { z } from 'zod';
import { centsFromDecimal } from '../money.ts';
import { ordersCreated, ordersFailed, ordersPaid } from './topics.ts';

/** 24 hex digits, as MongoDB's ObjectId prints. */
export const objectId = z.string().regex(/^[0-9a-f]{24}$/, 'must be 24 hex digits (0-9, a-f)');

/** An amount on the wire: a JSON number of reais with at most two decimals. */
export const amount = z
  .number()
  .refine((value) => centsFromDecimal(value) !== undefined, 'must be 0 or more, with at most two decimals');

const timestamp = z.iso.datetime();

/** Readers are tolerant: unknown members are dropped, so a producer may add some without breaking anyone. */
export const orderCreated = z
  .object({
    orderId: objectId,
    clientId: z.string().min(1),
    total: amount,
    status: z.literal('PENDENTE'),
    items: z
      .array(z.object({ productId: z.string().min(1), quantity: z.number().int().positive(), price: amount }))
      .min(1),
    itemsCount: z.number().int().positive(),
    createdAt: timestamp,
  })
  .meta({ title: 'OrderCreated', description: 'An order was accepted and waits for its payment.' });

const decided = z.object({
  orderId: objectId,
  clientId: z.string().min(1),
  clientName: z.string(),
  status: z.enum(['PAGO', 'CANCELADO', 'FALHA']),
  total: amount,
  updatedAt: timestamp,
});

export const orderPaid = decided
  .extend({ status: z.literal('PAGO') })
  .meta({ title: 'OrderPaid', description: 'An order was paid; its status will not change again.' });

export const orderFailed = decided.extend({ status: z.enum(['CANCELADO', 'FALHA']) }).meta({
  title: 'OrderFailed',
  description: 'An order was cancelled or could not be paid; its status will not change again.',
});

export type OrderCreated = z.infer<typeof orderCreated>;
export type OrderPaid = z.infer<typeof orderPaid>;
export type OrderFailed = z.infer<typeof orderFailed>;

export const eventSchemas = {
  [ordersCreated]: orderCreated,
  [ordersPaid]: orderPaid,
  [ordersFailed]: orderFailed,
} as const;
