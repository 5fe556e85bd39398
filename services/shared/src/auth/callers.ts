import type { Logger } from '../log.ts';
import { type AuthSettings, trustOf } from './auth-settings.ts';
import { issuerKeys } from './issuer-keys.ts';
import { createKeySet } from './key-set.ts';
import { tokenVerifier, type VerifyToken } from './verify-token.ts';

/**
 * How callers are told apart; `undefined` where anybody may call, which is said aloud. Asks nobody yet: a service starts
 * while the issuer is away.
 *
 * @throws ConfigurationError where only a part is set
 */
export function callersOf(settings: AuthSettings, log: Logger): VerifyToken | undefined {
  const trust = trustOf(settings);
  if (!trust) {
    log.warn('anybody who reaches this API may use it: AUTH_ISSUER is not set');
    return undefined;
  }
  const { issuer, audience } = trust;
  log.info({ issuer, audience }, 'callers must show a token');
  return tokenVerifier({
    issuer,
    audience,
    keys: createKeySet({ load: issuerKeys(trust), now: Date.now }),
    now: Date.now,
  });
}
