/**
 * Makes a fresh clone run, with nothing but Node's own modules: installs the packages of the lockfile, and compiles
 * changed sources. Prints its steps only where there is something to do.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from './root.mjs';

// Scripts take everything from this module, since they can import only once they know how old Node is.
export { root };

const inRoot = (...parts) => join(root, ...parts);

/**
 * A fault whose message is for the person at the terminal, without a stack. `exitCode` is the exit code of the command.
 */
export class Sorry extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Runs a command: the result of `story` is the exit code, and a {@link Sorry} ends the command with a sentence. */
export async function main(story) {
  try {
    process.exitCode = await story();
  } catch (fault) {
    if (!(fault instanceof Sorry)) throw fault;
    console.error(fault.message);
    process.exitCode = fault.exitCode;
  }
}

/**
 * Installs and, unless `compile` is false, builds, each only if needed. `out` gets the progress.
 * @throws Sorry when a step fails
 */
export async function bootstrap({ out = process.stdout, compile = true } = {}) {
  const steps = [];
  if (!isInstalled()) steps.push(['Installing dependencies (once)', install]);
  if (compile && !isBuilt('src', 'sandbox', 'trials', 'bench')) steps.push(['Building', build]);
  let gap = '  ';
  try {
    for (const [name, step] of steps) {
      out.write(`${gap}${name}…`);
      const startedMs = Date.now();
      await step();
      out.write(`  ${Math.ceil((Date.now() - startedMs) / 1000)} s`);
      gap = '     ';
    }
  } finally {
    if (steps.length > 0) out.write('\n');
  }
}

/** Whether node_modules holds what package-lock.json asks for, development included. */
function isInstalled() {
  const [wanted, there] = [inRoot('package-lock.json'), inRoot('node_modules', '.package-lock.json')].map(
    readPackages,
  );
  // npm writes the file in node_modules last, so without the file an installation never finished.
  return (
    wanted !== undefined &&
    there !== undefined &&
    Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
      if (path === '') return true;
      // A missing optional package is most often one for another platform.
      return there[path] ? there[path].version === version : Boolean(optional || devOptional);
    })
  );
}

function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined;
}

async function install() {
  // No dependency needs its install script, since native parts come as packages of their own. The options override
  // settings of the person that would leave out development packages, or hide why the installation failed.
  const wishes = ['--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const { command, args, shell } = findNpm();
  const { code, output } = await capture(command, [...args, 'ci', ...wishes], { shell });
  if (code !== 0) throw new Sorry(`\n${output}\nnpm ci failed, see above. Try it again once that is solved.`);
}

/** Finds npm's own file or, where that fails, the command `npm`, which differs between systems. */
function findNpm() {
  const nodeFolder = dirname(process.execPath);
  const candidates = [
    process.env.npm_execpath ?? '',
    join(nodeFolder, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(nodeFolder, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  const file = candidates.find((path) => path.endsWith('npm-cli.js') && existsSync(path));
  if (file) return { command: process.execPath, args: [file], shell: false };
  // Windows cannot start a .cmd without a shell. No argument has a character that a shell would interpret.
  return { command: 'npm', args: [], shell: process.platform === 'win32' };
}

/** The compiled programs of the commands and the bot. */
const BUILT = [inRoot('dist', 'src', 'main.js'), inRoot('dist', 'bundled', 'bot.js')];

/** Whether dist is newer than every file of these folders, and than the compiler's configurations. */
export function isBuilt(...folders) {
  if (!BUILT.every(existsSync)) return false;
  const sources = [...folders, 'tsconfig.json', 'tsconfig.build.json', 'tsconfig.page.json'].map((name) =>
    inRoot(name),
  );
  const oldestMs = Math.min(...BUILT.map((file) => statSync(file).mtimeMs));
  return Math.max(...sources.filter(existsSync).map(newestMs)) < oldestMs;
}

/** The newest change below a path. Folders count too, since a deleted file changes only its folder. */
function newestMs(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newestMs(join(path, name))));
}

async function build() {
  const startedAt = new Date();
  // The sandbox's page is for browsers, so it has a configuration of its own.
  for (const project of ['tsconfig.build.json', 'tsconfig.page.json']) {
    const { code, output } = await runTool('typescript/bin/tsc', '-p', project, '--noEmitOnError');
    if (code !== 0) throw new Sorry(`\n${output}\nThis does not compile, see above.`);
  }
  // Imported only now, since esbuild is there only after the installation.
  await (await import('./bundle.mjs')).bundle();
  await (await import('./subcommands.mjs')).writeSubcommands();
  // A file that is saved while the compiler runs must count as newer than the build.
  for (const file of BUILT) utimesSync(file, startedAt, startedAt);
}

/** The file of a package's program, since the shims in node_modules/.bin differ between systems. */
export const toolFile = (file) => inRoot('node_modules', ...file.split('/'));

/** Runs a package's program. Resolves with its exit code and its output, of which nothing is shown. */
export const runTool = (file, ...args) => capture(process.execPath, [toolFile(file), ...args]);

/** Runs a program in the project's folder. Resolves with its exit code and all of its output. */
function capture(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.once('error', (fault) => resolve({ code: 1, output: `${command}: ${fault.message}` }));
    child.once('close', (code) => resolve({ code, output: output.trimEnd() }));
  });
}

/**
 * Runs a Node program in place of this one: with the same terminal and the same signals. Resolves with the program's exit
 * code, or 128 and the number of the signal that ended it.
 */
export function standIn(args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: 'inherit', ...options });
    let asked = false;
    const passOn = (signal) => {
      asked = true;
      // A terminal sends Ctrl-C to both processes.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, passOn);
    const unwatch = whenNpmIsGone(() => asked || passOn('SIGTERM'));
    child.once('exit', (code, signal) => {
      for (const each of signals) process.off(each, passOn);
      unwatch();
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

/**
 * Calls back when npm was ended. npm starts this process through a shell, which dies of a signal without passing it on.
 * @returns a function that stops looking
 */
export function whenNpmIsGone(callback) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, 250).unref();
  if (!process.env.npm_lifecycle_event) clearInterval(timer);
  return () => clearInterval(timer);
}
