import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The packages that scripts/test-packages.mjs made; none where Jest is started without `npm test`. */
const folder = new URL('dist/test-packages/', import.meta.url);
const list = new URL('packages.json', folder);
const { names } = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : { names: [] };

export default {
  testEnvironment: '<rootDir>/scripts/test-environment.mjs',
  testRunner: '<rootDir>/scripts/test-runner.mjs',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // The tests of the page need a browser: npm run test:browser.
  testPathIgnorePatterns: ['/test/browser/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    ...Object.fromEntries(names.map((name) => [`^${name}$`, fileURLToPath(new URL(`${name}.mjs`, folder))])),
  },
  // Tests import what they need of Jest.
  injectGlobals: false,
  testSequencer: '<rootDir>/scripts/test-order.mjs',
  // Above all that one test waits for: PATIENCE_MS each, where nothing comes.
  testTimeout: 300_000,
  // On a busy machine a process takes its time to end.
  workerGracefulExitTimeout: 30_000,
};
