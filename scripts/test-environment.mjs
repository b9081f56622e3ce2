/**
 * Node's environment, one for all the test files of a worker. Modules that are evaluated once for all files
 * (test-runner.mjs) must see the same `Error` as each file does, so the files share the global object. Each still gets
 * the environment variables as they were, and leaves nothing of Jest's behind.
 */
import { TestEnvironment } from 'jest-environment-node';

/** The names that Jest puts on the global object for each file anew; `expect` is one for all files (test-runner.mjs). */
const JESTS = /JEST|jest(?!-matchers)|EVENT_HANDLERS|RETRY/;

let shared;

export default class SharedEnvironment {
  constructor(...options) {
    if (!shared) {
      const environment = new TestEnvironment(...options);
      shared = { environment, names: new Set(Reflect.ownKeys(environment.global)) };
    }
    const { context, global, moduleMocker, fakeTimers, fakeTimersModern } = shared.environment;
    Object.assign(this, { context, global, moduleMocker, fakeTimers, fakeTimersModern });
    this.before = { env: { ...global.process.env }, exit: global.process.exit };
  }

  getVmContext() {
    return this.context;
  }

  exportConditions() {
    return shared.environment.exportConditions();
  }

  async setup() {}

  async teardown() {
    this.fakeTimersModern.useRealTimers();
    const { process } = this.global;
    process.exit = this.before.exit;
    for (const name of Object.keys(process.env)) {
      if (!(name in this.before.env)) delete process.env[name];
    }
    Object.assign(process.env, this.before.env);
    for (const name of Reflect.ownKeys(this.global)) {
      if (!shared.names.has(name) && JESTS.test(String(name))) delete this.global[name];
    }
  }
}
