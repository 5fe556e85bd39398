import { objectId } from '@shop/shared/contracts/order-events';
import { DomainError } from '@shop/shared/errors';
import { type Endpoint, endpoint } from '@shop/shared/http/endpoint';
import { pageAnswer, pageQuery, pageSchema } from '@shop/shared/keyset';
import { z } from 'zod';
import { type Client, clientRequest } from './client.ts';
import type { ClientStore } from './store.ts';

interface Needs {
  readonly store: ClientStore;
  readonly newId: () => string;
  readonly clock: () => Date;
}

const path = '/v1/clients';

const clientSchema = z
  .object({ id: objectId, ...clientRequest.shape, createdAt: z.iso.datetime() })
  .meta({ title: 'Client' });

function clientView({ id, name, email, phone, cpf, createdAt }: Client): z.infer<typeof clientSchema> {
  return { id, name, email, phone, cpf, createdAt: createdAt.toISOString() };
}

const faulty = { description: 'The request is malformed; `errors` names each fault' };
const databaseDown = { description: 'The database does not answer; try again after `Retry-After`' };

/** The HTTP interface of clients. */
export function clientEndpoints({ store, newId, clock }: Needs): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path,
      summary: 'Create a client',
      request: { body: clientRequest },
      responses: { 201: { description: 'Created', schema: clientSchema }, 400: faulty, 503: databaseDown },
      async handle({ body }) {
        const client = { ...body, id: newId(), createdAt: clock() };
        await store.insert(client);
        return { status: 201, body: clientView(client), headers: { location: `${path}/${client.id}` } };
      },
    }),
    endpoint({
      method: 'get',
      path: `${path}/{id}`,
      summary: 'One client',
      request: { params: z.object({ id: objectId }) },
      responses: {
        200: { description: 'The client', schema: clientSchema },
        400: faulty,
        404: { description: 'There is no such client' },
        503: databaseDown,
      },
      async handle({ params: { id } }) {
        const client = await store.find(id);
        if (!client)
          throw new DomainError('not-found', { code: 'client-not-found', detail: `There is no client ${id}.` });
        // A client never changes, so its id tells one version from all others.
        return { status: 200, body: clientView(client), headers: { etag: `W/"${id}"` } };
      },
    }),
    endpoint({
      method: 'get',
      path,
      summary: 'Clients, newest first',
      request: { query: pageQuery },
      responses: {
        200: { description: 'A page; `Link` leads to the next one', schema: pageSchema(clientSchema) },
        400: faulty,
        503: databaseDown,
      },
      async handle({ query }) {
        return pageAnswer({ path, page: await store.page(query), view: clientView, limit: query.limit });
      },
    }),
  ];
}
