/**
 * A town in which access of Jane's is extended or moved in each firewall mode, through Slack: the steps of a story's
 * sequences, and looks at EC2, at people's messages and at the audit log.
 */
import { expect } from '@jest/globals';
import type { AwsWorld } from '../../../sandbox/aws/world.js';
import type { Message } from '../../../sandbox/slack/state/conversations.js';
import { awsWorld, type PersonName, SHARED_GROUP } from '../../../sandbox/world.js';
import { leaseIdOfTag } from '../../../src/access/rules/lease.js';
import type { Rooms } from '../../../src/app.js';
import { createPeople } from '../../../src/slack/connection/people.js';
import type { Parts } from '../../../src/workflow/ports.js';
import type { AuditEntry } from '../../../src/workflow/ports-store.js';
import { auditProblems } from '../../../trials/witness/records.js';
import { formOf, seen, typesAddress } from '../asking/asking.js';
import { keepingAudit } from '../audited.js';
import { policyWith } from '../policies.js';
import { type Story, startStory } from '../story.js';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export type What = 'extends' | 'moves';
export type ModeName = 'access group' | 'existing group' | 'directory';
const ACCESS_GROUPS = policyOf('access-group');
const EXISTING_GROUP = policyOf(`{ existing-group: [${SHARED_GROUP}] }`);
const ONE = { target: 'ws-janedoe01', approver: 'maria' } as const;
export const MODES: Readonly<Record<ModeName, { target: string; approver: PersonName; policy: string }>> = {
  'access group': { ...ONE, policy: ACCESS_GROUPS },
  directory: { target: 'd-90670a1b2c', approver: 'ada', policy: ACCESS_GROUPS },
  'existing group': { ...ONE, policy: EXISTING_GROUP },
};

/** A person may have one access open, and a chain counts as one: each sequence holds under that limit. */
function policyOf(firewall: string): string {
  return policyWith(`
limits: { sources: { documentation: true }, per-person: { open: 1, waiting: 1 } }
rules:
  - { name: one WorkSpace, target: any, ask: [manager] }
  - { name: all of them, target: directory, ask: [admins] }
firewall: ${firewall}
`);
}

/** The policy of a town in which every WorkSpace runs, so that a directory is opened whole. */
function world(): AwsWorld {
  const base = awsWorld();
  return { ...base, workspaces: base.workspaces.map((one) => ({ ...one, state: 'AVAILABLE' as const })) };
}

export interface FollowTown {
  story: Story;
  /** The parts of the bot that runs now. */
  parts(): Parts;
  /**
   * The states of a request as the audit log has them, oldest first, each with the person or the part of the bot that
   * brought the request there.
   */
  audited(id: string): string[];
  /** What an auditor would ask about the audit log: a request that was decided or opened twice, or went on after its end. */
  auditProblems(): string[];
  /** The function that comes back takes off the audit log what was written since. */
  remembersAudit(): () => void;
  /** Starts the bot anew, where it runs by another policy. */
  under(policy: string): Promise<void>;
  /** Lets the bot forget the people whom it remembers, which it would do after half a minute. */
  forgetsPeople(): void;
  /** Access that is open for an hour and that nothing follows yet. */
  opens(what: What, mode: ModeName): Promise<Access>;
}

export async function startFollowTown(env: Record<string, string> = {}): Promise<FollowTown> {
  const records: AuditEntry[] = [];
  let rooms: Rooms | undefined;
  let aheadMs = 0;
  let policy = ACCESS_GROUPS;
  let made = 0;
  const story = await startStory({
    policy,
    env: { TIME_SWEEP: '300ms', ...env },
    world: world(),
    // A manual change is seen at once, and not as late as AWS shows changes.
    aws: { staleMs: 0 },
    wrap: (given) => {
      const people = createPeople(given.slack.client, () => Date.now() + aheadMs);
      rooms = keepingAudit(records)({ ...given, parts: { ...given.parts, people } });
      return rooms;
    },
  });
  const under = async (next: string) => {
    if (next === policy) return;
    policy = next;
    await story.stopBot();
    await story.startBot(policy);
  };
  const town: FollowTown = {
    story,
    parts() {
      if (!rooms) throw new Error('no bot');
      return rooms.parts;
    },
    audited: (id) =>
      records
        .filter(({ requestId, what }) => requestId === id && /^[a-z]+$/.test(what))
        .map(({ what, who }) => `${what} by ${who}`),
    auditProblems() {
      const asked = new Set(
        records.flatMap(({ requestId, what }) => (what === 'submitted' ? [requestId] : [])),
      );
      // Leases that sequences write to tags themselves have the same ids each time.
      const ofAsked = records.filter(({ requestId }) => requestId === undefined || asked.has(requestId));
      const numbered = ofAsked.map((record, nth) => ({ ...record, seq: nth + 1 }));
      // A revoke is written down as soon as EC2 answers it, which may be once a read has shown that the rule is gone.
      return auditProblems(numbered, 1, { wentBack: () => false, goneAtMs: () => 0 });
    },
    remembersAudit() {
      const { length } = records;
      return () => records.splice(length);
    },
    under,
    forgetsPeople() {
      aheadMs += 30_000;
    },
    async opens(what, modeName) {
      const mode = MODES[modeName];
      await under(mode.policy);
      made += 1;
      const from = `203.0.113.${made}`;
      const id = await story.asks('jane', `${mode.target} ${from} 1h fixing the build`);
      await story.presses(mode.approver, id, 'Approve 1 h');
      await story.sees('jane', new RegExp(`Open until[^\\n]*${id}`));
      const to = what === 'moves' ? `192.0.2.${made}` : from;
      return accessOf(town, { what, modeName, id, from, to });
    },
  };
  return town;
}

interface Opened {
  what: What;
  modeName: ModeName;
  id: string;
  /**
   * The address from which the access is open, and the address that its follow-up asks for. For more time both are the
   * same.
   */
  from: string;
  to: string;
}

export interface Access extends Opened {
  town: FollowTown;
  /** Asks for the follow-up with the button of the card, and answers its id once its approver is asked. */
  asks(): Promise<Follower>;
  /** The WorkSpaces that an address reaches by a rule of the bot. */
  reached(address: string): string[];
  /** The ids of the requests whose leases let each address in, as the tags at EC2 say it. */
  lets(): Record<string, string[]>;
}

export interface Follower {
  id: string;
  yes(): Promise<void>;
  /**
   * Says yes on the card as it stood when its approver was asked, as an approver can who still has that card on the
   * screen.
   */
  yesOnTheOldCard(): Promise<void>;
  /** Asks for the follow-up while new access is paused, so that it waits between the yes and the opening. */
  yesInPause(): Promise<void>;
  /**
   * Says yes while AWS throttles the call that opens the follow-up. AWS lets the call through again once the function
   * that comes back is called.
   */
  yesWhileThrottled(): Promise<() => void>;
}

function accessOf(town: FollowTown, opened: Opened): Access {
  const { story } = town;
  const { what, id, from, to } = opened;
  const { approver } = MODES[opened.modeName];
  const { aws } = story.town;
  return {
    ...opened,
    town,
    async asks() {
      const [button, asked] =
        what === 'moves' ? ['My address changed', 'another address'] : ['Extend 1 h', 'more'];
      await story.presses('jane', new RegExp(`Open until[^\\n]*${id}`), button);
      if (what === 'moves') {
        const form = await formOf(story, 'jane');
        await typesAddress(story, 'jane', form, to);
        await story.person('jane').submit(form);
      }
      const told = new RegExp(`${asked}[^\\n]*${id} → ([2-9A-Z]{5})`);
      const follower = told.exec(await story.sees(approver, told))?.[1] ?? '';
      await story.sees('jane', new RegExp(`Waiting for @${approver}[^\\n]*${follower}`));
      return followerOf(opened, town, follower, await seen(story, approver, new RegExp(`→ ${follower}`)));
    },
    reached: (address) =>
      aws
        .workspaces()
        .filter((one) => aws.opens(one.id, address).length > 0)
        .map((one) => one.id),
    lets: () =>
      Object.fromEntries(
        [from, to].flatMap((address) => {
          const rule = story.rules().find(({ cidr }) => cidr === `${address}/32`);
          const leases = Object.keys(rule?.tags ?? {}).flatMap((key) => leaseIdOfTag(key) ?? []);
          return rule ? [[address, leases.sort()]] : [];
        }),
      ),
  };
}

function followerOf({ what, modeName }: Opened, { story }: FollowTown, id: string, card: Message): Follower {
  const { approver } = MODES[modeName];
  const button = what === 'moves' ? 'Approve' : 'Approve 1 h';
  const yes = async () => {
    await story.presses(approver, new RegExp(`→ ${id}`), button);
  };
  return {
    id,
    yes,
    async yesOnTheOldCard() {
      await story.person(approver).press(card, button);
    },
    async yesInPause() {
      await story.says('ada', 'pause');
      await yes();
      await story.sees('jane', new RegExp(`Paused[^\\n]*${id}`));
    },
    async yesWhileThrottled() {
      const action = what === 'moves' ? 'AuthorizeSecurityGroupIngress' : 'CreateTags';
      const again = story.town.aws.faults.add({ action, times: 'always', kind: 'throttle' });
      await yes();
      await story.sees('jane', new RegExp(`Waiting for AWS[^\\n]*${id}`));
      await story.sees(approver, new RegExp(`→ ${id}[^]*not open yet: AWS does not answer`));
      return again;
    },
  };
}

/** Whether a rule ever let the address in. */
export function wasAdded({ town }: Access, address: string): boolean {
  return town.story.town.aws.history.some(
    (change) => change.kind === 'rule-added' && change.rule.cidr === `${address}/32`,
  );
}

/** Holds that nothing is left to decide: a yes on the old card comes too late, and is answered with the reason. */
export async function yesIsTooLate({ town, modeName }: Access, more: Follower, why: RegExp): Promise<void> {
  const { story } = town;
  const { approver } = MODES[modeName];
  const now = story.reads(approver).findLast((text) => text.includes(`→ ${more.id}`)) ?? '';
  expect(now).not.toContain('[Approve');
  expect(now).not.toContain('[End access');
  await more.yesOnTheOldCard();
  expect(await story.hears(approver, more.id)).toMatch(why);
}
