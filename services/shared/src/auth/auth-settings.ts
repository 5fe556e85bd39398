import { ConfigurationError, httpUrl, optional, type Setting, text, type Values } from '../env.ts';

/** As the `iss` of tokens has it, byte for byte: some issuers end with a slash. */
const issuer: Setting<string> = {
  ...httpUrl(
    'AUTH_ISSUER',
    undefined,
    'OIDC issuer whose bearer tokens callers must show, as their `iss` has it; unset lets anybody call',
  ),
  parse(raw) {
    httpUrl('AUTH_ISSUER', undefined, '').parse(raw);
    return raw;
  },
};

export const authSettings = {
  authIssuer: optional(issuer),
  authAudience: optional(
    text('AUTH_AUDIENCE', undefined, 'what must be in the `aud` of a token; needed with AUTH_ISSUER'),
  ),
  authJwksUrl: optional(
    httpUrl('AUTH_JWKS_URL', undefined, 'where the keys of the issuer are; unset asks its OIDC discovery document'),
  ),
  authCaFile: optional(
    text('AUTH_CA_FILE', undefined, 'PEM file of the authority that signed the issuer; unset trusts the public ones'),
  ),
  authJwksTokenFile: optional(
    text(
      'AUTH_JWKS_TOKEN_FILE',
      undefined,
      'file with the bearer token that the issuer wants for its keys, as Kubernetes does',
    ),
  ),
};

export type AuthSettings = Values<typeof authSettings>;

/** Where tokens come from, and for whom they must be. */
export interface Trust {
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string | undefined;
  readonly caFile: string | undefined;
  readonly tokenFile: string | undefined;
}

/**
 * `undefined` where callers need no token.
 *
 * @throws ConfigurationError where only a part is set: a forgotten issuer must not open the door
 */
export function trustOf(settings: AuthSettings): Trust | undefined {
  const { authIssuer, authAudience, authJwksUrl, authCaFile, authJwksTokenFile } = settings;
  if (authIssuer === undefined) {
    if (authAudience || authJwksUrl || authCaFile || authJwksTokenFile)
      throw new ConfigurationError(['AUTH_ISSUER must be set when another AUTH_… setting is']);
    return undefined;
  }
  if (authAudience === undefined) throw new ConfigurationError(['AUTH_AUDIENCE must be set when AUTH_ISSUER is']);
  return {
    issuer: authIssuer,
    audience: authAudience,
    jwksUrl: authJwksUrl,
    caFile: authCaFile,
    tokenFile: authJwksTokenFile,
  };
}
