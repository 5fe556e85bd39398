import { objectId } from '@shop/shared/contracts/order-events';
import { DomainError } from '@shop/shared/errors';
import { type Endpoint, endpoint } from '@shop/shared/http/endpoint';
import { pageAnswer, pageQuery, pageSchema } from '@shop/shared/keyset';
import { decimalFromCents } from '@shop/shared/money';
import { z } from 'zod';
import { newProduct, type Product, productRequest } from './product.ts';
import type { ProductStore } from './store.ts';

interface Needs {
  readonly store: ProductStore;
  readonly newId: () => string;
  readonly clock: () => Date;
}

const path = '/v1/products';

const productSchema = z
  .object({ id: objectId, ...productRequest.shape, createdAt: z.iso.datetime() })
  .meta({ title: 'Product' });

function productView({ id, name, description, priceCents, quantity, createdAt }: Product) {
  const price = decimalFromCents(priceCents);
  return { id, name, description, price, quantity, createdAt: createdAt.toISOString() };
}

const faulty = { description: 'The request is malformed; `errors` names each fault' };
const databaseDown = { description: 'The database does not answer; try again after `Retry-After`' };

/** The HTTP interface of products. */
export function productEndpoints({ store, newId, clock }: Needs): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path,
      summary: 'Create a product',
      request: { body: productRequest },
      responses: { 201: { description: 'Created', schema: productSchema }, 400: faulty, 503: databaseDown },
      async handle({ body }) {
        const product = newProduct(body, newId(), clock());
        await store.insert(product);
        return { status: 201, body: productView(product), headers: { location: `${path}/${product.id}` } };
      },
    }),
    endpoint({
      method: 'get',
      path: `${path}/{id}`,
      summary: 'One product',
      request: { params: z.object({ id: objectId }) },
      responses: {
        200: { description: 'The product', schema: productSchema },
        400: faulty,
        404: { description: 'There is no such product' },
        503: databaseDown,
      },
      async handle({ params: { id } }) {
        const product = await store.find(id);
        if (!product)
          throw new DomainError('not-found', { code: 'product-not-found', detail: `There is no product ${id}.` });
        // A product never changes, so its id tells one version from all others.
        return { status: 200, body: productView(product), headers: { etag: `W/"${id}"` } };
      },
    }),
    endpoint({
      method: 'get',
      path,
      summary: 'Products, newest first',
      request: { query: pageQuery },
      responses: {
        200: { description: 'A page; `Link` leads to the next one', schema: pageSchema(productSchema) },
        400: faulty,
        503: databaseDown,
      },
      async handle({ query }) {
        return pageAnswer({ path, page: await store.page(query), view: productView, limit: query.limit });
      },
    }),
  ];
}
