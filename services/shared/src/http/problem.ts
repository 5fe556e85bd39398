import type { ErrorRequestHandler, Response } from 'express';
import {
  type DomainError,
  domainErrorOf,
  type ErrorKind,
  type Fault,
  reasonOf,
  type TranslateError,
} from '../errors.ts';
import type { Logger } from '../log.ts';
import { logMembers } from './log-members.ts';

const statusOfKind: Record<ErrorKind, number> = {
  invalid: 400,
  unprocessable: 422,
  'not-found': 404,
  conflict: 409,
  stale: 412,
  throttled: 429,
  unavailable: 503,
};

/** Failures that exist only in HTTP, before any of our own code is asked. */
export class HttpError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, detail: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.name = 'HttpError';
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** Thrown by a handler to cut the connection without an answer: so the simulated provider loses the ones it sent. */
export class NoAnswer extends Error {
  constructor() {
    super('the connection is cut without an answer');
    this.name = 'NoAnswer';
  }
}

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly errors?: readonly Fault[];
}

/** What Express' body parser and router throw, by its `type` or status. */
function parserProblem(error: { type?: unknown; status?: unknown }): Problem | undefined {
  if (error.type === 'entity.parse.failed')
    return { status: 400, code: 'malformed-json', detail: 'The body is not valid JSON.' };
  if (error.type === 'entity.too.large')
    return { status: 413, code: 'body-too-large', detail: 'The body is larger than 64 kB.' };
  if (error.status === 415)
    return {
      status: 415,
      code: 'unsupported-media-type',
      detail: 'The body must be JSON in UTF-8; of encodings, gzip, deflate and br are understood.',
    };
  if (typeof error.status === 'number' && error.status >= 400 && error.status < 500)
    return { status: error.status, code: 'bad-request', detail: 'The request could not be read.' };
  return undefined;
}

function domainProblem(error: DomainError): Problem {
  const { kind, code, message, faults, retryAfterSeconds } = error;
  return {
    status: statusOfKind[kind],
    code,
    detail: message,
    ...(faults.length > 0 && { errors: faults }),
    ...(retryAfterSeconds !== undefined && { headers: { 'retry-after': String(retryAfterSeconds) } }),
  };
}

/** `undefined` for what nobody foresaw. */
function problemOf(error: unknown, translate: TranslateError): Problem | undefined {
  if (error instanceof HttpError)
    return { status: error.status, code: error.code, detail: error.message, headers: error.headers };
  const domainError = domainErrorOf(error, translate);
  if (domainError) return domainProblem(domainError);
  return parserProblem(Object(error));
}

const unforeseen: Problem = {
  status: 500,
  code: 'internal-error',
  detail: 'Something went wrong on our side. The request id finds it in our logs.',
};

const titles: Record<number, string> = {
  400: 'Bad request',
  401: 'Token required',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  412: 'Precondition failed',
  413: 'Body too large',
  414: 'Address too long',
  415: 'Unsupported media type',
  422: 'Against a rule',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Unavailable',
};

/**
 * Answers any error as RFC 9457 problem+json. An outage is logged with its reason, what nobody foresaw with its stack;
 * neither is shown.
 */
export function problemHandler(log: Logger, translate: TranslateError): ErrorRequestHandler {
  return (error: unknown, request, response: Response, next) => {
    if (error instanceof NoAnswer) {
      request.socket.destroy();
      return;
    }
    if (response.headersSent) {
      next(error);
      return;
    }
    const { requestId } = response.locals;
    const problem = problemOf(error, translate);
    const { status, code, detail, headers, errors } = problem ?? unforeseen;
    if (!problem) log.error({ err: error, ...logMembers(response), status }, 'request failed');
    else if (status >= 500)
      log.warn({ ...logMembers(response), status, code, reason: reasonOf(error) }, 'request could not be served');
    response
      .status(status)
      .set({ ...headers })
      .type('application/problem+json')
      .send(
        JSON.stringify({
          type: `urn:shop:problem:${code}`,
          title: titles[status] ?? 'Error',
          status,
          code,
          detail,
          instance: `urn:request:${requestId}`,
          ...(errors && { errors }),
        }),
      );
  };
}
