import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { packagesOf, sbomOf } from './sbom.ts';

const digest = createHash('sha512').update('the package');
const integrity = `sha512-${digest.copy().digest('base64')}`;
const lock = {
  version: '0.1.0',
  packages: {
    'node_modules/express': { version: '5.3.0', license: 'MIT', integrity },
    'node_modules/@scope/one': { version: '1.0.0' },
    'node_modules/express/node_modules/debug': { version: '2.0.0' },
  },
};

describe('the packages of a bundle', () => {
  it('are those that files were taken from, once each, nested and scoped ones too', () => {
    expect(
      packagesOf([
        'services/orders/src/main.ts',
        'node_modules/express/lib/a.js',
        'node_modules/express/lib/b.js',
        'node_modules/@scope/one/index.js',
        'node_modules/express/node_modules/debug/index.js',
      ]),
    ).toEqual(['node_modules/@scope/one', 'node_modules/express', 'node_modules/express/node_modules/debug']);
  });

  it('are listed with version, licence, address and the hash that the lock file has', () => {
    const inputs = {
      'node_modules/express/lib/a.js': { bytesInOutput: 1 },
      'node_modules/unused/index.js': { bytesInOutput: 0 },
    };
    const { components, metadata } = sbomOf(
      'orders',
      { outputs: { 'main.mjs': { inputs } } },
      ['node_modules/@scope/one'],
      lock,
    );
    expect(metadata.component).toMatchObject({ name: 'orders', version: '0.1.0' });
    expect(components).toEqual([
      { type: 'library', name: '@scope/one', version: '1.0.0', purl: 'pkg:npm/%40scope/one@1.0.0' },
      {
        type: 'library',
        name: 'express',
        version: '5.3.0',
        purl: 'pkg:npm/express@5.3.0',
        licenses: [{ expression: 'MIT' }],
        hashes: [{ alg: 'SHA-512', content: digest.digest('hex') }],
      },
    ]);
  });

  it('must be in the lock file', () => {
    expect(() => sbomOf('orders', { outputs: {} }, ['node_modules/left-pad'], lock)).toThrow(
      'node_modules/left-pad is in the bundle, but not in package-lock.json',
    );
  });
});
