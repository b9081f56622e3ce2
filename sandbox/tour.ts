/**
 * Does the main job once without anybody's help, and observes every step at Slack and at AWS, never in the bot's log.
 */
import { DescribeSecurityGroupRulesCommand, EC2Client, type SecurityGroupRule } from '@aws-sdk/client-ec2';
import { plain, withoutMarks } from './slack/reading/plain.js';
import type { Message } from './slack/state/conversations.js';
import type { Town } from './town.js';
import { people } from './world.js';

const SOURCE = '203.0.113.25/32';
const COMMAND = 'ws-janedoe01 203.0.113.25 10s fixing the build';
const EXTEND = 'extend 5s';
const MOVED_TO = '203.0.113.99/32';
const MOVE = 'move 203.0.113.99';
const ID = /\b[2-9A-HJ-NP-Z]{5}\b/;

/** One observed step. `t` is in seconds since the request. */
export type Step = { t: number; requestId?: string } & (
  | { step: 'asked' | 'pending' | 'approved' | 'extended' | 'moved' | 'warned' }
  | { step: 'opened'; groupId: string; ruleId: string; source: string; rules: SecurityGroupRule[] }
  | { step: 'told'; text: string }
  | { step: 'ended'; rules: SecurityGroupRule[] }
  | { step: 'failed'; expected: string; saw: string }
);

/** Prints a step for a person. */
export type Say = (t: number, who: string, what: string, beside?: string) => void;

class Unseen extends Error {
  constructor(
    readonly expected: string,
    readonly saw: string,
  ) {
    super(`expected ${expected}, saw ${saw}`);
  }
}

/** Runs the tour. @returns false if a step was not seen; the last emitted step then says what the tour saw instead */
export async function tour(town: Town, emit: (step: Step) => void, say: Say): Promise<boolean> {
  const { slack } = town;
  const world = slack.world;
  const jane = slack.person(people.jane);
  const maria = slack.person(people.maria);
  const ec2 = ec2Client(town);
  const start = Date.now();
  const t = () => Math.round((Date.now() - start) / 100) / 10;
  let requestId: string | undefined;
  let groupId = '';

  const read = (message: Message, reader: string) => plain(message, world, reader);
  const dms = (userId: string) =>
    slack.dm(userId).map((message) => ({ message, text: read(message, userId) }));
  const rulesNow = () =>
    town.aws.rules().filter(({ isEgress, cidr }) => !isEgress && (cidr === SOURCE || cidr === MOVED_TO));
  async function see<T>(
    expected: string,
    look: () => T | undefined | false | null,
    userId: string,
    ms: number,
  ) {
    try {
      return await slack.until(look, ms, expected);
    } catch {
      throw new Unseen(expected, dms(userId).at(-1)?.text ?? 'no message');
    }
  }
  async function until(expected: string, look: () => boolean, ms: number) {
    const deadline = Date.now() + ms;
    while (!look()) {
      if (Date.now() > deadline) throw new Unseen(expected, `${rulesNow().length} rules`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  /** The rules of the group in EC2's answer, once reads have caught up with the last change. */
  const describe = async (expected: string, accept: (rules: SecurityGroupRule[]) => boolean) => {
    const deadline = Date.now() + 5_000;
    for (;;) {
      const filter = { Filters: [{ Name: 'group-id', Values: [groupId] }] };
      const { SecurityGroupRules: rules = [] } = await ec2.send(
        new DescribeSecurityGroupRulesCommand(filter),
      );
      if (accept(rules)) return rules;
      if (Date.now() > deadline) throw new Unseen(expected, `${rules.length} rules`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  try {
    say(0, 'Jane', `/workspace-ssh ${COMMAND}`);
    const asked = await jane.command(COMMAND);
    requestId = asked.ephemeral?.match(ID)?.[0];
    if (!requestId || asked.failure)
      throw new Unseen('a request id in the reply', asked.ephemeral ?? 'nothing');
    const id = requestId;
    emit({ step: 'asked', t: t(), requestId });

    const about = (userId: string, part: RegExp, which = id) =>
      dms(userId).find(({ text }) => text.includes(which) && part.test(text));
    const approve = async ({ message, text }: { message: Message; text: string }) => {
      const button = text.match(/\[(Approve[^\]]*)\]/)?.[1] ?? 'Approve';
      say(t(), 'Maria', `presses ${button}`);
      const pressed = await maria.press(message, button);
      if (!pressed.acked) throw new Unseen('the click acknowledged', pressed.failure ?? 'nothing');
    };
    const approval = await see(
      'a message to Maria with Approve',
      () => about(people.maria, /\[Approve/),
      people.maria,
      10_000,
    );
    if (rulesNow().length > 0) throw new Unseen('no rule before the approval', 'a rule');
    emit({ step: 'pending', t: t(), requestId });
    say(t(), 'Maria', 'sees "@jane asks for SSH…"', 'AWS: 0 rules');

    await approve(approval);
    emit({ step: 'approved', t: t(), requestId });

    await until('a rule at AWS', () => rulesNow().length > 0, 10_000);
    const [rule] = rulesNow();
    if (!rule) throw new Unseen('a rule at AWS', 'none');
    groupId = rule.groupId;
    emit({
      step: 'opened',
      t: t(),
      requestId,
      groupId,
      ruleId: rule.ruleId,
      source: rule.cidr,
      rules: await describe("the rule in EC2's answer", (rules) =>
        rules.some((one) => one.CidrIpv4 === SOURCE)),
    });
    say(t(), 'AWS', `${rule.ruleId} tcp/22 from ${rule.cidr}`, '1 rule');

    const opened = await see(
      'the ssh command for Jane',
      () => about(people.jane, /ssh "/),
      people.jane,
      10_000,
    );
    emit({ step: 'told', t: t(), requestId, text: withoutMarks(opened.text) });
    say(t(), 'Jane', `sees  ${opened.text.match(/ssh "[^"]*"/)?.[0]}`);

    /** What Jane asks for access that is open, and Maria approves: the first line of the card that says it is so. */
    const follow = async (command: string, asks: RegExp, expected: string) => {
      say(t(), 'Jane', `/workspace-ssh ${command}`);
      await jane.command(command);
      const asked = await see(
        `a message to Maria with Approve, for ${expected}`,
        () => about(people.maria, asks, requestId),
        people.maria,
        10_000,
      );
      await approve(asked);
      requestId = asked.text.match(/→ ([2-9A-HJ-NP-Z]{5})/)?.[1] ?? requestId;
      const heading = new RegExp(`Open until [^\\n]*${requestId}`);
      const told = () => about(people.jane, heading, requestId)?.text.match(heading)?.[0];
      return see(`${expected} for Jane`, told, people.jane, 10_000);
    };
    const longer = await follow(EXTEND, /asks for .* more[\s\S]*\[Approve/, 'a later end');
    if (rulesNow().length !== 1) throw new Unseen('the rule that was there', `${rulesNow().length} rules`);
    emit({ step: 'extended', t: t(), requestId });
    say(t(), 'Jane', `sees  "${longer.match(/Open until [\d:]+/)?.[0]}", 5 s more`, '1 rule');

    const moved = await follow(MOVE, /another address[\s\S]*\[Approve/, 'another address');
    const isNew = () => rulesNow().every(({ cidr }) => cidr === MOVED_TO) && rulesNow().length === 1;
    await until('the rule of the new address alone', isNew, 10_000);
    emit({ step: 'moved', t: t(), requestId });
    say(t(), 'Jane', `sees  "${moved.match(/Open until [\d:]+, from [\d.]+/)?.[0]}"`, '1 rule');

    const warned = await see(
      'a warning for Jane',
      () => about(people.jane, /\bleft\b/, requestId),
      people.jane,
      15_000,
    );
    emit({ step: 'warned', t: t(), requestId });
    say(t(), 'Jane', `sees  "${warned.text.match(/[^\n*]*left/)?.[0]?.trim()}"`);

    await until('no rule at AWS', () => rulesNow().length === 0, 20_000);
    say(t(), 'AWS', '0 rules');
    const ended = await see(
      '"Ended" for Jane',
      () => about(people.jane, /Ended.*time was up/, requestId),
      people.jane,
      20_000,
    );
    const rules = await describe('no rule in the group', (seen) => seen.length === 0);
    emit({ step: 'ended', t: t(), requestId, rules });
    say(t(), 'Jane', `sees  "${withoutMarks(ended.text).split('\n')[0]}"`);
    return true;
  } catch (fault) {
    const unseen = fault instanceof Unseen ? fault : new Unseen('every step', String(fault));
    const known = requestId ? { requestId } : {};
    emit({ step: 'failed', t: t(), ...known, expected: unseen.expected, saw: unseen.saw });
    say(t(), 'Tour', `expected ${unseen.expected}, saw ${unseen.saw}`);
    return false;
  } finally {
    ec2.destroy();
  }
}

function ec2Client({ env, aws }: Town): EC2Client {
  return new EC2Client({
    region: env.AWS_REGION ?? '',
    endpoint: aws.url,
    credentials: {
      accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
}
