import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';

/** Whoever calls, as the issuer names it. */
export interface Caller {
  readonly subject: string;
}

/** A token that is not good, with a sentence for whoever sent it. */
export class TokenRefused extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = 'TokenRefused';
  }
}

/** Signatures by key pairs only: with `none` or a shared secret anybody who knows the public key could write tokens. */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** Clocks of issuer and service may differ by this much. */
const clockToleranceSeconds = 30;

interface VerifierOptions {
  readonly issuers: () => Promise<string[]>;
  readonly audience: string;
  readonly keys: JWTVerifyGetKey;
  readonly now: () => number;
}

export type VerifyToken = (token: string) => Promise<Caller>;

/**
 * Checks signature, algorithm, issuer, audience and times of a JWT; `exp` and `sub` must be there.
 *
 * @throws TokenRefused, or DomainError `unavailable` while the issuer's keys or its name cannot be read
 */
export function tokenVerifier({ issuers, audience, keys, now }: VerifierOptions): VerifyToken {
  return async (token) => {
    const issuer = await issuers();
    try {
      const { payload } = await jwtVerify(token, keys, {
        ...{ issuer, audience, algorithms, clockTolerance: clockToleranceSeconds },
        requiredClaims: ['exp', 'sub'],
        currentDate: new Date(now()),
      });
      if (typeof payload.sub !== 'string' || payload.sub === '') throw new TokenRefused('The token names no subject.');
      return { subject: payload.sub };
    } catch (error) {
      throw error instanceof errors.JOSEError ? new TokenRefused(sentenceOf(error)) : error;
    }
  };
}

const claims: Record<string, string> = {
  iss: 'The token is of another issuer.',
  aud: 'The token is for another audience.',
  nbf: 'The token is not valid yet.',
};

function sentenceOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired.';
  if (error instanceof errors.JWTClaimValidationFailed && error.reason !== 'missing')
    return claims[error.claim] ?? `The claim ${error.claim} of the token is wrong.`;
  if (error instanceof errors.JWTClaimValidationFailed) return `The token lacks the claim ${error.claim}.`;
  if (error instanceof errors.JOSEAlgNotAllowed) return 'The algorithm of the signature is not allowed.';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'The signature of the token is wrong.';
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return 'The issuer has no key that fits the token.';
  return 'The token is not a signed JWT.';
}
