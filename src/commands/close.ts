/**
 * The emergency close: closes what this installation opened, with AWS credentials and the signing keys alone, while
 * bot, Slack and Redis may all be gone. Cron may run it too.
 */
import { parseArgs } from 'node:util';
import { nothingKeeps } from '../access/rules/seen-rule.js';
import type { Firewall } from '../workflow/ports-firewall.js';
import { agreed, mayRemove, messageOf, onFirewall, patiently } from './aws-alone.js';
import { closeRules, type Outcome } from './close-rules.js';
import { type Command, type Shell, several } from './shell.js';

const USAGE = `npm run close -- --expired          closes rules whose time is over
npm run close -- --all [--yes]      closes every rule of this installation; asks first, or takes --yes
  --json    one JSON object a line: {groupId, ruleId, closed}

It needs AWS credentials, AWS_REGION, INSTALLATION and SIGNING_KEYS, and nothing else. Exit code: 0 all closed, 1
something stayed open or could not be read, 2 nothing was changed: a wrong flag or setting, or no yes.`;

interface Asked {
  all: boolean;
  yes: boolean;
  json: boolean;
}

/** Exit codes: 0 all closed, 1 something stayed open or could not be read, 2 wrong usage or setting. */
export const close: Command = async (args, shell) => {
  const asked = readArguments(args, shell);
  if (!asked) return 2;
  return onFirewall(shell, 'Nothing is certain.', (firewall) => closeDue(firewall, asked, shell));
};

async function closeDue(firewall: Firewall, asked: Asked, shell: Shell): Promise<number> {
  const { out, err } = shell;
  const tagged = await patiently(() => firewall.tagged());
  const owned = tagged.filter(mayRemove);
  const due = asked.all ? owned : owned.filter((rule) => nothingKeeps(rule, Date.now()));
  if (asked.all && due.length > 0 && !asked.yes && !(await confirmed(shell, due.length))) return 2;
  const outcomes = await closeRules(firewall, due);
  for (const outcome of outcomes) {
    const { groupId, ruleId, closed } = outcome;
    out(asked.json ? JSON.stringify({ groupId, ruleId, closed }) : sentence(outcome));
    if (asked.json && !closed) err(sentence(outcome));
  }
  for (const { ruleId, groupId } of tagged.filter((rule) => !mayRemove(rule))) {
    err(`left alone  ${ruleId} in ${groupId}: it carries the tag, and no signature that proves it ours`);
  }
  const open = outcomes.filter(({ closed }) => !closed).length;
  err(`${outcomes.length - open} closed, ${open} still open, ${tagged.length - due.length} left alone.`);
  return open > 0 ? 1 : 0;
}

function readArguments(args: string[], { err }: Shell): Asked | undefined {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({ args, options: { expired: flag, all: flag, yes: flag, json: flag } });
    if (values.expired !== values.all) return values;
    err(USAGE);
  } catch (fault) {
    err(`${messageOf(fault)}\n\n${USAGE}`);
  }
  return undefined;
}

function confirmed(shell: Shell, count: number): Promise<boolean> {
  const rules = several(count, 'rule');
  return agreed(shell, `Close all of this installation (${rules})?`, `${rules} would be closed.`);
}

function sentence({ groupId, ruleId, closed, why }: Outcome): string {
  return `${closed ? 'closed    ' : 'STILL OPEN'}  ${ruleId} in ${groupId}${why ? `  ${why}` : ''}`;
}
