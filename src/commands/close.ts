/**
 * The emergency brake: closes what this installation opened with AWS credentials and the signing keys alone, while
 * bot, Slack and Redis may all be gone. Runs from cron too.
 */
import { createInterface } from 'node:readline/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { isLeftover, type SeenRule } from '../access/ingress.js';
import { readSigningKeys } from '../access/signature.js';
import { createAwsClients } from '../aws/clients.js';
import { createFirewall } from '../aws/security-groups.js';
import { AwsUnavailable, type Firewall } from '../workflow/ports.js';

const USAGE = `npm run close -- --expired          closes rules whose time is over
npm run close -- --all [--yes]      closes every rule of this installation; asks first, or takes --yes
  --json    one JSON object a line: {groupId, ruleId, closed}

It needs AWS credentials, AWS_REGION, INSTALLATION and SIGNING_KEYS, and nothing else.`;

/** How long AWS may refuse before the rest is reported as still open: throttling passes, an outage may not. */
const PATIENCE_MS = 60_000;
const AGAIN_MS = 1_000;

/** One rule and what became of it. */
interface Outcome {
  groupId: string;
  ruleId: string;
  closed: boolean;
}

process.removeAllListeners('warning');
process.exitCode = await run(process.argv.slice(2));

/** Exit codes: 0 all closed, 1 something stayed open or could not be read, 2 wrong usage or setting. */
async function run(args: string[]): Promise<number> {
  const asked = readArguments(args);
  const setting = readSetting(process.env);
  if (!asked || !setting) return 2;
  const clients = createAwsClients({ region: setting.region });
  const firewall = createFirewall({ clients, ...setting });
  try {
    const owned = (await patiently(() => firewall.tagged())).filter(isOwned);
    const due = asked.all ? owned : owned.filter((rule) => isLeftover(rule, Date.now()));
    if (asked.all && due.length > 0 && !asked.yes && !(await confirmed(due.length))) return 2;
    const outcomes = await closeRules(firewall, due);
    for (const outcome of outcomes) console.log(asked.json ? JSON.stringify(outcome) : sentence(outcome));
    const open = outcomes.filter(({ closed }) => !closed).length;
    console.error(
      `${outcomes.length - open} closed, ${open} still open, ${owned.length - due.length} left alone.`,
    );
    return open > 0 ? 1 : 0;
  } catch (cause) {
    console.error(
      `AWS could not be read: ${cause instanceof Error ? cause.message : cause}. Nothing is certain.`,
    );
    return 1;
  } finally {
    clients.close();
  }
}

function readArguments(args: string[]): { all: boolean; yes: boolean; json: boolean } | undefined {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({ args, options: { expired: flag, all: flag, yes: flag, json: flag } });
    if (values.expired !== values.all) return values;
    console.error(USAGE);
  } catch (fault) {
    console.error(`${fault instanceof Error ? fault.message : fault}\n\n${USAGE}`);
  }
  return undefined;
}

function readSetting(env: NodeJS.ProcessEnv) {
  const missing = ['AWS_REGION', 'INSTALLATION', 'SIGNING_KEYS'].filter((name) => !env[name]?.trim());
  const keys = readSigningKeys(env.SIGNING_KEYS?.trim() ?? '');
  for (const name of missing)
    console.error(`${name} is missing: it has to be the one that the bot runs with.`);
  if (!keys.ok && !missing.includes('SIGNING_KEYS')) console.error(`SIGNING_KEYS is wrong: ${keys.problem}`);
  if (missing.length > 0 || !keys.ok) return undefined;
  return {
    region: env.AWS_REGION?.trim() ?? '',
    installation: env.INSTALLATION?.trim() ?? '',
    keys: keys.keys,
  };
}

/** A tag without a signature that verifies is somebody else's text, unless it stands in a group of our own. */
function isOwned(rule: SeenRule): boolean {
  return rule.leases.length > 0 || (rule.tagged && rule.inAccessGroup);
}

async function confirmed(count: number): Promise<boolean> {
  if (!process.stdin.isTTY) {
    console.error(`${count} rules would be closed. Off a terminal say --yes; nothing was changed.`);
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Close all ${count} rules of this installation? Type yes: `);
  terminal.close();
  if (answer.trim() !== 'yes') console.error('Nothing was changed.');
  return answer.trim() === 'yes';
}

async function closeRules(firewall: Firewall, due: SeenRule[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [groupId, rules] of grouped(due)) {
    const ids = rules.map(({ ruleId }) => ruleId);
    await patiently(() => firewall.revoke(groupId, ids)).catch(() => undefined);
    const left = await stillThere(firewall, ids);
    outcomes.push(...ids.map((ruleId) => ({ groupId, ruleId, closed: !left.has(ruleId) })));
  }
  return outcomes;
}

function grouped(rules: SeenRule[]): Map<string, SeenRule[]> {
  const groups = new Map<string, SeenRule[]>();
  for (const rule of rules) groups.set(rule.groupId, [...(groups.get(rule.groupId) ?? []), rule]);
  return groups;
}

/** Which of the rules EC2 still shows, once its reads had time to catch up. What cannot be read counts as open. */
async function stillThere(firewall: Firewall, ids: string[]): Promise<Set<string>> {
  const deadline = Date.now() + 5 * AGAIN_MS;
  for (;;) {
    const seen = await patiently(() => firewall.tagged()).catch(() => undefined);
    const left = new Set(ids.filter((id) => !seen || seen.some(({ ruleId }) => ruleId === id)));
    if (left.size === 0 || !seen || Date.now() >= deadline) return left;
    await pause(AGAIN_MS / 4);
  }
}

async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (cause) {
      if (!(cause instanceof AwsUnavailable) || Date.now() >= deadline) throw cause;
      await pause(AGAIN_MS);
    }
  }
}

function sentence({ groupId, ruleId, closed }: Outcome): string {
  return `${closed ? 'closed    ' : 'STILL OPEN'}  ${ruleId} in ${groupId}`;
}
