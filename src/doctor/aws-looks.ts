/** What the looks at AWS need, and the ledger of their calls, so that each action of IAM makes one finding. */
import type { Policy } from '../access/policy/policy.js';
import type { AwsClients } from '../aws/clients.js';
import type { SetupReads } from '../aws/setup/places.js';
import { type Tried, tryCall } from '../aws/setup/try-call.js';
import type { Desktops } from '../workflow/ports.js';
import type { Firewall } from '../workflow/ports-firewall.js';
import { type Finding, fail, ok, unprovable } from './finding.js';

export interface AwsLooks {
  clients: AwsClients;
  reads: SetupReads;
  desktops: Desktops;
  firewall: Firewall;
  installation: string;
  policy: Policy;
}

/**
 * Whether the bot makes groups for WorkSpaces, and which groups of others it uses (`named`), by the policy's firewall. `key`
 * is the place in the policy that names these groups.
 */
export function groupsOf(firewall: Policy['firewall']): {
  areMade: boolean;
  named: readonly string[];
  key: string;
} {
  switch (firewall.kind) {
    case 'access-group':
      return { areMade: true, named: [], key: 'firewall' };
    case 'existing-group':
      return { areMade: false, named: firewall.groupIds, key: 'existing-group' };
  }
}

/** Keeps the outcome of each action; where several calls are for one action, the worst outcome. */
export interface Ledger {
  /** Makes a call that only reads, and notes its outcome. Undefined where AWS gave no answer. */
  read<T>(action: string, call: () => Promise<T>): Promise<{ answer: T } | undefined>;
  note(tried: Tried): void;
  /** The findings, in the order in which the actions were first noted. */
  findings(): Finding[];
}

export function createLedger(): Ledger {
  const known = new Map<string, Finding>();

  function note(tried: Tried): void {
    const lacks = tried.outcome === 'denied' ? tried.lacks : tried.action;
    // AWS may refuse a call for a second action that goes with it. Such a refusal tells nothing of the call's own action.
    if (lacks !== tried.action) keep(tried.action, { outcome: 'unprovable', why: `${lacks} goes with it` });
    keep(lacks, tried);
  }

  function keep(action: string, outcome: Outcome): void {
    const before = known.get(action)?.status;
    if (before === 'fail' || (before === 'ok' && outcome.outcome === 'unprovable')) return;
    known.set(action, said(action, outcome));
  }

  return {
    note,
    async read(action, call) {
      const answers: { answer: Awaited<ReturnType<typeof call>> }[] = [];
      const tried = await tryCall(action, async () => {
        answers.push({ answer: await call() });
      });
      note(tried);
      return answers[0];
    },
    findings: () => [...known.values()],
  };
}

type Outcome = { outcome: 'allowed' | 'denied' } | { outcome: 'unprovable'; why: string };

function said(action: string, outcome: Outcome): Finding {
  const id = `aws.${action}`;
  switch (outcome.outcome) {
    case 'allowed':
      return ok(id, `AWS allows ${action}.`);
    case 'denied':
      return fail(
        id,
        `AWS does not allow ${action} to the bot.`,
        'Compare the policy of its role with deploy/iam-policy.json.',
      );
    case 'unprovable':
      return unprovable(id, `Whether AWS allows ${action}: ${outcome.why}.`);
  }
}
