import type { Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import type { Caller } from '../auth/verify-token.ts';
import { DomainError, type Fault } from '../errors.ts';
import { noteAbout } from './log-members.ts';
import { HttpError } from './problem.ts';
import { checkPart } from './request-faults.ts';

/** What a handler answers. A `body` of `undefined` sends none. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Parts {
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly headers?: z.ZodType;
  readonly body?: z.ZodType;
}

type PartOf<P extends Parts, K extends keyof Parts> = P[K] extends z.ZodType ? z.infer<P[K]> : undefined;

export interface CheckedRequest<P extends Parts> {
  readonly params: PartOf<P, 'params'>;
  readonly query: PartOf<P, 'query'>;
  readonly headers: PartOf<P, 'headers'>;
  readonly body: PartOf<P, 'body'>;
  /** `undefined` where anybody may call. */
  readonly caller: Caller | undefined;
  readonly requestId: string;
  /** W3C trace context: that of the request's span; without tracing the caller's, or a new one that is not sampled. */
  readonly traceparent: string;
  /** What the request is about, as `{ orderId }`: every log line and the span of the request get it from then on. */
  readonly note: (members: Readonly<Record<string, string>>) => void;
  /** Waits without counting as in hand meanwhile; `false` at once where too many wait already. */
  readonly whileWaiting: (wait: () => Promise<void>) => Promise<boolean>;
  /** Aborted when the caller hangs up or the service drains: long waits end on it. */
  readonly signal: AbortSignal;
}

/**
 * One operation of an API. The same schemas check the request and describe it in `/openapi.json`,
 * so what is documented is what is enforced. Paths are written as OpenAPI does: `/v1/orders/{id}`.
 */
export interface Endpoint<P extends Parts = Parts> {
  readonly method: 'get' | 'post' | 'patch' | 'put' | 'delete';
  readonly path: string;
  readonly summary: string;
  readonly request: P;
  /** By status; a schema of `null` means no body. Problems (4xx, 5xx) need only a description. */
  readonly responses: Readonly<Record<number, { description: string; schema?: z.ZodType }>>;
  readonly handle: (request: CheckedRequest<P>) => Promise<Reply>;
}

/** Keeps the types of the parts while the list of endpoints forgets them. */
export function endpoint<const P extends Parts>(definition: Endpoint<P>): Endpoint {
  return definition as unknown as Endpoint;
}

function checkMediaType(request: Request): void {
  const given = request.is('application/json');
  if (given === null) throw new DomainError('invalid', { code: 'missing-body', detail: 'A JSON body is required.' });
  if (given === false)
    throw new HttpError(415, 'unsupported-media-type', 'The body must be JSON: set Content-Type: application/json.');
}

function parseParts(definition: Endpoint, request: Request): Record<keyof Parts, unknown> {
  const parts = { params: undefined, query: undefined, headers: undefined, body: undefined } as Record<
    keyof Parts,
    unknown
  >;
  const faults: Fault[] = [];
  if (definition.request.body) checkMediaType(request);
  for (const part of ['params', 'query', 'headers', 'body'] as const) {
    const schema = definition.request[part];
    if (!schema) continue;
    const checked = checkPart(schema, request[part], part);
    parts[part] = checked.value;
    faults.push(...checked.faults);
  }
  if (faults.length > 0) {
    const first = faults[0] as Fault;
    throw new DomainError('invalid', {
      code: 'invalid-request',
      detail: `${first.at} ${first.detail}${faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''}.`,
      faults,
    });
  }
  return parts;
}

/** The Express handler of an endpoint. `draining` is aborted when the service begins to stop. */
export function handlerOf(definition: Endpoint, draining: AbortSignal): RequestHandler {
  return async (request: Request, response: Response) => {
    const parts = parseParts(definition, request);
    response.locals.isChecked = true;
    const hangUp = new AbortController();
    response.on('close', () => hangUp.abort());
    const answer = await definition.handle({
      ...(parts as Record<keyof Parts, never>),
      caller: response.locals.caller as Caller | undefined,
      requestId: response.locals.requestId as string,
      traceparent: response.locals.traceparent as string,
      note: (members) => noteAbout(response, members),
      whileWaiting: response.locals.whileWaiting as CheckedRequest<Parts>['whileWaiting'],
      signal: AbortSignal.any([hangUp.signal, draining]),
    });
    response.status(answer.status).set({ ...answer.headers });
    if (answer.body === undefined) response.end();
    else response.json(answer.body);
  };
}
