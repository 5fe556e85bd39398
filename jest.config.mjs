const shared = {
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/.data/'],
};

const servers = {
  globalSetup: '<rootDir>/scripts/embedded/jest-setup.ts',
  globalTeardown: '<rootDir>/scripts/embedded/jest-teardown.ts',
};

/**
 * The tier of a test is in its name: x.test.ts (no I/O), x.int.test.ts (real servers), x.e2e.test.ts (the whole shop),
 * x.cluster.test.ts (Kubernetes; those in `api` need its API server only, no pod of theirs runs, and none counts seconds).
 */
export default {
  maxWorkers: 2,
  // A property is tried some hundred times, and machines that test are busy. Of a project, Jest does not read it.
  testTimeout: 30_000,
  errorOnDeprecated: true,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/{services,scripts}/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '\\.(int|e2e)\\.test\\.ts$'],
    },
    { ...shared, ...servers, displayName: 'int', testMatch: ['<rootDir>/{services,scripts}/**/*.int.test.ts'] },
    { ...shared, ...servers, displayName: 'e2e', testMatch: ['<rootDir>/e2e/**/*.e2e.test.ts'] },
    {
      ...shared,
      ...servers,
      displayName: 'cluster-api',
      testMatch: ['<rootDir>/e2e/cluster/api/*.cluster.test.ts'],
    },
    {
      ...shared,
      ...servers,
      displayName: 'cluster',
      testMatch: ['<rootDir>/e2e/cluster/{*,notifications/*,shop/*}.cluster.test.ts'],
    },
  ],
};
