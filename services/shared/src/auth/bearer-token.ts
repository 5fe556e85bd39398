import { readFile } from 'node:fs/promises';
import { DomainError } from '../errors.ts';

/** The `authorization` header of our own calls; empty where none is wanted. */
export type BearerHeader = () => Promise<{ readonly authorization?: string }>;

/**
 * From a file that is read for each call: Kubernetes replaces a projected token long before it expires.
 *
 * @param file `undefined` where the called service wants no token
 * @returns throws DomainError `unavailable` while the file cannot be read
 */
export function bearerFrom(file: string | undefined): BearerHeader {
  if (file === undefined) return async () => ({});
  return async () => {
    try {
      return { authorization: `Bearer ${(await readFile(file, 'utf8')).trim()}` };
    } catch (cause) {
      throw new DomainError('unavailable', {
        code: 'token-unreadable',
        detail: 'The token for another service cannot be read.',
        cause,
      });
    }
  };
}
