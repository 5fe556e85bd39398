import { describe, expect, it } from '@jest/globals';
import { readSettings } from '../env.ts';
import { kafkaSettings, readSecurity } from './kafka-settings.ts';

const pem = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
const files: Record<string, string> = { 'ca.pem': pem, 'not.pem': 'hello' };

function readFile(path: string): string {
  const text = files[path];
  if (text === undefined) throw new Error('ENOENT');
  return text;
}

const read = (environment: Record<string, string>) => readSecurity(readSettings(kafkaSettings, environment), readFile);

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
      tls: { ca: [pem], cert: pem, key: pem },
      sasl: { mechanism: 'scram-sha-512', username: 'orders', password: 'secret' },
    });
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
    [{ KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'x' }, 'KAFKA_SASL_PASSWORD must be set'],
  ])('names what is wrong with %j', (environment: Record<string, string>, fault) => {
    expect(() => read(environment)).toThrow(fault);
  });

  it('refuses an address that the client cannot reach', () => {
    expect(() => readSettings(kafkaSettings, { KAFKA_BROKERS: '[::1]:9092' })).toThrow('a name or an IPv4 address');
  });
});
