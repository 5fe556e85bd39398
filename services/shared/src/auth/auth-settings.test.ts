import { describe, expect, it } from '@jest/globals';
import { readSettings } from '../env.ts';
import { authSettings, trustOf } from './auth-settings.ts';

const trust = (environment: Record<string, string>) => trustOf(readSettings(authSettings, environment));

describe('the settings of who may call', () => {
  it('trust nobody where none is set', () => {
    expect(trust({})).toBeUndefined();
  });

  it('keep the issuer byte for byte, because its tokens do', () => {
    const { issuers } = trust({ AUTH_ISSUER: 'https://a.example.com/, https://b', AUTH_AUDIENCE: 'shop' }) ?? {};
    expect(issuers).toEqual(['https://a.example.com/', 'https://b']);
    for (const wrong of ['tenant', 'https://a,tenant'])
      expect(() => trust({ AUTH_ISSUER: wrong, AUTH_AUDIENCE: 'shop' })).toThrow('AUTH_ISSUER must be an http://');
    expect(() => trust({ AUTH_ISSUER: 'https://a,', AUTH_AUDIENCE: 'shop' })).toThrow('none of them empty');
  });

  it('leave the issuer to the token that is shown for the keys, where it is said whither that goes', () => {
    const files = { AUTH_JWKS_TOKEN_FILE: '/token', AUTH_JWKS_URL: 'https://api/keys' };
    expect(trust({ ...files, AUTH_AUDIENCE: 'shop' })).toMatchObject({ issuers: [], tokenFile: '/token' });
    expect(() => trust(files)).toThrow('AUTH_AUDIENCE must be set');
  });

  it('are refused where only a part is set, so that nothing opens by mistake', () => {
    expect(() => trust({ AUTH_ISSUER: 'https://a.example' })).toThrow('AUTH_AUDIENCE must be set');
    for (const variable of ['AUTH_AUDIENCE', 'AUTH_SUBJECTS', 'AUTH_CA_FILE', 'AUTH_JWKS_TOKEN_FILE'])
      expect(() => trust({ [variable]: 'x' })).toThrow('AUTH_ISSUER must be set');
    expect(() => trust({ AUTH_JWKS_URL: 'https://a.example/keys' })).toThrow('AUTH_ISSUER must be set');
  });
});
