import { DomainError } from './errors.ts';

/** What was written is not found: a primary that has just been chosen answers as of before for some seconds. */
export function databaseBehind(what: string): DomainError {
  return new DomainError('unavailable', {
    code: 'database-behind',
    detail: `${what} was written and is not found: the database answers as of before. Try again soon.`,
    retryAfterSeconds: 2,
  });
}
