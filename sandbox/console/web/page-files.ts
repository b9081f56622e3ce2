/** Says which files the page may load: the page's own, and the few modules that it shares with the sandbox. */
import { fileURLToPath } from 'node:url';
import { fileOf } from '../../town.js';

const STYLES = /^\/[a-z-]+\.css$/;
const ICON = '/icon.svg';
/** Modules are compiled with the rest of the sandbox, and the browser asks for them by their place in its tree. */
const MODULES =
  /^\/(?:sandbox\/console\/(?:page\/(?:[a-z-]+\/)?[a-z-]+|shown\/(?:leases|kept))|sandbox\/slack\/reading\/slack-date)\.js$/;

const compiled = (path: string): string => {
  const root = import.meta.url.includes('/dist/sandbox/') ? '../../..' : '../../../dist';
  return fileURLToPath(new URL(root + path, import.meta.url));
};

/** @returns the file behind a path of the page, or undefined for every path that is not served */
export function pageFile(path: string): string | undefined {
  if (path === '/') return fileOf('sandbox/console/page/index.html');
  if (path === ICON) return fileOf('sandbox/console/page/icon.svg');
  if (STYLES.test(path)) return fileOf(`sandbox/console/page/styles${path}`);
  return MODULES.test(path) ? compiled(path) : undefined;
}
