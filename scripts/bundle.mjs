/**
 * Bundles each program that starts again and again, or stays, into one file and what it shares with the others: the bot, which
 * `npm start`, the sandbox and the tests run, and the trial's. Read from its files the bot takes 40 MB of memory more, and
 * three times as long to start. The commands run dist/src.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, stop } from 'esbuild';
import { root } from './root.mjs';

/** The entry of each program, by the name of its file in dist/bundled. */
const PROGRAMS = {
  bot: 'dist/src/main.js',
  'dying-bot': 'dist/trials/crash/bot.js',
};

/** Gives bundled CommonJS packages the `require` that they call while they run. */
const banner =
  "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

/**
 * The AWS SDK describes each operation by constants whose keys are constants, `{ [_xN]: _a }`, and esbuild must keep a key
 * that it does not know, since making it might do something. With its text for a key, what the bot never calls is left out:
 * of EC2 that is 700 operations, and 20 MB of memory.
 */
export const plainKeys = {
  name: 'plain keys',
  setup({ onLoad }) {
    onLoad({ filter: /@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const keys = new Map(
        [...text.matchAll(/^const (\w+) = ("\w+");$/gm)].map(([, name, key]) => [name, key]),
      );
      return {
        contents: text.replaceAll(/\[(\w+)\]:/g, (known, name) =>
          keys.has(name) ? `${keys.get(name)}:` : known,
        ),
      };
    });
  },
};

/**
 * Errors that call themselves by their class, as the bot tells them apart and the log names them: esbuild numbers a class whose
 * name is taken. Its own `keepNames` would define the name of every function too, each time that one is made, which is up to a
 * tenth of the work of a request.
 */
export const errorNames = {
  name: 'error names',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/](?:redis-errors|(?:ioredis|@slack)[\\/].*[\\/]errors)\b.*\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const names = [...text.matchAll(/^class (\w+)/gm)].map(([, name]) => name);
      const kept = names.map((name) => `Object.defineProperty(${name}, 'name', { value: '${name}' });`);
      return { contents: [text, ...kept].join('\n') };
    });
  },
};

/**
 * Bundles what tsc wrote, or other entries, sources too, of another copy of the project. Rejects where a module is missing.
 */
export async function bundle(copy = root, entryPoints = PROGRAMS) {
  rmSync(join(copy, 'dist', 'bundled'), { recursive: true, force: true });
  await build({
    absWorkingDir: copy,
    entryPoints,
    outdir: 'dist/bundled',
    chunkNames: 'shared/[hash]',
    bundle: true,
    // Without this esbuild keeps every operation of EC2 for a module that is imported late, since one might be called.
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // From ES modules esbuild leaves out everything that nobody imports.
    mainFields: ['module', 'main'],
    banner: { js: banner },
    plugins: [plainKeys, errorNames],
    // Without white space and comments the bot takes 15 MB less. A stack still names functions, and a place in a short line,
    // from which the map tells the place in src.
    minifyWhitespace: true,
    lineLimit: 120,
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'error',
  });
  // esbuild's own process would otherwise stay as long as this one.
  await stop();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
