/** Says of everything that the bot needs whether it is right, before the first request. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readConfig } from '../config.js';
import { examine } from '../doctor/doctor.js';
import type { Finding } from '../doctor/finding.js';
import { scopesOf } from '../manifest.js';
import { messageOf } from './aws-alone.js';
import { readProjectFile } from './project.js';
import type { Command, Shell } from './shell.js';

const USAGE = `npm run doctor [-- --json]     looks at configuration, Slack, Redis, AWS and clocks; changes nothing
  --json    one JSON object a line: {id, status: ok|fail|warn|unprovable, says, fix?}

Exit code: 0 nothing is wrong, 1 something is, 2 a wrong flag.`;

const MARKS: Readonly<Record<Finding['status'], string>> = { ok: '✓', fail: '✗', warn: '!', unprovable: '?' };

/** Exit codes: 0 nothing is wrong, 1 something is, 2 wrong usage. */
export const doctor: Command = async (args, shell) => {
  const asked = readArguments(args, shell);
  if (!asked) return 2;
  const counts: Record<Finding['status'], number> = { ok: 0, fail: 0, warn: 0, unprovable: 0 };
  const patient = {
    reading: readConfig(shell.env, (path) => readFileSync(path)),
    scopes: scopesOf(readProjectFile('manifest.yml')),
    aws: shell.aws,
    now: shell.now,
  };
  for (const { heading, findings } of await examine(patient)) {
    if (!asked.json) shell.out(heading);
    for (const finding of findings) {
      counts[finding.status] += 1;
      if (asked.json) shell.out(JSON.stringify(finding));
      else for (const line of linesOf(finding)) shell.out(line);
    }
  }
  const { ok, fail, warn, unprovable } = counts;
  shell.err(`${ok} right, ${fail} wrong, ${warn} to look at, ${unprovable} not provable before first use.`);
  if (fail === 0 && patient.reading.ok) shell.err('Next: npm start.');
  return fail > 0 ? 1 : 0;
};

function readArguments(args: string[], { err }: Shell): { json: boolean } | undefined {
  try {
    return parseArgs({ args, options: { json: { type: 'boolean', default: false } } }).values;
  } catch (fault) {
    err(`${messageOf(fault)}\n\n${USAGE}`);
    return undefined;
  }
}

function linesOf({ status, says, fix }: Finding): string[] {
  const said = status === 'unprovable' ? `not provable before first use: ${lowerFirst(says)}` : says;
  return [`  ${MARKS[status]} ${said}`, ...(fix ? [`      ${fix}`] : [])];
}

/** Where the sentence begins with a word of ours, and not with a name. */
function lowerFirst(text: string): string {
  return /^[A-Z][a-z]+ (?!does|did|may|takes)/.test(text)
    ? `${text[0]?.toLowerCase()}${text.slice(1)}`
    : text;
}
