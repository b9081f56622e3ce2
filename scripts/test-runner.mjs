/**
 * Runs a test file as Jest does, but what it imports from outside `test` is evaluated once for all the files of a
 * worker: for most stories that was more work than the story. A worker lives no longer than one run, so no change of a
 * source is missed. Modules of `test` are each file's own.
 */
import { pathToFileURL } from 'node:url';
import circus from 'jest-circus/runner';

/** Evaluated modules by their address. */
const shared = new Map();
/** The running file's: modules that were evaluated for an earlier file import through it as well. */
let importNow;

export default async function run(globalConfig, config, environment, runtime, ...rest) {
  const runFile = () => circus.default(globalConfig, config, environment, runtime, ...rest);
  // While Jest watches, one process runs the files again and again, and they change.
  if (globalConfig.watch || globalConfig.watchAll) return runFile();
  const { esmLoader, registries } = runtime;
  const registry = registries.esModuleRegistry;
  importNow = esmLoader.dynamicImport;
  esmLoader.dynamicImport = (...args) => importNow(...args);
  for (const [address, module] of shared) registry.set(address, module);
  const tests = pathToFileURL(`${config.rootDir}/test/`).href;
  const keep = () => {
    for (const [address, module] of registry) {
      const isOfTests = address.startsWith(tests) || !address.startsWith('file:');
      if (!isOfTests && module.status === 'evaluated') shared.set(address, module);
    }
  };
  return runFile().finally(keep);
}
