import { readFile } from 'node:fs/promises';
import { decodeJwt } from 'jose';
import type { Trust } from './auth-settings.ts';
import { issuerUnavailable } from './issuer-unavailable.ts';

/** A mounted token is replaced rarely, and this is asked for each call. */
const freshMs = 10_000;

/**
 * The issuers that are configured. Where none is, whoever made the token that is shown for the keys, and whoever made those
 * that were in its file before: while a cluster changes its name, tokens of both names are shown. A wrong one opens nothing,
 * as the keys come from elsewhere.
 *
 * @returns throws DomainError `unavailable` while the file was never readable
 */
export function trustedIssuers(
  { issuers, tokenFile }: Pick<Trust, 'issuers' | 'tokenFile'>,
  now: () => number,
): () => Promise<string[]> {
  const seen = new Set(issuers);
  let readAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    if (issuers.length === 0 && tokenFile !== undefined && now() - readAtMs >= freshMs)
      try {
        seen.add(await issuerOf(tokenFile));
        readAtMs = now();
      } catch (cause) {
        if (seen.size === 0) throw issuerUnavailable('Whose tokens are good', cause);
      }
    return [...seen];
  };
}

async function issuerOf(tokenFile: string): Promise<string> {
  const { iss } = decodeJwt((await readFile(tokenFile, 'utf8')).trim());
  if (!iss) throw new Error(`the token in ${tokenFile} names no issuer`);
  return iss;
}
