/** Asks the doctor, as an operator would. */
import { spawn } from 'node:child_process';
import { fileOf } from '../../sandbox/town.js';
import type { Servers } from './kinds/servers.js';

/** @returns each wrong finding: a fault of Redis where there is none, or a mistake that the doctor does not name */
export async function diagnose(
  { mistakes }: Servers,
  env: Readonly<Record<string, string>>,
): Promise<string[]> {
  const right = (await findings(env)).filter(({ id }) => id?.startsWith('redis.'));
  // The speed of Redis only shows how busy this machine is.
  const wrong = right.filter(({ id, status }) => /fail|warn/.test(status ?? '') && id !== 'redis.latency');
  const problems = wrong.map(({ id, says }) => `the doctor finds ${id} wrong: ${says}`);
  if (right.length === 0) problems.push('the doctor did not look at Redis');
  for (const { env: mistaken, id, fix } of mistakes) {
    const found = (await findings({ ...env, ...mistaken })).find((one) => one.id === id);
    if (found?.status !== 'fail' || !fix.test(found.fix ?? ''))
      problems.push(`the doctor says of ${id}: ${JSON.stringify(found)}, and not ${fix}`);
  }
  return problems;
}

interface Found {
  id?: string;
  status?: string;
  says?: string;
  fix?: string;
}

async function findings(env: Readonly<Record<string, string>>): Promise<Found[]> {
  const main = fileOf('dist/src/commands/main.js');
  const child = spawn(process.execPath, [main, 'doctor', '--json'], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await new Promise((resolve) => child.once('close', resolve));
  process.off('exit', kill);
  return output.split('\n').flatMap((line): Found[] => (line === '' ? [] : [JSON.parse(line)]));
}
