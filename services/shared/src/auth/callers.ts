import { notAllowed } from '../http/authenticate.ts';
import type { Logger } from '../log.ts';
import { type AuthSettings, trustOf } from './auth-settings.ts';
import { issuerKeys } from './issuer-keys.ts';
import { createKeySet } from './key-set.ts';
import { trustedIssuers } from './trusted-issuers.ts';
import { tokenVerifier, type VerifyToken } from './verify-token.ts';

/**
 * How callers are told apart; `undefined` where anybody may call, which is said aloud. Asks nobody yet: a service starts
 * while the issuer is away.
 *
 * @throws ConfigurationError where only a part is set
 */
export function verifierFrom(settings: AuthSettings, log: Logger): VerifyToken | undefined {
  const trust = trustOf(settings);
  if (!trust) {
    log.warn('anybody who reaches this API may use it: AUTH_ISSUER is not set');
    return undefined;
  }
  const { issuers, audience, subjects, tokenFile } = trust;
  log.info({ issuers: issuers.length > 0 ? issuers : tokenFile, audience, subjects }, 'callers must show a token');
  const verifyToken = tokenVerifier({
    issuers: trustedIssuers(trust, Date.now),
    audience,
    keys: createKeySet({ load: issuerKeys(trust), now: Date.now }),
    now: Date.now,
  });
  return subjects === undefined ? verifyToken : among(subjects, verifyToken);
}

/** Many issuers give a token for any audience to whoever asks: then the subject decides. */
function among(subjects: readonly string[], verifyToken: VerifyToken): VerifyToken {
  const isOf = (subject: string) => (one: string) =>
    one.endsWith('*') ? subject.startsWith(one.slice(0, -1)) : subject === one;
  return async (token) => {
    const caller = await verifyToken(token);
    if (subjects.some(isOf(caller.subject))) return caller;
    throw notAllowed('caller-not-allowed', 'The token is good, but its subject may not call this API.');
  };
}
