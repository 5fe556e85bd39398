import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readSettings } from '../env.ts';
import { readSecurity } from './security.ts';
import { kafkaSettings } from './settings.ts';

const pem = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
const files: Record<string, string> = {
  'ca.pem': pem,
  'not.pem': 'hello',
  name: 'orders\n',
  empty: '',
  'changing.pem': pem,
};

function readFile(path: string): string {
  const text = files[path];
  if (text === undefined) throw new Error('ENOENT');
  return text;
}

const security = (environment: Record<string, string>) =>
  readSecurity(readSettings(kafkaSettings, environment), readFile);

function read(environment: Record<string, string>) {
  const { tls, sasl } = security(environment);
  return { tls: tls?.(), sasl: sasl && { mechanism: sasl.mechanism, ...sasl.user() } };
}

describe('readSecurity', () => {
  it('connects without TLS and without a name by default', () => {
    expect(read({})).toEqual({ tls: undefined, sasl: undefined });
  });

  it('reads certificates and credentials', () => {
    const environment = {
      KAFKA_TLS: 'true',
      KAFKA_TLS_CA_FILE: 'ca.pem',
      KAFKA_TLS_CERT_FILE: 'ca.pem',
      KAFKA_TLS_KEY_FILE: 'ca.pem',
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'orders',
      KAFKA_SASL_PASSWORD: 'secret',
    };
    expect(read(environment)).toEqual({
      tls: { ca: pem, cert: pem, key: pem },
      sasl: { mechanism: 'scram-sha-512', username: 'orders', password: 'secret' },
    });
  });

  it('reads name and password from files, without the line break at the end', () => {
    const environment = {
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME_FILE: 'name',
      KAFKA_SASL_PASSWORD_FILE: 'name',
    };
    expect(read(environment).sasl).toEqual({ mechanism: 'scram-sha-512', username: 'orders', password: 'orders' });
  });

  it('reads again what has changed since', () => {
    const { tls } = security({ KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: 'changing.pem' });
    files['changing.pem'] = `${pem}${pem}`;
    expect(tls?.()).toEqual({ ca: `${pem}${pem}` });
  });

  it('trusts every certificate of a folder, also one that comes later, and nothing else that is there', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ca-'));
    try {
      writeFileSync(join(folder, 'ca.crt'), 'new -----BEGIN ');
      writeFileSync(join(folder, 'ca.p12'), 'binary');
      const { tls } = readSecurity(readSettings(kafkaSettings, { KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: folder }));
      expect(tls?.()).toEqual({ ca: 'new -----BEGIN ' });
      writeFileSync(join(folder, 'ca-2026-11-29.crt'), 'old -----BEGIN ');
      expect(tls?.().ca?.split('\n').sort()).toEqual(['new -----BEGIN ', 'old -----BEGIN ']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    [{ KAFKA_TLS_CA_FILE: 'ca.pem' }, 'KAFKA_TLS must be true'],
    [{ KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: 'missing.pem' }, 'KAFKA_TLS_CA_FILE must be a readable PEM file'],
    [{ KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: 'not.pem' }, 'it holds no PEM block'],
    [
      { KAFKA_TLS: 'true', KAFKA_TLS_CERT_FILE: 'ca.pem' },
      'KAFKA_TLS_CERT_FILE and KAFKA_TLS_KEY_FILE must be set together',
    ],
    [{ KAFKA_SASL_PASSWORD: 'x' }, 'KAFKA_SASL_MECHANISM must be set'],
    [{ KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'x' }, 'KAFKA_SASL_PASSWORD, or their files'],
    [
      {
        KAFKA_SASL_MECHANISM: 'plain',
        KAFKA_SASL_USERNAME: 'x',
        KAFKA_SASL_PASSWORD: 'y',
        KAFKA_SASL_PASSWORD_FILE: 'name',
      },
      'KAFKA_SASL_PASSWORD and KAFKA_SASL_PASSWORD_FILE exclude each other',
    ],
    [
      { KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'x', KAFKA_SASL_PASSWORD_FILE: 'empty' },
      'KAFKA_SASL_PASSWORD_FILE must be a readable file, but empty is not: it is empty',
    ],
  ])('names what is wrong with %j', (environment: Record<string, string>, fault) => {
    expect(() => read(environment)).toThrow(fault);
  });

  it('refuses an address that the client cannot reach', () => {
    expect(() => readSettings(kafkaSettings, { KAFKA_BROKERS: '[::1]:9092' })).toThrow('a name or an IPv4 address');
  });
});
