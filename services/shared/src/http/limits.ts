import type { RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { Caller } from '../auth/verify-token.ts';
import { integer, type Values } from '../env.ts';
import { DomainError } from '../errors.ts';
import type { Gauge } from '../metrics.ts';
import { HttpError } from './problem.ts';

export const limitSettings = {
  rateLimit: integer(
    'RATE_LIMIT',
    '0',
    'most requests of one caller in RATE_LIMIT_WINDOW_MS to one process; a caller is the subject of a token, else an address; 0 for no limit',
    [0, 1_000_000],
  ),
  rateLimitWindowMs: integer('RATE_LIMIT_WINDOW_MS', '10000', 'what RATE_LIMIT counts over', [1_000, 3_600_000]),
  trustedProxies: integer(
    'TRUSTED_PROXIES',
    '0',
    'proxies in front whose X-Forwarded-For is believed: without it every caller behind one has its address',
    [0, 10],
  ),
  maxRequestsInHand: integer(
    'MAX_REQUESTS_IN_HAND',
    '1000',
    'requests that one process works on at once; others are answered 503. As many more may wait for a decision',
    [1, 100_000],
  ),
  maxConnections: integer('MAX_CONNECTIONS', '5000', 'connections of one process; others are closed', [1, 100_000]),
  headersTimeoutMs: integer(
    'HEADERS_TIMEOUT_MS',
    '10000',
    'how long the head of a request may take to arrive',
    [100, 60_000],
  ),
  requestTimeoutMs: integer(
    'REQUEST_TIMEOUT_MS',
    '30000',
    'how long a whole request may take to arrive',
    [100, 300_000],
  ),
  standstillTimeoutMs: integer(
    'STANDSTILL_TIMEOUT_MS',
    '65000',
    'a connection with a request in hand that moves no byte for so long, as of a caller that does not read, is cut off; longer than callers wait for a decision, which is 30 s at most',
    [100, 600_000],
  ),
};

type Limits = Values<typeof limitSettings>;

const maxUrlLength = 2_048;

/** Ids and cursors are short: what is longer than this is no address of ours. */
export const limitUrl: RequestHandler = (request, _response, next) => {
  if (request.url.length > maxUrlLength)
    throw new HttpError(414, 'url-too-long', `The address is longer than ${maxUrlLength} characters.`);
  next();
};

/** Counts requests by caller and says with each answer what is left, in the `RateLimit` headers of the IETF's draft 8. */
export function limitRate({ rateLimit: limit, rateLimitWindowMs }: Pick<Limits, 'rateLimit' | 'rateLimitWindowMs'>) {
  return rateLimit({
    limit,
    windowMs: rateLimitWindowMs,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // It would print to the console when somebody sends X-Forwarded-For and no proxy is trusted: anybody can.
    validate: false,
    keyGenerator(request, response) {
      const caller = response.locals.caller as Caller | undefined;
      return caller ? `subject ${caller.subject}` : `address ${ipKeyGenerator(request.ip ?? '')}`;
    },
    handler(_request, response) {
      throw new DomainError('throttled', {
        code: 'rate-limit',
        detail: 'Too many requests. Retry-After says when there is room again.',
        retryAfterSeconds: Number(response.get('retry-after') ?? 1),
      });
    },
  });
}

/**
 * Refuses what comes while `max` requests are in hand: a queue would only make everybody wait for answers that come too late.
 * One that only waits for something is not in hand, or waits for decisions would keep out the reports that bring them. As many
 * may wait; who comes then is answered without a wait.
 */
export function limitConcurrency(max: number, gauge: Pick<Gauge, 'set'>): RequestHandler {
  let inHand = 0;
  let waiting = 0;
  const change = (by: 1 | -1) => {
    inHand += by;
    gauge.set(inHand);
  };
  return (_request, response, next) => {
    if (inHand >= max)
      throw new DomainError('unavailable', {
        code: 'too-busy',
        detail: 'Too many requests are in hand. Try again soon.',
        retryAfterSeconds: 1,
      });
    change(1);
    response.on('close', () => change(-1));
    response.locals.whileWaiting = async (wait: () => Promise<void>) => {
      if (waiting >= max) return false;
      waiting += 1;
      change(-1);
      await wait().finally(() => {
        waiting -= 1;
        change(1);
      });
      return true;
    };
    next();
  };
}
