/**
 * The subcommands that work, out of the bot's own table, as JSON for the sandbox, which offers them while somebody
 * types. So nobody has to import the bot or to keep a second list.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { root } from './root.mjs';

/** Writes dist/subcommands.json from what tsc wrote. */
export async function writeSubcommands() {
  const table = pathToFileURL(join(root, 'dist', 'src', 'slack', 'answering', 'commands', 'table.js'));
  const { SUBCOMMANDS } = await import(table.href);
  const offered = SUBCOMMANDS.filter(({ notYet }) => !notYet);
  const rows = offered.map(({ word, takes, who, does }) => ({ word, takes, who, does }));
  writeFileSync(join(root, 'dist', 'subcommands.json'), JSON.stringify(rows, undefined, 2));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeSubcommands();
