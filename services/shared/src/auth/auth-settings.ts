import { ConfigurationError, httpUrl, list, optional, type Setting, text, type Values } from '../env.ts';

const issuerNames = list(
  'AUTH_ISSUER',
  undefined,
  'OIDC issuer whose bearer tokens callers must show, as their `iss` has it; unset trusts whoever made the token of ' +
    'AUTH_JWKS_TOKEN_FILE, and without that lets anybody call; several names while one takes the place of another, the keys being those of the first',
);
const issuerUrl = httpUrl('AUTH_ISSUER', undefined, '');

/** As the `iss` of tokens has it, byte for byte: some issuers end with a slash. */
const issuers: Setting<string[]> = {
  ...issuerNames,
  parse(raw) {
    const found = issuerNames.parse(raw);
    for (const one of found) issuerUrl.parse(one);
    return found;
  },
};

export const authSettings = {
  authIssuers: optional(issuers),
  authAudience: optional(
    text('AUTH_AUDIENCE', undefined, 'what must be in the `aud` of a token; needed where tokens are wanted'),
  ),
  authSubjects: optional(
    list(
      'AUTH_SUBJECTS',
      undefined,
      'subjects of the tokens that may call, a `*` at the end of one for any that begin so; unset for all of the issuer',
    ),
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
  /** Empty where `tokenFile` tells: then `jwksUrl` is there too. */
  readonly issuers: readonly string[];
  readonly audience: string;
  /** Who may call; `undefined` for everybody with a good token. */
  readonly subjects: readonly string[] | undefined;
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
  const { authIssuers, authAudience, authSubjects, authJwksUrl, authCaFile, authJwksTokenFile } = settings;
  if (authIssuers === undefined && !(authJwksUrl && authJwksTokenFile)) {
    if (authAudience || authSubjects || authJwksUrl || authCaFile || authJwksTokenFile)
      throw new ConfigurationError([
        'AUTH_ISSUER must be set when another AUTH_… setting is, but for AUTH_JWKS_URL and AUTH_JWKS_TOKEN_FILE together',
      ]);
    return undefined;
  }
  if (authAudience === undefined) throw new ConfigurationError(['AUTH_AUDIENCE must be set where tokens are wanted']);
  return {
    issuers: authIssuers ?? [],
    audience: authAudience,
    subjects: authSubjects,
    jwksUrl: authJwksUrl,
    caFile: authCaFile,
    tokenFile: authJwksTokenFile,
  };
}
