import { amount, objectId } from '@shop/shared/contracts/order-events';
import { DomainError } from '@shop/shared/errors';
import { type Endpoint, endpoint } from '@shop/shared/http/endpoint';
import { pageAnswer, pageQuery, pageSchema } from '@shop/shared/keyset';
import { centsFromDecimal, decimalFromCents } from '@shop/shared/money';
import { z } from 'zod';
import type { Product } from './product.ts';
import type { ProductStore } from './store.ts';

interface Needs {
  readonly store: ProductStore;
  readonly newId: () => string;
  readonly clock: () => Date;
}

const createBody = z.strictObject({
  name: z.string().trim().min(1).max(200),
  description: z.string().trim().min(1).max(2_000),
  price: amount,
  quantity: z.number().int().min(0).max(1_000_000_000),
});

const productSchema = createBody.extend({ id: objectId, createdAt: z.iso.datetime() });

function productView({
  id,
  name,
  description,
  priceCents,
  quantity,
  createdAt,
}: Product): z.infer<typeof productSchema> {
  const price = decimalFromCents(priceCents);
  return { id, name, description, price, quantity, createdAt: createdAt.toISOString() };
}

/** The HTTP interface of products: created and read, never changed, so others may remember what they read. */
export function productEndpoints({ store, newId, clock }: Needs): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: '/v1/products',
      summary: 'Create a product',
      request: { body: createBody },
      responses: {
        201: { description: 'Created', schema: productSchema },
        400: { description: 'The body is malformed' },
        503: { description: 'The database cannot be reached; Retry-After says when to try again' },
      },
      async handle({ body: { price, ...rest } }) {
        const product = { id: newId(), ...rest, priceCents: centsFromDecimal(price) as number, createdAt: clock() };
        await store.insert(product);
        return { status: 201, body: productView(product), headers: { location: `/v1/products/${product.id}` } };
      },
    }),
    endpoint({
      method: 'get',
      path: '/v1/products',
      summary: 'List products, newest first',
      request: { query: pageQuery },
      responses: { 200: { description: 'A page of products', schema: pageSchema(productSchema) } },
      async handle({ query: { limit, after } }) {
        return pageAnswer({ path: '/v1/products', page: await store.page({ limit, after }), view: productView, limit });
      },
    }),
    endpoint({
      method: 'get',
      path: '/v1/products/{id}',
      summary: 'Read a product',
      request: { params: z.object({ id: objectId }) },
      responses: {
        200: { description: 'The product', schema: productSchema },
        400: { description: 'The id is malformed' },
        404: { description: 'No such product' },
      },
      async handle({ params }) {
        const product = await store.find(params.id);
        if (!product)
          throw new DomainError('not-found', {
            code: 'product-not-found',
            detail: 'There is no product with this id.',
          });
        return { status: 200, body: productView(product) };
      },
    }),
  ];
}
