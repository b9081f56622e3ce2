/**
 * A bot that crashes where the trial wants: starts like `src/main.ts`, prints each call through its ports on a line
 * `call N NAME`, and kills itself at the call that `CRASH_AT` names, such as `17 before`, or `firewall.revoke after` for
 * the first call of that name. `CRASH_CALLS` says which calls count: `every` or, by default, the calls that change
 * something.
 */
import { readFileSync, writeSync } from 'node:fs';
import { createApp, realRooms } from '../../src/app.js';
import { readConfig } from '../../src/config.js';
import { counted } from './counted.js';

const { CRASH_AT = '', CRASH_CALLS, ...env } = process.env;
const [call, side] = CRASH_AT.split(' ');
process.removeAllListeners('warning');

const reading = readConfig(env, (path) => readFileSync(path));
if (!reading.ok) throw new Error(reading.problems.join('\n'));
const { config } = reading;
const rooms = counted(
  realRooms(config),
  CRASH_CALLS === 'every' ? 'every' : 'changes',
  async (number, name, work) => {
    // Written without a buffer, since the process may die right after this line.
    writeSync(1, `call ${number} ${name}\n`);
    const isLast = call === name || call === `${number}`;
    if (isLast && side === 'before') process.kill(process.pid, 'SIGKILL');
    try {
      return await work();
    } finally {
      if (isLast && side === 'after') process.kill(process.pid, 'SIGKILL');
    }
  },
);
await createApp(config, rooms).start();
