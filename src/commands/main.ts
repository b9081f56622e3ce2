/** Runs the command that the first argument names with the other arguments, and ends with its exit code. */
import { type Command, processShell } from './shell.js';

/** The commands. Each is imported when it is wanted, since loading AWS's packages takes longer than checking a policy. */
const COMMANDS = new Map<string, () => Promise<Command>>([
  ['close', async () => (await import('./close.js')).close],
  ['doctor', async () => (await import('./doctor.js')).doctor],
  ['init', async () => (await import('./init.js')).init],
  ['manifest', async () => (await import('./manifest.js')).manifest],
  ['policy', async () => (await import('./policy.js')).policy],
  ['uninstall-aws', async () => (await import('./uninstall-aws.js')).uninstallAws],
]);
const EXIT_USAGE = 2;

process.removeAllListeners('warning');
const [name = '', ...args] = process.argv.slice(2);
const wanted = COMMANDS.get(name);
if (wanted) {
  const command = await wanted();
  process.exitCode = await command(args, processShell);
} else {
  console.error(`Name a command first: ${[...COMMANDS.keys()].join(', ')}.`);
  process.exitCode = EXIT_USAGE;
}
