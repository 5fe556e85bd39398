import { objectId } from '@shop/shared/contracts/order-events';
import { DomainError } from '@shop/shared/errors';
import { type Endpoint, endpoint } from '@shop/shared/http/endpoint';
import { pageAnswer, pageQuery, pageSchema } from '@shop/shared/keyset';
import { z } from 'zod';
import type { Client } from './client.ts';
import type { ClientStore } from './store.ts';

interface Needs {
  readonly store: ClientStore;
  readonly newId: () => string;
  readonly clock: () => Date;
}

const createBody = z.strictObject({
  name: z.string().trim().min(1).max(200),
  email: z.email().max(254),
  phone: z.string().regex(/^\+?[\d ()-]{8,25}$/, 'must be a phone number of 8 to 25 characters'),
  cpf: z.string().regex(/^\d{11}$/, 'must be eleven digits'),
});

const clientSchema = createBody.extend({ id: objectId, createdAt: z.iso.datetime() });

const clientView = ({ createdAt, ...rest }: Client) => ({ ...rest, createdAt: createdAt.toISOString() });

/** The HTTP interface of clients: created and read, never changed, so others may remember what they read. */
export function clientEndpoints({ store, newId, clock }: Needs): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: '/v1/clients',
      summary: 'Create a client',
      request: { body: createBody },
      responses: {
        201: { description: 'Created', schema: clientSchema },
        400: { description: 'The body is malformed' },
        503: { description: 'The database cannot be reached; Retry-After says when to try again' },
      },
      async handle({ body }) {
        const client = { id: newId(), ...body, createdAt: clock() };
        await store.insert(client);
        return { status: 201, body: clientView(client), headers: { location: `/v1/clients/${client.id}` } };
      },
    }),
    endpoint({
      method: 'get',
      path: '/v1/clients',
      summary: 'List clients, newest first',
      request: { query: pageQuery },
      responses: { 200: { description: 'A page of clients', schema: pageSchema(clientSchema) } },
      async handle({ query: { limit, after } }) {
        return pageAnswer({ path: '/v1/clients', page: await store.page({ limit, after }), view: clientView, limit });
      },
    }),
    endpoint({
      method: 'get',
      path: '/v1/clients/{id}',
      summary: 'Read a client',
      request: { params: z.object({ id: objectId }) },
      responses: {
        200: { description: 'The client', schema: clientSchema },
        400: { description: 'The id is malformed' },
        404: { description: 'No such client' },
      },
      async handle({ params }) {
        const client = await store.find(params.id);
        if (!client)
          throw new DomainError('not-found', { code: 'client-not-found', detail: 'There is no client with this id.' });
        return { status: 200, body: clientView(client) };
      },
    }),
  ];
}
