/** Lists the manual changes that a visitor can make at AWS beside the bot, and judges how the bot reacts to each. */
import type { Rule } from '../../aws/state/resources.js';
import { INSTALLATION, leasesOf } from '../shown/leases.js';
import type { Verdict } from '../shown/shapes.js';
import { allowedMs, type Deed, type Judge, rulesSince, type Sky, seconds } from './kinds.js';
import { endIsPosted, isPostedToAdmins } from './posted.js';

const ingress = ({ aws }: Sky): Rule[] => aws.rules().filter(({ isEgress }) => !isEgress);
const accessGroups = ({ aws }: Sky) => aws.groups().filter(({ tags }) => INSTALLATION in tags);

const BY_HAND: Verdict = { state: 'idle', text: 'It was deleted by hand: the bot had nothing to do.' };

export const DEEDS: Deed[] = [
  {
    id: 'rule-deleted',
    act(sky, { target }) {
      const rule = ingress(sky).find((one) => (target ? one.ruleId === target : leasesOf(one).length > 0));
      if (!rule) throw new Error('There is no rule to delete. Open access first.');
      const leases = leasesOf(rule);
      const fromMs = sky.now();
      sky.aws.removeRule(rule.ruleId);
      return { did: `deleted ${rule.ruleId} (${rule.cidr})`, judge: staysDeleted(sky, rule, leases, fromMs) };
    },
  },
  {
    id: 'rule-added',
    act(sky, { target, source = '203.0.113.99/32' }) {
      const groupId = target ?? accessGroups(sky)[0]?.id ?? sky.aws.groups().at(-1)?.id ?? '';
      const isOurs = accessGroups(sky).some(({ id }) => id === groupId);
      const rule = sky.aws.addRule(groupId, { cidr: source, description: 'by hand' });
      return {
        did: `added ${rule.ruleId} to ${groupId} (${source})`,
        judge: isLeftAlone(sky, rule, isOurs, sky.now()),
      };
    },
  },
  {
    id: 'rule-forged',
    act(sky, { source = '203.0.113.66/32' }) {
      const group = accessGroups(sky)[0];
      if (!group) throw new Error('There is no access group yet. Open access once, then try this.');
      const inAnHour = sky.now() + 3_600_000;
      const rule = sky.aws.addRule(group.id, {
        cidr: source,
        description: 'forged',
        tags: {
          [INSTALLATION]: group.tags[INSTALLATION] ?? '',
          'workspace-ssh:lease:FAKE2': `v1 ${inAnHour} ${sky.now()} U0JANE ws-janedoe01 forged-signature`,
        },
      });
      const fromMs = sky.now();
      return { did: `forged ${rule.ruleId} in ${group.id}`, judge: goesSoon(sky, rule, fromMs) };
    },
  },
  {
    id: 'rebuilt',
    act(sky, { target = 'ws-janedoe01' }) {
      const open = ingress(sky).filter((rule) => leasesOf(rule).some((lease) => lease.target === target));
      const fromMs = sky.now();
      const made = sky.aws.rebuild(target);
      return {
        did: `rebuilt ${target}: now ${made.ip} at ${made.id}`,
        judge: closesMoved(sky, open, fromMs),
      };
    },
  },
];

function staysDeleted(sky: Sky, rule: Rule, leases: ReturnType<typeof leasesOf>, fromMs: number): Judge {
  if (leases.length === 0) return () => ({ state: 'idle', text: 'It was not the bot’s: nothing follows.' });
  const openedAtMs = Math.max(...leases.map((lease) => lease.openedAtMs));
  // The bot takes a rule for removed once it was absent twice, and not right after the opening, since EC2's reads lag.
  const mayTakeMs = Math.max(0, openedAtMs + sky.absentMs - fromMs) + sky.absentMs + allowedMs(sky, 2);
  return (now) => {
    const back = [...rulesSince(sky.aws, fromMs).values()].some(
      (life) =>
        life.rule.cidr === rule.cidr &&
        life.rule.groupId === rule.groupId &&
        life.rule.ruleId !== rule.ruleId &&
        life.rule.createdAtMs >= fromMs &&
        leasesOf(life.rule).some(({ requestId }) => leases.some((lease) => lease.requestId === requestId)),
    );
    if (back)
      return { state: 'broken', text: 'It was put back: a rule that somebody removed must stay removed.' };
    if (leases.every((lease) => endIsPosted(sky, lease)))
      return {
        state: 'held',
        text: `It stayed removed, and the requester was told after ${seconds(now - fromMs)}; ${seconds(mayTakeMs)} are allowed.`,
      };
    return now - fromMs > mayTakeMs
      ? { state: 'broken', text: `The requester was not told within ${seconds(mayTakeMs)}.` }
      : { state: 'watching', text: 'Not put back. The requester must be told that it is gone.' };
  };
}

/** @param isOurs whether the rule is in an access group, where the admins must get a message about it */
function isLeftAlone(sky: Sky, rule: Rule, isOurs: boolean, fromMs: number): Judge {
  const waitMs = 2 * sky.sweepMs;
  const mayTakeMs = allowedMs(sky, 2);
  return (now) => {
    const life = rulesSince(sky.aws, fromMs).get(rule.ruleId);
    if (life?.goneManually) return BY_HAND;
    if (life?.goneAtMs !== undefined)
      return { state: 'broken', text: 'The rule is gone: it was not the bot’s.' };
    if (now - fromMs < waitMs) return { state: 'watching', text: 'Two sweeps must leave it alone.' };
    const alone = `Left alone for ${seconds(waitMs)}, two sweeps`;
    if (!isOurs) return { state: 'held', text: `${alone}.` };
    if (isPostedToAdmins(sky, rule.ruleId)) return { state: 'held', text: `${alone}; the admins were told.` };
    return now - fromMs > mayTakeMs
      ? { state: 'broken', text: `The admins were not told within ${seconds(mayTakeMs)}.` }
      : { state: 'watching', text: `${alone}. The admins must be told.` };
  };
}

function goesSoon(sky: Sky, rule: Rule, fromMs: number): Judge {
  const mayTakeMs = allowedMs(sky);
  return (now) => {
    const { goneAtMs, goneManually = false } = rulesSince(sky.aws, fromMs).get(rule.ruleId) ?? {};
    if (goneManually) return BY_HAND;
    if (goneAtMs !== undefined)
      return {
        state: 'held',
        text: `Removed after ${seconds(goneAtMs - fromMs)}, since its signature is not the bot’s; ${seconds(mayTakeMs)} are allowed.`,
      };
    return now - fromMs > mayTakeMs
      ? { state: 'broken', text: `It still stands after ${seconds(mayTakeMs)}.` }
      : { state: 'watching', text: `It must go within ${seconds(mayTakeMs)}.` };
  };
}

function closesMoved(sky: Sky, open: readonly Rule[], fromMs: number): Judge {
  if (open.length === 0)
    return () => ({
      state: 'idle',
      text: 'No access was open to it. The next request finds the new address.',
    });
  // Two sweeps, since the sweep that is under way may have read the interfaces before the change.
  const mayTakeMs = allowedMs(sky, 2);
  return (now) => {
    const lives = rulesSince(sky.aws, fromMs);
    const left = open.filter(({ ruleId }) => !lives.get(ruleId)?.goneManually);
    if (left.length === 0) return BY_HAND;
    const gone = left.map(({ ruleId }) => lives.get(ruleId)?.goneAtMs);
    if (gone.every((at) => at !== undefined))
      return {
        state: 'held',
        text: `The rule went after ${seconds(Math.max(...gone.map((at) => at ?? 0)) - fromMs)}; ${seconds(mayTakeMs)} are allowed.`,
      };
    return now - fromMs > mayTakeMs
      ? { state: 'broken', text: 'The rule still stands, for an address that somebody else may get.' }
      : { state: 'watching', text: `Access to the old address must close within ${seconds(mayTakeMs)}.` };
  };
}
