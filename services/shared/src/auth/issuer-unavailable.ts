import { DomainError } from '../errors.ts';

/** @param what of the issuer cannot be read: an outage makes no token wrong, nor good */
export function issuerUnavailable(what: string, cause: unknown): DomainError {
  return new DomainError('unavailable', {
    code: 'issuer-unavailable',
    detail: `${what} cannot be read, so the token can be neither trusted nor refused. Try again.`,
    retryAfterSeconds: 5,
    cause,
  });
}
