import { describe, expect, it } from '@jest/globals';
import { readSettings } from '../env.ts';
import { authSettings, trustOf } from './auth-settings.ts';

const trust = (environment: Record<string, string>) => trustOf(readSettings(authSettings, environment));

describe('the settings of who may call', () => {
  it('trust nobody where none is set', () => {
    expect(trust({})).toBeUndefined();
  });

  it('keep the issuer byte for byte, because its tokens do', () => {
    const { issuer } = trust({ AUTH_ISSUER: 'https://tenant.example.com/', AUTH_AUDIENCE: 'shop' }) ?? {};
    expect(issuer).toBe('https://tenant.example.com/');
    expect(() => trust({ AUTH_ISSUER: 'tenant', AUTH_AUDIENCE: 'shop' })).toThrow('AUTH_ISSUER must be an http://');
  });

  it('are refused where only a part is set, so that nothing opens by mistake', () => {
    expect(() => trust({ AUTH_ISSUER: 'https://a.example' })).toThrow('AUTH_AUDIENCE must be set');
    for (const variable of ['AUTH_AUDIENCE', 'AUTH_CA_FILE', 'AUTH_JWKS_TOKEN_FILE'])
      expect(() => trust({ [variable]: 'x' })).toThrow('AUTH_ISSUER must be set');
    expect(() => trust({ AUTH_JWKS_URL: 'https://a.example/keys' })).toThrow('AUTH_ISSUER must be set');
  });
});
