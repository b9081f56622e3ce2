/** Files of the project's own folder, wherever a command is started. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The way to the folder from `src/commands` as well as from `dist/src/commands`. */
const ROOT = import.meta.url.includes('/dist/src/') ? '../../../' : '../../';

/** The path of a file of the project, such as `manifest.yml`. */
export function projectFile(name: string): string {
  return fileURLToPath(new URL(ROOT + name, import.meta.url));
}

export function readProjectFile(name: string): string {
  return readFileSync(projectFile(name), 'utf8');
}
