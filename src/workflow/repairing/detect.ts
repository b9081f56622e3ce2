/** Nobody tells the bot what changes around open access: each pass looks, in one replica at a time. */
import { isIn, type RequestIn } from '../../access/request/request.js';
import { isOwned, type SeenRule } from '../../access/rules/seen-rule.js';
import type { Listing, OpenGrant } from '../memory.js';
import { attempt, each, nextShare, noteFailure } from '../passes.js';
import type { Parts } from '../ports.js';
import { readRules } from '../rules/read-group.js';
import { notifyAdmins } from '../telling/notify-admins.js';
import { detectDrift } from './detecting/detect-drift.js';
import { detectLeavers } from './detecting/detect-leavers.js';
import { detectLostApprovers } from './detecting/detect-lost-approvers.js';
import { detectMoved } from './detecting/detect-moved.js';
import { readLive, readSome } from './live-requests.js';
import { byGroup, shareTagged } from './read-tagged.js';
import { suspectGroups } from './suspects.js';

/** DescribeWorkspaces takes so many ids. */
const DESKTOPS_A_CALL = 25;
/** DescribeSecurityGroupRules takes so many groups. */
const GROUPS_A_CALL = 200;
/** The interfaces and states of so many grants are held at once: DescribeNetworkInterfaces takes so many interfaces. */
const GRANTS_AT_ONCE = 200;

/** A list of all rules serves for so many sweeps: what has changed by such a list is read again before it is believed. */
const SWEEPS_OLD = 2;

/** Looks for drift, forged rules, moved WorkSpaces and people who left. A look that fails keeps no other from being made. */
export async function detect(parts: Parts): Promise<void> {
  // A little less than the interval, or this replica's own next pass would come too early.
  if (!(await parts.store.turn('notice', parts.times.sweepMs * 0.9))) return;
  const look = async (what: () => Promise<void>): Promise<void> => {
    await what().catch((err: unknown) => {
      parts.log.warn({ err }, 'sweep: a look waits for the next pass');
      noteFailure(parts, 'sweep', err);
    });
  };
  // EC2 first: each rule that it shows was recorded before.
  let read: Listing | undefined;
  await look(async () => {
    read = await shareTagged(parts, SWEEPS_OLD * parts.times.sweepMs);
  });
  const listing = read;
  const live = await readLive(parts, listing?.live ?? new Map());
  // Pages of AWS are large: those of two looks are never held at once.
  const looksAtAws = [
    ...(listing
      ? [() => detectDrifts(parts, listing, live.open), () => detectForged(parts, listing.tagged)]
      : []),
    () => detectMovedShare(parts, live.open),
  ];
  await Promise.all([
    (async () => {
      for (const what of looksAtAws) await look(what);
    })(),
    look(() => detectLeavers(parts, live.byRequester)),
    look(() => detectLostApprovers(parts, live.pending)),
  ]);
}

/** Looks again at the groups where something seems to have changed. */
async function detectDrifts(parts: Parts, { staying }: Listing, open: readonly OpenGrant[]): Promise<void> {
  const suspects = [...(await suspectGroups(parts, staying, open))];
  for (let at = 0; at < suspects.length; at += GROUPS_A_CALL) {
    const some = new Set(suspects.slice(at, at + GROUPS_A_CALL));
    const groups = await Promise.all([...some].map((groupId) => readRules(parts, groupId)));
    const grants = await openNow(
      parts,
      open.filter(({ groupId }) => some.has(groupId)),
    );
    await each(groups, (group) =>
      attempt(parts, group.groupId, () =>
        detectDrift(
          parts,
          group,
          grants.filter(({ phase }) => phase.grant.groupId === group.groupId),
        ),
      ),
    );
  }
}

async function detectForged(parts: Parts, tagged: readonly SeenRule[]): Promise<void> {
  for (const rule of await forgedRules(parts, tagged)) {
    const { ruleId, groupId, source } = rule;
    await notifyAdmins(parts, { kind: 'unverified-rule', ruleId, groupId, source });
  }
}

/** The rules outside of our access groups whose tag has no signature that verifies or is a copy. They are told, never obeyed. */
async function forgedRules(parts: Parts, tagged: readonly SeenRule[]): Promise<SeenRule[]> {
  const unowned = tagged.filter((rule) => !rule.inAccessGroup && !isOwned(rule));
  const forged: SeenRule[] = [];
  for (const [groupId, rules] of byGroup(unowned)) {
    const records = await parts.store.rulesOf(groupId);
    const isOurs = (rule: SeenRule) =>
      records.some(({ source, stage }) =>
        stage.state === 'newer' ? source === rule.source : 'ruleId' in stage && stage.ruleId === rule.ruleId,
      );
    forged.push(...rules.filter((rule) => !isOurs(rule)));
  }
  return forged;
}

/** The soonest ends come first: whoever has long can wait some passes. */
async function detectMovedShare(parts: Parts, open: readonly OpenGrant[]): Promise<void> {
  const calls = Math.max(1, Math.floor(parts.times.sweepMs / parts.times.lookMs));
  const share = nextShare(
    parts,
    'moved',
    open,
    ({ endsAtMs, id }) => `${String(endsAtMs).padStart(16, '0')} ${id}`,
    calls * DESKTOPS_A_CALL,
    // The record of a grant that was adopted after a loss may know of no WorkSpace but by its id.
    ({ desktops }) => Math.max(1, desktops),
  );
  for (let at = 0; at < share.length; at += GRANTS_AT_ONCE)
    await detectMoved(parts, await openNow(parts, share.slice(at, at + GRANTS_AT_ONCE)));
}

/** The grants of these that are still open. */
async function openNow(parts: Parts, grants: readonly OpenGrant[]): Promise<RequestIn<'open'>[]> {
  const requests = await readSome(
    parts,
    grants.map(({ id }) => id),
  );
  return requests.filter((request): request is RequestIn<'open'> => isIn(request, 'open'));
}
