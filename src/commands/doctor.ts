/** Says of everything that the bot needs whether it is right, before the first request. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type ConfigReading, readConfig } from '../config.js';
import { type Chapter, examine } from '../doctor/doctor.js';
import type { Finding } from '../doctor/finding.js';
import { withoutSecrets } from '../log.js';
import { scopesOf } from '../manifest.js';
import { messageOf } from './aws-alone.js';
import { readProjectFile } from './project.js';
import type { Command, Shell } from './shell.js';

const USAGE = `npm run doctor [-- --json]     looks at configuration, Slack, Redis, AWS and clocks; changes nothing
  --json    one JSON object a line: {id, status: ok|fail|warn|unprovable, says, fix?}

Exit code: 0 nothing is wrong, 1 something is, 2 it could not look: a wrong flag, or a fault of its own.`;

const MARKS: Readonly<Record<Finding['status'], string>> = { ok: '✓', fail: '✗', warn: '!', unprovable: '?' };

/** Exit codes: 0 nothing is wrong, 1 something is, 2 it could not look. */
export const doctor: Command = async (args, person) => {
  const asked = readArguments(args, person);
  if (!asked) return 2;
  const reading = readConfig(person.env, (path) => readFileSync(path));
  const shell = withoutSecretsOf(reading, person);
  let chapters: Chapter[];
  try {
    chapters = await examineHere(reading, shell);
  } catch (fault) {
    shell.err(`The doctor itself failed, and nothing was looked at: ${messageOf(fault)}`);
    return 2;
  }
  for (const { heading, findings } of chapters) {
    if (!asked.json) shell.out(heading);
    for (const finding of findings)
      for (const line of asked.json ? [JSON.stringify(finding)] : linesOf(finding)) shell.out(line);
  }
  const all = chapters.flatMap(({ findings }) => findings);
  const count = (status: Finding['status']) => all.filter((one) => one.status === status).length;
  const unprovable = `${count('unprovable')} not provable before first use`;
  shell.err(`${count('ok')} right, ${count('fail')} wrong, ${count('warn')} to look at, ${unprovable}.`);
  if (count('fail') > 0) return 1;
  shell.err('Next: npm start.');
  return 0;
};

/** Takes secrets out of what is printed: findings repeat answers of servers, which may repeat what they were sent. */
function withoutSecretsOf(reading: ConfigReading, shell: Shell): Shell {
  const clean = withoutSecrets(reading.ok ? reading.config.secrets : []);
  return { ...shell, out: (line) => shell.out(clean(line)), err: (line) => shell.err(clean(line)) };
}

function examineHere(reading: ConfigReading, { aws, now }: Shell): Promise<Chapter[]> {
  return examine({
    reading,
    scopes: scopesOf(readProjectFile('manifest.yml')),
    aws,
    now,
  });
}

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

/** Begins a sentence with a small letter, unless its first word is a name. */
function lowerFirst(text: string): string {
  return /^[A-Z][a-z]+ (?!does|did|may|takes)/.test(text)
    ? `${text[0]?.toLowerCase()}${text.slice(1)}`
    : text;
}
