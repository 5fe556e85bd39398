import type { BearerHeader } from '@shop/shared/auth/bearer-token';
import { DomainError } from '@shop/shared/errors';
import type { Call } from '@shop/shared/http/call';
import { z } from 'zod';
import type { FindClient } from './ports.ts';

const clientAnswer = z.object({ name: z.string().min(1), email: z.string().min(3) });
const problemAnswer = z.object({ code: z.string() });

interface ClientsOptions {
  readonly call: Call;
  readonly clientsUrl: string;
  readonly bearer: BearerHeader;
  readonly timeoutMs: number;
}

/** What stands in a path as it is. Orders looks each client up, so any other id is of an event that is not its. */
const idOfSomebody = /^[\w-]{1,200}$/;

/** Looks clients up over HTTP. Only the service's own «there is no such client» is one: a 404 or 400 of some proxy is an outage. */
export function httpClients({ call, clientsUrl, bearer, timeoutMs }: ClientsOptions): FindClient {
  return async (clientId, traceparent) => {
    if (!idOfSomebody.test(clientId)) throw nobody();
    let status: number;
    let body: unknown;
    try {
      const answer = await call({
        url: `${clientsUrl}/v1/clients/${clientId}`,
        headers: await bearer(),
        ...{ template: '/v1/clients/{id}', traceparent, timeoutMs },
      });
      status = answer.status;
      body = answer.json();
    } catch (cause) {
      throw unavailable('Clients does not answer.', cause);
    }
    const { data } = clientAnswer.safeParse(body);
    if (status === 200 && data) return data;
    const code = problemAnswer.safeParse(body).data?.code;
    // An id that clients finds malformed names nobody either.
    if ((status === 400 && code === 'invalid-request') || (status === 404 && code === 'client-not-found'))
      throw nobody();
    throw unavailable(`Clients answered ${status}.`);
  };
}

function nobody(): DomainError {
  return new DomainError('not-found', { code: 'client-unknown', detail: 'There is no such client.' });
}

function unavailable(detail: string, cause?: unknown): DomainError {
  return new DomainError('unavailable', { code: 'clients-unavailable', detail, cause });
}
