/** Makes `.env` and `policy.yml` to start from, out of six answers. Overwrites nothing. */
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DIRECTORY_ID, isUserId } from '../access/reading/ids.js';
import { INSTALLATION_FORM, REGION_FORM } from '../config.js';
import { readPolicy } from '../policy-file/read-policy.js';
import { messageOf } from './aws-alone.js';
import { readProjectFile } from './project.js';
import type { Command, Shell } from './shell.js';

const KEY_BYTES = 32;
/** How often a question is asked at the terminal, where the answers are wrong. */
const TRIES = 5;

interface Question {
  flag: string;
  asks: string;
  /** The answer for which an empty one stands. */
  usual?: string;
  isRight(answer: string): boolean;
  wrong: string;
}

const QUESTIONS = {
  installation: {
    flag: 'installation',
    asks: 'A name for this installation, which marks all that it makes; never change it later',
    usual: 'workspace-ssh',
    isRight: (answer) => INSTALLATION_FORM.test(answer),
    wrong: 'a-z, 0-9 and -, at most 32 characters',
  },
  region: {
    flag: 'region',
    asks: 'The AWS Region of your WorkSpaces, such as eu-central-1',
    isRight: (answer) => REGION_FORM.test(answer),
    wrong: 'such as eu-central-1; the AWS console shows it at the top right',
  },
  directory: {
    flag: 'directory',
    asks: 'The id of their directory (WorkSpaces console, Directories), such as d-9067f01234',
    isRight: (answer) => DIRECTORY_ID.test(answer),
    wrong: 'such as d-9067f01234',
  },
  domain: {
    flag: 'domain',
    asks: 'The domain of your e-mail addresses, of which the part before the @ is the user name in the directory',
    isRight: (answer) => /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(answer),
    wrong: 'such as example.com',
  },
  admin: {
    flag: 'admin',
    asks: 'Your own Slack member ID (your profile, ⋮, Copy member ID): you will be the first admin',
    isRight: isUserId,
    wrong: 'such as U012ABCDE',
  },
  managerField: {
    flag: 'manager-field',
    asks: 'The id of the Slack profile field that names the manager (Xf…), or admins: then the admins approve',
    usual: 'admins',
    isRight: (answer) => answer === 'admins' || /^Xf[A-Z0-9]+$/.test(answer),
    wrong: 'such as Xf012ABCDE, or admins',
  },
} as const satisfies Record<string, Question>;

type Answers = Record<keyof typeof QUESTIONS, string>;

const USAGE = `npm run init [-- flags]     makes .env and policy.yml here; asks for what no flag says
${Object.values<Question>(QUESTIONS)
  .map(({ flag, asks }) => `  --${flag.padEnd(14)} ${asks}`)
  .join('\n')}
  --folder         where to, instead of here`;

/** Exit codes: 0 both files were made, 2 none was: wrong usage, or one is there already. */
export const init: Command = async (args, shell) => {
  const given = readArguments(args, shell);
  if (!given) return 2;
  const { folder = '.', ...flags } = given;
  const files = ['.env', 'policy.yml'].map((name) => join(folder, name));
  const there = files.filter((file) => existsSync(file));
  if (there.length > 0) {
    const are = there.length === 1 ? 'is' : 'are';
    shell.err(`${there.join(' and ')} ${are} there already. Nothing was changed.`);
    return 2;
  }
  const answers = await askAll(flags, shell);
  if (!answers) return 2;
  const policy = policyOf(answers);
  const reading = readPolicy(Buffer.from(policy), 'policy.yml');
  if (!reading.ok) {
    for (const problem of reading.problems) shell.err(problem);
    return 2;
  }
  const [env = '', policyFile = ''] = files;
  writeFileSync(policyFile, policy, { flag: 'wx' });
  // Only its owner may read the file, since it holds secrets.
  writeFileSync(env, environmentOf(readProjectFile('.env.example'), answers), { flag: 'wx', mode: 0o600 });
  for (const line of nextSteps(env, policyFile)) shell.out(line);
  return 0;
};

function readArguments(args: string[], { err }: Shell): Record<string, string | undefined> | undefined {
  const names = [...Object.values<Question>(QUESTIONS).map(({ flag }) => flag), 'folder'];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  try {
    const { values } = parseArgs({ args, options });
    return Object.fromEntries(names.map((name) => [name, textOf(values[name])]));
  } catch (fault) {
    err(`${messageOf(fault)}\n\n${USAGE}`);
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.trim() : undefined;
}

/** Asks all questions. Undefined where an answer is missing or wrong, which the person was told. */
async function askAll(given: Record<string, string | undefined>, shell: Shell): Promise<Answers | undefined> {
  const answers: Partial<Answers> = {};
  const unanswered: string[] = [];
  for (const name of ['installation', 'region', 'directory', 'domain', 'admin', 'managerField'] as const) {
    const question: Question = QUESTIONS[name];
    const answer = given[question.flag] ?? (await askOne(question, shell));
    if (answer === undefined) unanswered.push(`--${question.flag}`);
    else if (question.isRight(answer)) answers[name] = answer;
    else shell.err(`--${question.flag} is "${answer}", which is wrong: ${question.wrong}.`);
  }
  if (unanswered.length > 0) shell.err(`Off a terminal say ${unanswered.join(', ')}. Nothing was made.`);
  return isComplete(answers) ? answers : undefined;
}

function isComplete(answers: Partial<Answers>): answers is Answers {
  return Object.keys(QUESTIONS).every((name) => Object.hasOwn(answers, name));
}

/** Asks one question until its answer is right. Off a terminal the usual answer is taken, where there is one. */
async function askOne({ asks, usual, isRight, wrong }: Question, shell: Shell): Promise<string | undefined> {
  if (!shell.ask) return usual;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const answer = (await shell.ask(`${asks}${usual ? ` [${usual}]` : ''}: `)).trim() || usual || '';
    if (isRight(answer)) return answer;
    shell.err(`  ${answer === '' ? 'An answer is needed' : `"${answer}" is wrong`}: ${wrong}.`);
  }
  return undefined;
}

/** A policy of ten lines, by which people ask for their own WorkSpace and somebody else says yes. */
function policyOf({ admin, directory, domain, managerField }: Answers): string {
  const byAdmins = managerField === 'admins';
  return [
    '# Who may ask, who approves, for how long: docs/policy.md has every key. npm run policy -- check policy.yml',
    'version: 1',
    `admins: [${admin}]`,
    'directories:',
    `  ${directory}:`,
    `    people: { from: email-local-part, domains: [${domain}] }`,
    ...(byAdmins ? [] : [`managers: { profile-field: ${managerField} }`]),
    'rules:',
    '  - name: own WorkSpace',
    '    target: own',
    `    ask: [${byAdmins ? 'admins' : 'manager'}]`,
    '',
  ].join('\n');
}

/** `.env.example` with the answers and a new signing key. The operator fills in what comes from Slack and Redis. */
function environmentOf(example: string, { installation, region }: Answers): string {
  const known = {
    INSTALLATION: installation,
    SIGNING_KEYS: randomBytes(KEY_BYTES).toString('base64'),
    AWS_REGION: region,
  };
  return Object.entries(known).reduce(
    (text, [name, value]) => text.replace(new RegExp(`^${name}=$`, 'm'), `${name}=${value}`),
    example,
  );
}

function nextSteps(env: string, policy: string): string[] {
  return [
    `Made ${env}, with a signing key, and ${policy}.`,
    '1. npm run manifest prints the link that makes the Slack app. Its two tokens go into .env.',
    '2. Give the role of the bot the permissions in deploy/iam-policy.json.',
    '3. Set REDIS_URL in .env, unless Redis runs on this machine.',
    '4. npm run doctor says what is still missing.',
  ];
}
