/** Tries a policy file before it binds: reads it as the bot does, and needs no AWS, Slack or Redis for that. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { policySchema } from '../policy/json-schema.js';
import { readPolicy } from '../policy/read-policy.js';

const USAGE = `npm run policy -- check FILE     every problem of a policy file, with line and column
npm run policy -- schema         the JSON Schema of policy files, for editors`;

process.exitCode = run(process.argv.slice(2));

/** Exit codes: 0 fine, 1 the policy has problems, 2 wrong usage or a file that cannot be read. */
function run(args: string[]): number {
  const { positionals } = parseArgs({ args, allowPositionals: true, strict: false });
  const [verb, file, ...more] = positionals;
  if (verb === 'schema' && file === undefined) {
    console.log(JSON.stringify(policySchema(), null, 2));
    return 0;
  }
  if (verb === 'check' && file !== undefined && more.length === 0) return check(file);
  console.error(USAGE);
  return 2;
}

function check(file: string): number {
  const text = textOf(file);
  if (text === undefined) return 2;
  const read = readPolicy(text, file);
  if (read.ok) {
    const { hash, rules } = read.policy;
    console.log(`${file} is right: ${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}, hash ${hash}.`);
    return 0;
  }
  for (const problem of read.problems) console.error(problem);
  return 1;
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (fault) {
    console.error(`${file} cannot be read: ${fault instanceof Error ? fault.message : fault}.`);
    return undefined;
  }
}
