/**
 * Runs a test file as Jest does, but evaluates modules from outside `test` once for all the files of a worker, and so
 * the modules that Jest loads for itself into each file: for most stories that was more work than the story. A
 * worker lives no longer than one run, so no change of a source is missed. Modules of `test` are each file's own, and so
 * is Jest's own state.
 */
import { pathToFileURL } from 'node:url';
import circus from 'jest-circus/runner';

/** Evaluated modules by their address. */
const shared = new Map();
/** Evaluated modules that Jest loads for itself, by their path. */
const sharedOfJest = new Map();
/**
 * The runtime of the running file: modules that were evaluated for an earlier file import and require through it as
 * well.
 */
let importNow;
let requireOfJestNow;

export default async function run(globalConfig, config, environment, runtime, testPath) {
  // A worker reports the result of a file, and not of each test as well: nobody reads the thousands of results.
  const runFile = () => circus.default(globalConfig, config, environment, runtime, testPath);
  // While Jest watches, one process runs the files again and again, and they change.
  if (globalConfig.watch || globalConfig.watchAll) return runFile();
  const { esmLoader, registries } = runtime;
  const registry = registries.esModuleRegistry;
  importNow = esmLoader.dynamicImport;
  esmLoader.dynamicImport = (...args) => importNow(...args);
  for (const [address, module] of shared) registry.set(address, module);
  const registryOfJest = registries.getInternalCjsRegistry();
  const requireOfJest = runtime.requireInternalModule;
  requireOfJestNow = (...args) =>
    withoutFollowing(runtime.coreModule, () => requireOfJest.apply(runtime, args));
  runtime.requireInternalModule = (...args) => requireOfJestNow(...args);
  for (const [path, module] of sharedOfJest) registryOfJest.set(path, module);
  const tests = pathToFileURL(`${config.rootDir}/test/`).href;
  const keep = () => {
    for (const [address, module] of registry) {
      const isOfTests = address.startsWith(tests) || !address.startsWith('file:');
      if (!isOfTests && module.status === 'evaluated') shared.set(address, module);
    }
    for (const [path, module] of registryOfJest) {
      if (module.loaded && !/\/jest-circus\//.test(path)) sharedOfJest.set(path, module);
    }
  };
  return runFile().finally(keep);
}

/**
 * Jest follows every promise by an AsyncLocalStorage, to know of which test it is where tests run side by side. Node
 * then does more for each promise of the bot, and here one test of a file runs after the other.
 */
class OneAfterAnother {
  getStore() {
    return this.store;
  }

  run(store, work) {
    const before = this.store;
    this.store = store;
    const result = work();
    return result.finally(() => {
      this.store = before;
    });
  }
}

function withoutFollowing(coreModule, load) {
  const { require } = coreModule;
  coreModule.require = (name) =>
    name === 'node:async_hooks' ? { AsyncLocalStorage: OneAfterAnother } : require.call(coreModule, name);
  try {
    return load();
  } finally {
    coreModule.require = require;
  }
}
