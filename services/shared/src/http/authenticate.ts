import type { RequestHandler } from 'express';
import { TokenRefused, type VerifyToken } from '../auth/verify-token.ts';
import { HttpError } from './problem.ts';

const bearer = /^Bearer +([\w~+/.-]+=*) *$/i;

/** The challenge of RFC 6750: who sends no token is not told of an error. */
function refusal(detail: string, isTokenGiven: boolean): HttpError {
  const challenge = isTokenGiven ? `Bearer error="invalid_token", error_description="${detail}"` : 'Bearer';
  return new HttpError(401, isTokenGiven ? 'invalid-token' : 'missing-token', detail, {
    'www-authenticate': challenge,
  });
}

/** The token is good, and whoever shows it may not do that. */
export function notAllowed(code: string, detail: string): HttpError {
  return new HttpError(403, code, detail, { 'www-authenticate': 'Bearer error="insufficient_scope"' });
}

/**
 * Leaves in `response.locals` the `caller` whose token is good, or the `refusal`: a limit of requests counts both, and
 * `admit` refuses after it.
 */
export function identify(verifyToken: VerifyToken): RequestHandler {
  return async (request, response, next) => {
    const given = request.get('authorization');
    const token = bearer.exec(given ?? '')?.[1];
    try {
      if (token === undefined)
        throw refusal('A bearer token is required: Authorization: Bearer TOKEN.', given !== undefined);
      response.locals.caller = await verifyToken(token);
    } catch (error) {
      response.locals.refusal = error instanceof TokenRefused ? refusal(error.message, true) : error;
    }
    next();
  };
}

export const admit: RequestHandler = (_request, response, next) => next(response.locals.refusal);
