import { createHash } from 'node:crypto';
import { amount, objectId } from '@shop/shared/contracts/order-events';
import { type OrderStatus, parseStatus, type StatusWord, statusWords } from '@shop/shared/contracts/order-status';
import { type Endpoint, endpoint } from '@shop/shared/http/endpoint';
import { pageAnswer, pageQuery, pageSchema } from '@shop/shared/keyset';
import { centsFromDecimal } from '@shop/shared/money';
import { z } from 'zod';
import { type ChangeOrder, orderNotFound } from './change-order.ts';
import type { Decisions } from './decisions.ts';
import { isDecided, type Order, type OrderRequest } from './order.ts';
import type { PlaceOrder } from './place-order.ts';
import type { OrderStore } from './ports.ts';
import type { CheckRight } from './rights.ts';
import { etagOf, orderSchema, orderView } from './views.ts';

interface Needs {
  readonly checkRight: CheckRight;
  readonly placeOrder: PlaceOrder;
  readonly changeOrder: ChangeOrder;
  readonly store: Pick<OrderStore, 'find' | 'page'>;
  readonly decisions: Pick<Decisions, 'wait'>;
}

const maxWaitSeconds = 30;

const placeBody = z.strictObject({
  clientId: objectId,
  items: z
    .array(z.strictObject({ productId: objectId, quantity: z.number().int().min(1).max(1_000_000), price: amount }))
    .min(1)
    .max(100),
  total: amount.refine((total) => total > 0, 'must be more than 0'),
  payments: z
    .array(z.strictObject({ typePaymentId: z.number().int().min(1).max(1_000), amount }))
    .min(1)
    .max(20),
});

const idParams = z.object({ id: objectId });
const status = z.enum(statusWords, `must be one of ${statusWords.join(', ')}`);

const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 visible ASCII characters')
    .optional()
    .meta({
      description:
        'Makes a repeated request harmless: the same key and body, of the same caller, get the first answer again',
    }),
});

const ifMatchHeaders = z.object({
  'if-match': z
    .string()
    .regex(/^(\*|"v\d{1,9}")$/, 'must be the ETag of the order, as "v1"')
    .optional()
    .meta({ description: 'Change the order only if this is still its ETag' }),
});

/** Both amounts were checked by the schema, so neither is `undefined` here. */
const cents = (decimal: number) => centsFromDecimal(decimal) as number;

function requestOf({ clientId, items, total, payments }: z.infer<typeof placeBody>): OrderRequest {
  return {
    clientId,
    items: items.map(({ productId, quantity, price }) => ({ productId, quantity, priceCents: cents(price) })),
    totalCents: cents(total),
    payments: payments.map(({ typePaymentId, amount: paid }) => ({ typePaymentId, amountCents: cents(paid) })),
  };
}

/** Of the parsed body: white space and the order of members do not make it another request. */
const fingerprintOf = (request: OrderRequest) => createHash('sha256').update(JSON.stringify(request)).digest('hex');

const statusOf = (word: StatusWord) => parseStatus(word) as OrderStatus;

/** The HTTP interface of orders. */
export function orderEndpoints({ checkRight, placeOrder, changeOrder, store, decisions }: Needs): Endpoint[] {
  async function findOrder(id: string) {
    const order = await store.find(id);
    if (!order) throw orderNotFound();
    return order;
  }

  return [
    endpoint({
      method: 'post',
      path: '/v1/orders',
      summary: 'Place an order',
      request: { body: placeBody, headers: idempotencyHeaders },
      responses: {
        201: { description: 'Accepted; its payment is under way', schema: orderSchema },
        400: { description: 'The body is malformed' },
        422: {
          description: 'A client, product, price or sum is wrong, or the Idempotency-Key was used for another order',
        },
        503: { description: 'The database, clients or products cannot be reached; Retry-After says when to try again' },
      },
      async handle({ body, headers, caller, traceparent, note }) {
        const request = requestOf(body);
        const given = headers['idempotency-key'];
        // Each caller has keys of its own, or one could take another's. No key has a space in it.
        const idempotency =
          given === undefined
            ? undefined
            : { key: caller ? `${caller.subject} ${given}` : given, fingerprint: fingerprintOf(request) };
        const { order, replayed } = await placeOrder(request, { idempotency, traceparent });
        note({ orderId: order.id });
        return {
          status: 201,
          body: orderView(order),
          headers: {
            location: `/v1/orders/${order.id}`,
            etag: etagOf(order),
            ...(replayed && { 'idempotent-replayed': 'true' }),
          },
        };
      },
    }),
    endpoint({
      method: 'get',
      path: '/v1/orders',
      summary: 'List orders, newest first',
      request: { query: pageQuery.extend({ status: status.optional(), clientId: objectId.optional() }) },
      responses: { 200: { description: 'A page of orders', schema: pageSchema(orderSchema) } },
      async handle({ query }) {
        const { limit, after, status: word, clientId } = query;
        const page = await store.page({ limit, after, status: word && statusOf(word), clientId });
        const filters = { ...(word && { status: word }), ...(clientId && { clientId }) };
        return pageAnswer({ path: '/v1/orders', page, view: orderView, limit, filters });
      },
    }),
    endpoint({
      method: 'get',
      path: '/v1/orders/{id}',
      summary: 'Read an order, or wait until it is decided',
      request: {
        params: idParams,
        query: z.strictObject({
          wait: z.coerce.number().int().min(0).max(maxWaitSeconds).optional().meta({
            description:
              'Answer as soon as the order is decided, or after this many seconds; at once, with Retry-After, where too many wait',
          }),
        }),
      },
      responses: {
        200: { description: 'The order as it is', schema: orderSchema },
        400: { description: 'The id is malformed' },
        404: { description: 'No such order' },
      },
      async handle({ params, query, signal, note, whileWaiting }) {
        note({ orderId: params.id });
        const order = await findOrder(params.id);
        const answer = (now: Order, headers = {}) => ({
          status: 200,
          body: orderView(now),
          headers: { etag: etagOf(now), ...headers },
        });
        if (!query.wait || isDecided(order)) return answer(order);
        const waitMs = query.wait * 1_000;
        const hasWaited = await whileWaiting(() => decisions.wait(params.id, waitMs, signal));
        return hasWaited ? answer(await findOrder(params.id)) : answer(order, { 'retry-after': '1' });
      },
    }),
    endpoint({
      method: 'patch',
      path: '/v1/orders/{id}',
      summary: "Change an order's status",
      request: { params: idParams, headers: ifMatchHeaders, body: z.strictObject({ status }) },
      responses: {
        200: { description: 'The order after the change; repeating a change changes nothing', schema: orderSchema },
        400: { description: 'The id or the status word is malformed' },
        403: { description: 'Only payments says whether an order is paid; anybody may cancel it' },
        404: { description: 'No such order' },
        409: { description: 'The order is decided already, in another way' },
        412: { description: 'The order is no longer the version that If-Match names' },
      },
      async handle({ params, headers, body, caller, traceparent, note }) {
        note({ orderId: params.id });
        const to = statusOf(body.status);
        checkRight(to, caller);
        const match = /\d+/.exec(headers['if-match'] ?? '');
        const order = await changeOrder(params.id, to, {
          expectedVersion: match ? Number(match[0]) : undefined,
          traceparent,
        });
        return { status: 200, body: orderView(order), headers: { etag: etagOf(order) } };
      },
    }),
  ];
}
