/**
 * Walks everything that can happen to access of Jane's between a request for more time or another address and its
 * opening, as Jane, the approver and the admins read it in Slack. Each sequence is walked in one firewall mode, and at
 * full depth in every mode, for more time and for another address.
 */
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { people, SHARED_GROUP } from '../../../sandbox/world.js';
import { inTurn } from '../../depth.js';
import { formOf } from '../asking/asking.js';
import {
  type Access,
  type FollowTown,
  HOUR,
  MINUTE,
  MODES,
  type ModeName,
  startFollowTown,
  type What,
  wasAdded,
  yesIsTooLate,
} from './following.js';
import {
  ASKED,
  addedTo,
  approvedBy,
  approverReads,
  bothEnd,
  endedByAnOlderVersion,
  isFoundAgain,
  isTakenBack,
  loses,
  openedBy,
  remembers,
  resumes,
  staysAsItWas,
  takesGroupOff,
  takesOver,
  whatAreThey,
} from './following-steps.js';

let town: FollowTown;
/** False where the sequence before failed: it left access, faults or a stopped bot behind. */
let isInOrder = false;
beforeEach(async () => {
  if (isInOrder) return;
  await town?.story.end();
  town = await startFollowTown();
});
afterAll(() => town?.story.end());

const { jane: JANE, ada: ADA } = people;
type Walk = (access: Access) => Promise<void>;

const SEQUENCES: readonly [string, Walk][] = [
  [
    'the requester ends the access while the follow-up opens and AWS throttles',
    async (access) => {
      const { story } = access.town;
      const more = await access.asks();
      const again = await more.yesWhileThrottled();
      await story.presses('jane', new RegExp(`Open until[^\\n]*${access.id}`), 'End now');
      await bothEnd(access, more, '@jane ended it');
      again();
      expect(wasAdded(access, access.to)).toBe(access.what === 'extends');
      await yesIsTooLate(access, more, /ended/);
      expect(whatAreThey(access, more)).toEqual([
        [...openedBy(access), `closing by ${JANE}`, 'ended by bot'],
        [...ASKED, approvedBy(access), 'opening by bot', `closing by ${JANE}`, 'ended by bot'],
      ]);
    },
  ],
  [
    'an admin ends all access of the requester while the follow-up opens and AWS throttles',
    async (access) => {
      const { story } = access.town;
      const more = await access.asks();
      const again = await more.yesWhileThrottled();
      expect(await story.says('ada', 'end @jane')).toMatch(/Ending 2/);
      await bothEnd(access, more, '@ada ended it');
      again();
      expect(wasAdded(access, access.to)).toBe(access.what === 'extends');
      expect(whatAreThey(access, more).map((all) => all.slice(-2))).toEqual([
        [`closing by ${ADA}`, 'ended by bot'],
        [`closing by ${ADA}`, 'ended by bot'],
      ]);
    },
  ],
  [
    'an admin ends all access of the requester while somebody is asked',
    async (access) => {
      const { story } = access.town;
      const more = await access.asks();
      expect(await story.says('ada', 'end @jane')).toMatch(/Ending 1, took back 1/);
      await isTakenBack(access, more, [' by @ada', '@ada ended it']);
      await yesIsTooLate(access, more, /was taken back/);
      expect(whatAreThey(access, more)).toEqual([
        [...openedBy(access), `closing by ${ADA}`, 'ended by bot'],
        [...ASKED, `cancelled by ${ADA}`],
      ]);
    },
  ],
  [
    'the requester is deactivated in Slack while somebody is asked',
    async (access) => {
      const { town } = access;
      const more = await access.asks();
      const jane = town.story.town.slack.world.users.find(({ id }) => id === JANE);
      if (!jane) throw new Error('no Jane');
      jane.deleted = true;
      town.forgetsPeople();
      // Slack shows her nothing any more.
      const { approver } = MODES[access.modeName];
      await town.story.rulesBecome(0);
      await town.story.sees(
        approver,
        new RegExp(`· ${access.id}[^]*ended [^\\n]*the account was deactivated`),
      );
      await town.story.sees(
        approver,
        new RegExp(`→ ${more.id}[^]*Taken back: the acc(ount was deactivated|ess)`),
      );
      jane.deleted = false;
      town.forgetsPeople();
      await yesIsTooLate(access, more, /was taken back/);
      expect(whatAreThey(access, more)).toEqual([
        [...openedBy(access), 'closing by sweep', 'ended by bot'],
        [...ASKED, 'cancelled by sweep'],
      ]);
    },
  ],
  [
    'a manual change takes the group off between the yes and the joining',
    async (access) => {
      const { town, modeName } = access;
      const more = await access.asks();
      await more.yesInPause();
      const puts = takesGroupOff(access);
      await town.story.says('ada', 'resume');
      if (modeName === 'existing group') {
        const failed = await town.story.sees('jane', new RegExp(`Failed[^\\n]*${more.id}`));
        expect(failed).toContain(`ws-janedoe01 no longer carries ${SHARED_GROUP}`);
        await staysAsItWas(access);
        puts();
        return;
      }
      await resumes(access, more);
      expect(access.lets()).toEqual({ [access.from]: [access.id] });
      town.story.passes(2 * MINUTE);
      await bothEnd(access, more, 'somebody removed it at AWS');
      expect(wasAdded(access, access.to)).toBe(access.what === 'extends');
      expect(access.reached(access.from)).toEqual([]);
    },
  ],
  [
    'a manual change removes the rule between the yes and the joining',
    async (access) => {
      const { town } = access;
      const { aws } = town.story.town;
      const more = await access.asks();
      await more.yesInPause();
      for (const { ruleId } of town.story.rules()) aws.removeRule(ruleId);
      await resumes(access, more);
      expect(access.lets()).toEqual({});
      // By then EC2's reads lag no more.
      town.story.passes(2 * MINUTE);
      await bothEnd(access, more, 'somebody removed it at AWS');
      expect(addedTo(access)).toHaveLength(access.what === 'extends' ? 1 : 0);
      expect(whatAreThey(access, more)).toEqual([
        [...openedBy(access), 'closing by sweep', 'ended by bot'],
        [...ASKED, approvedBy(access), 'opening by bot', 'closing by sweep', 'ended by bot'],
      ]);
    },
  ],
  [
    'the policy refuses the follow-up by the time at which it joins',
    async (access) => {
      const { town, modeName } = access;
      const more = await access.asks();
      await more.yesInPause();
      town.story.passes(2 * MINUTE);
      const refuse = 'refuse: Not this week.';
      await town.under(MODES[modeName].policy.replaceAll(/ask: \[\w+\]/g, refuse));
      await town.story.says('ada', 'resume');
      const told = access.what === 'moves' ? 'Failed' : 'Not allowed';
      const refused = await town.story.sees('jane', new RegExp(`${told}[^\\n]*${more.id}`));
      expect(refused).toContain('Not this week.');
      await town.under(MODES[modeName].policy);
      await staysAsItWas(access);
    },
  ],
  [
    'new access is paused between the yes and the joining',
    async (access) => {
      const { town, id, what, from, to, reached } = access;
      const { story } = town;
      const opens = reached(from);
      await story.says('ada', 'pause');
      const asks = what === 'moves' ? `move ${id} ${to}` : `extend ${id} 1h`;
      expect(await story.says('jane', asks)).toMatch(/^\*Not sent\.\* New access is paused by/);
      await story.says('ada', 'resume');
      const more = await access.asks();
      await more.yesInPause();
      expect(access.lets()).toEqual({ [from]: [id] });
      await story.says('ada', 'resume');
      await takesOver(access, more);
      expect(reached(to)).toEqual(opens);
      expect(whatAreThey(access, more)).toEqual([
        [...openedBy(access), 'closing by bot', 'ended by bot'],
        openedBy(access),
      ]);
      // A person may have one access open, and the chain counts as one: access from another address has to wait.
      const { target, approver } = MODES[access.modeName];
      const second = await story.asks('jane', `${target} 203.0.113.250 1h another build`);
      expect(await story.sees('jane', new RegExp(`Not allowed[^\\n]*${second}`))).toContain(
        'You have 1 open',
      );
      // The approver ends the access, and Jane reads why.
      await story.presses(approver, new RegExp(`→ ${more.id}[^]*open until`), 'End access');
      const form = await formOf(story, approver);
      await story.person(approver).fill(form, { 'deny-reason': 'the build is done' });
      await story.person(approver).submit(form);
      await story.rulesBecome(0);
      const ended = await story.sees(
        'jane',
        new RegExp(`Ended[^\\n]*@${approver} ended it[^\\n]*${more.id}`),
      );
      expect(ended).toContain('the build is done');
    },
  ],
  [
    'Redis loses the record of the follow-up while somebody is asked',
    async (access) => {
      const { story } = access.town;
      const more = await access.asks();
      // A copy that lags lacks the record, and also that the request waits.
      await loses(access, `request:${more.id}`);
      await loses(access, `waiting:${JANE}`);
      await more.yesOnTheOldCard();
      expect(await story.hears(MODES[access.modeName].approver, more.id)).toContain(
        'was lost with my storage',
      );
      expect(access.lets()).toEqual({ [access.from]: [access.id] });
      // The lost request holds up nothing: another follow-up can be asked for, and the access ends with all its rules.
      const again = access.what === 'moves' ? `move ${access.id} ${access.to}` : `extend ${access.id} 1h`;
      expect(await story.says('jane', again)).toMatch(/^\*Checking/);
      expect(await story.says('jane', `end ${access.id}`)).toMatch(/Closing|Ending/);
      await story.rulesBecome(0);
      await story.sees('jane', new RegExp(`Ended[^\\n]*${access.id}`));
    },
  ],
  [
    'Redis loses the record of the follow-up once it has taken over',
    async (access) => {
      const { story } = access.town;
      const more = await access.asks();
      await more.yes();
      await takesOver(access, more);
      await loses(access, `request:${more.id}`);
      await isFoundAgain(access, more.id);
      expect(access.lets()).toEqual({ [access.to]: [more.id] });
      expect(await story.says('jane', `extend ${more.id} 1h`)).toContain('after my storage was lost');
      story.passes((access.what === 'moves' ? 1 : 2) * HOUR);
      await story.rulesBecome(0);
      await story.sees('jane', new RegExp(`Ended[^\\n]*time was up[^\\n]*${more.id}`));
    },
  ],
  [
    'Redis goes back to before the yes once the follow-up has taken over',
    async (access) => {
      const { story } = access.town;
      const more = await access.asks();
      const goesBack = await remembers(access);
      await more.yes();
      await takesOver(access, more);
      await goesBack();
      await isFoundAgain(access, more.id);
      // The rule of a move that was taken over is gone, and no read lags by then.
      story.passes(2 * MINUTE);
      await story.until(
        'the access has ended',
        () => access.town.audited(access.id).at(-1) === 'ended by bot',
      );
      await approverReads(access, access.id, `continued as ${more.id}`);
      await story.sweeps(2);
      expect(access.lets()).toEqual({ [access.to]: [more.id] });
      story.passes((access.what === 'moves' ? 1 : 2) * HOUR);
      await story.rulesBecome(0);
      await story.sees('jane', new RegExp(`Ended[^\\n]*time was up[^\\n]*${more.id}`));
    },
  ],
  [
    'Redis loses everything while EC2 has the leases of both',
    async (access) => {
      const { story } = access.town;
      const { id, what, from, to } = access;
      const more = await access.asks();
      const leaves = what === 'moves' ? 'RevokeSecurityGroupIngress' : 'DeleteTags';
      const again = story.town.aws.faults.add({ action: leaves, times: 'always', kind: 'throttle' });
      await more.yes();
      await story.sees('jane', new RegExp(`Open until[^\\n]*${more.id}`));
      // A call that is under way at that moment could still take effect: the bot comes back to a Redis without anything.
      await story.stopBot();
      await loses(access, '*');
      again();
      await story.startBot();
      for (const one of [id, more.id]) await isFoundAgain(access, one);
      const both = [id, more.id].sort();
      expect(access.lets()).toEqual(what === 'moves' ? { [from]: [id], [to]: [more.id] } : { [from]: both });
      // The two requests stand alone now, each with the end that its own tag names.
      await story.says('jane', `end ${id}`);
      // An authorize from before the loss could still take effect until its deadline.
      story.passes(10_000);
      await story.sees('jane', new RegExp(`Ended[^\\n]*@jane ended it[^\\n]*${id}`));
      await story.until('one lease is left', () => access.lets()[to]?.join() === more.id);
      story.passes((what === 'moves' ? 1 : 2) * HOUR);
      await story.rulesBecome(0);
      await story.sees('jane', new RegExp(`Ended[^\\n]*time was up[^\\n]*${more.id}`));
    },
  ],
  [
    'a replica of an older version, which knows no chains, ends the access while the follow-up opens and AWS throttles',
    async (access) => {
      const more = await access.asks();
      const again = await more.yesWhileThrottled();
      await endedByAnOlderVersion(access);
      again();
      await bothEnd(access, more, '@jane ended it');
      expect(wasAdded(access, access.to)).toBe(access.what === 'extends');
      expect(whatAreThey(access, more).map((all) => all.slice(-2))).toEqual([
        ['closing by older', 'ended by bot'],
        ['closing by bot', 'ended by bot'],
      ]);
    },
  ],
  [
    'a replica of an older version, which knows no chains, ends the access while somebody is asked',
    async (access) => {
      const more = await access.asks();
      await endedByAnOlderVersion(access);
      await access.town.story.rulesBecome(0);
      await more.yesOnTheOldCard();
      await isTakenBack(access, more, [': the access that it was asked for has ended', '@jane ended it']);
      expect(wasAdded(access, access.to)).toBe(access.what === 'extends');
    },
  ],
  [
    'forty requests share the rule that the follow-up joins',
    async (access) => {
      const { town, what, from, to, id } = access;
      const { story } = town;
      const { store, firewall } = town.parts();
      const groupId = story.rules()[0]?.groupId ?? '';
      const mine = (await store.ruleOf(groupId, `${from}/32`))?.leases[0];
      if (!mine) throw new Error('no lease');
      const others = Array.from({ length: 40 }, (_, n) => ({ ...mine, requestId: `L${n + 100}A` }));
      const more = await access.asks();
      if (what === 'moves') {
        const { ruleId } = story.town.aws.addRule(groupId, { cidr: `${to}/32` });
        const stage = { state: 'open' as const, ruleId };
        await firewall.tag(ruleId, groupId, `${to}/32`, others);
        await store.change({
          rule: { groupId, source: `${to}/32`, version: 1, stage, leases: others },
          audit: [],
        });
        await more.yes();
        const failed = await story.sees('jane', new RegExp(`Failed[^\\n]*${more.id}`));
        expect(failed).toContain(`40 requests share the rule for ${to} already, and it takes no more.`);
        expect(failed).toContain(
          'Nothing was moved. Ask again when one of them is over, or from another address.',
        );
        expect(access.lets()).toMatchObject({ [from]: [id] });
        expect(access.lets()[to]).toHaveLength(40);
        await story.sees('jane', new RegExp(`Open until[^\\n]*${id}[^]*\\[My address changed`));
      } else {
        const rule = await store.ruleOf(groupId, `${from}/32`);
        if (!rule) throw new Error('no rule');
        const leases = [mine, ...others.slice(1)];
        await store.change({ rule: { ...rule, version: rule.version + 1, leases }, audit: [] });
        const again = await more.yesWhileThrottled();
        expect((await store.ruleOf(groupId, `${from}/32`))?.leases).toHaveLength(41);
        again();
        await takesOver(
          access,
          more,
          others.slice(1).map(({ requestId }) => requestId),
        );
      }
      story.passes(2 * HOUR);
      await story.rulesBecome(0);
    },
  ],
];

const MODE_NAMES: readonly ModeName[] = ['access group', 'directory', 'existing group'];
const WAYS = MODE_NAMES.flatMap((mode): { mode: ModeName; what: What }[] => [
  { mode, what: 'extends' },
  { mode, what: 'moves' },
]);
const ASKED_FOR: Readonly<Record<What, string>> = { extends: 'more time', moves: 'another address' };

/**
 * The sequences that are walked in a mode: at full depth each for more time and for another address, else each in one
 * way, so that each way has its turn.
 */
function walkedIn(mode: ModeName): [string, string, What, Walk][] {
  return SEQUENCES.flatMap(([name, walk], nth) =>
    inTurn(nth, WAYS)
      .filter((way) => way.mode === mode)
      .map(({ what }): [string, string, What, Walk] => [ASKED_FOR[what], name, what, walk]),
  );
}

describe.each(MODE_NAMES)('access by the mode %s', (mode) => {
  test.each(walkedIn(mode))('with a request for %s: %s', async (_, __, what, walk) => {
    isInOrder = false;
    await walk(await town.opens(what, mode));
    expect(town.auditProblems()).toEqual([]);
    isInOrder = true;
  });
});
