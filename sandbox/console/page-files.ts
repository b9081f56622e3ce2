/** Which files the page may load: its own, and the few modules that it shares with the sandbox. */
import { fileURLToPath } from 'node:url';
import { fileOf } from '../town.js';

const PLAIN = /^\/(?:[a-z-]+\.(?:css|svg))$/;
/** Compiled with everything else, and loaded by their places in the tree. */
const MODULES =
  /^\/(?:sandbox\/console\/(?:page\/(?:[a-z-]+\/)?[a-z-]+|leases|kept)|sandbox\/slack\/slack-date)\.js$/;

const compiled = (path: string): string => {
  const root = import.meta.url.includes('/dist/sandbox/') ? '../..' : '../../dist';
  return fileURLToPath(new URL(root + path, import.meta.url));
};

/** The file for a path, from the sources for what needs no compiling; undefined for everything else. */
export function pageFile(path: string): string | undefined {
  if (path === '/') return fileOf('sandbox/console/page/index.html');
  if (PLAIN.test(path)) return fileOf(`sandbox/console/page${path}`);
  return MODULES.test(path) ? compiled(path) : undefined;
}
