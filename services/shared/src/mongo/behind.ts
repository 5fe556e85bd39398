import { DomainError } from '../errors.ts';

/** What was written is not found: a primary that was just chosen may return stale data for some seconds. */
export function databaseBehind(what: string): DomainError {
  return new DomainError('unavailable', {
    code: 'database-behind',
    detail: `${what} was written but not found. The database returned stale data, as it may after a change of its primary. Try again soon.`,
    retryAfterSeconds: 2,
  });
}
