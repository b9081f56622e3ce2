/**
 * Removes everything that this installation made at AWS: its rules in all groups, and its access groups. The command
 * needs AWS credentials and the signing keys alone, and can be run again until nothing is left.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Firewall, OwnGroup } from '../workflow/ports-firewall.js';
import { agreed, mayRemove, messageOf, onFirewall, patiently } from './aws-alone.js';
import { closeRules } from './close-rules.js';
import { type Command, type Shell, several } from './shell.js';

const USAGE = `npm run uninstall-aws [-- --yes]     removes every rule and every access group of this installation
  --yes                does not ask first
  --foreign-rules-too  deletes access groups that hold somebody else's rules as well, with these rules
  --json               one JSON object a line: {rule|attachment|group, groupId, …, removed, why?}

Stop the bot first. It needs AWS credentials, AWS_REGION, INSTALLATION and SIGNING_KEYS, and nothing else.`;

/** EC2 may call a group in use for this long after it was taken off the last interface, milliseconds. */
const SETTLES_MS = 10_000;
const AGAIN_MS = 500;

/** A rule, an attachment or a group, and whether it is gone. */
type Removal = { groupId: string; removed: boolean; why?: string } & (
  | { rule: string }
  | { attachment: string }
  | { group: string }
);

interface Asked {
  yes: boolean;
  json: boolean;
  foreignRulesToo: boolean;
}

/** Exit codes: 0 nothing is left, 1 something stayed or could not be read, 2 wrong usage or setting. */
export const uninstallAws: Command = async (args, shell) => {
  const asked = readArguments(args, shell);
  if (!asked) return 2;
  return onFirewall(shell, 'Run it again.', (firewall, { installation, region }) =>
    uninstall(firewall, asked, `${installation} in ${region}`, shell),
  );
};

function readArguments(args: string[], { err }: Shell): Asked | undefined {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values } = parseArgs({ args, options: { yes: flag, json: flag, 'foreign-rules-too': flag } });
    return { ...values, foreignRulesToo: values['foreign-rules-too'] };
  } catch (fault) {
    err(`${messageOf(fault)}\n\n${USAGE}`);
    return undefined;
  }
}

async function uninstall(firewall: Firewall, asked: Asked, place: string, shell: Shell): Promise<number> {
  const rules = (await patiently(() => firewall.tagged())).filter(mayRemove);
  const groups = await patiently(() => firewall.ownGroups());
  const carriers = await patiently(() => firewall.carriers(groups.map(({ groupId }) => groupId)));
  if (rules.length + groups.length === 0) {
    shell.err(`Nothing of ${place} is left.`);
    return 0;
  }
  const what = `${several(rules.length, 'rule')} and ${several(groups.length, 'security group')} of ${place}`;
  if (!asked.yes && !(await agreed(shell, `Remove ${what}?`, `${what} would be removed.`))) return 2;

  const removals: Removal[] = [];
  const report = (removal: Removal) => {
    removals.push(removal);
    shell.out(asked.json ? JSON.stringify(removal) : sentence(removal));
  };
  for (const { groupId, ruleId, closed, why } of await closeRules(firewall, rules))
    report({ rule: ruleId, groupId, removed: closed, ...(why ? { why } : {}) });
  for (const group of groups) {
    const interfaceIds = carriers.get(group.groupId) ?? [];
    await removeGroup(firewall, group, interfaceIds, asked.foreignRulesToo, report);
  }
  const stayed = removals.filter(({ removed }) => !removed).length;
  shell.err(`${removals.length - stayed} removed, ${stayed} stayed.`);
  return stayed > 0 ? 1 : 0;
}

/** Removes a group. A group with somebody else's rule stays untouched, since deleting it would remove that rule. */
async function removeGroup(
  firewall: Firewall,
  { groupId, name }: OwnGroup,
  interfaceIds: string[],
  foreignRulesToo: boolean,
  report: (removal: Removal) => void,
): Promise<void> {
  const gone = (why?: string) => report({ group: name, groupId, removed: !why, ...(why ? { why } : {}) });
  try {
    const foreign = (await patiently(() => firewall.rules(groupId))).filter((rule) => !mayRemove(rule));
    if (foreign.length > 0 && !foreignRulesToo) {
      const ids = foreign.map(({ ruleId }) => ruleId).join(', ');
      return gone(`somebody else's rules are in it: ${ids}. Remove them, or say --foreign-rules-too`);
    }
    let free = true;
    for (const interfaceId of interfaceIds) {
      const why = await detachFrom(firewall, interfaceId, groupId);
      free &&= why === undefined;
      report({ attachment: interfaceId, groupId, removed: !why, ...(why ? { why } : {}) });
    }
    if (!free) return gone('an interface still carries it');
    gone(await deleteOnce(firewall, groupId));
  } catch (cause) {
    gone(messageOf(cause));
  }
}

/** Takes a group off an interface. @returns why the interface still carries the group; undefined where it does not */
async function detachFrom(
  firewall: Firewall,
  interfaceId: string,
  groupId: string,
): Promise<string | undefined> {
  try {
    const outcome = await patiently(() => firewall.detach(interfaceId, groupId));
    return outcome === 'only' ? 'it carries no other group: attach one, then run this again' : undefined;
  } catch (cause) {
    return messageOf(cause);
  }
}

/** Deletes a group that no interface carries. @returns why the group is still there; undefined where it is gone */
async function deleteOnce(firewall: Firewall, groupId: string): Promise<string | undefined> {
  const deadline = Date.now() + SETTLES_MS;
  while ((await patiently(() => firewall.deleteGroup(groupId))) === 'in-use') {
    if (Date.now() >= deadline) return 'an interface carries it, or a rule of another group refers to it';
    await sleep(AGAIN_MS);
  }
  return undefined;
}

function sentence(removal: Removal): string {
  const { groupId, removed, why } = removal;
  const what =
    'rule' in removal
      ? `rule ${removal.rule} in ${groupId}`
      : 'attachment' in removal
        ? `${groupId} on ${removal.attachment}`
        : `group ${groupId} ${removal.group}`;
  return `${removed ? 'removed' : 'STAYED '}  ${what}${why ? `: ${why}` : ''}`;
}
