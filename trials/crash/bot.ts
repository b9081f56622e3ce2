/**
 * The bot as `src/main.ts` starts it, which says each call through its ports on a line `call N NAME` and kills itself,
 * as a crash would, at the one that `CRASH_AT` names: `17 before`, or `firewall.revoke after` for the first of that name. `CRASH_CALLS` says which calls count.
 */
import { readFileSync, writeSync } from 'node:fs';
import { createApp, realRooms } from '../../src/app.js';
import { readConfig } from '../../src/config.js';
import { counted } from './counted.js';

const { CRASH_AT = '', CRASH_CALLS, ...env } = process.env;
const [call, side] = CRASH_AT.split(' ');
process.removeAllListeners('warning');

const reading = readConfig(env, (path) => readFileSync(path, 'utf8'));
if (!reading.ok) throw new Error(reading.problems.join('\n'));
const { config } = reading;
const rooms = counted(
  realRooms(config),
  CRASH_CALLS === 'every' ? 'every' : 'changes',
  async (number, name, work) => {
    // At once, past every buffer: it may be the last thing that this process does.
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
