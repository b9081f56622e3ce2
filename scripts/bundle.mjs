/**
 * Bundles each program that the sandbox, the tests and the trials start again and again into one file: reading a thousand
 * small files takes four times as long as everything else that the bot does before it is connected. `npm start` and the
 * commands run dist/src.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, stop } from 'esbuild';
import { root } from './bootstrap.mjs';

/** The entry of each program, by the name of its file in dist/bundled. */
const PROGRAMS = {
  bot: 'dist/src/main.js',
  'dying-bot': 'dist/trials/crash/bot.js',
};

/** Gives bundled CommonJS packages the `require` that they call while they run. */
const banner =
  "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

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
    keepNames: true,
    minifyWhitespace: true,
    logLevel: 'error',
  });
  // esbuild's own process would otherwise stay as long as this one.
  await stop();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
