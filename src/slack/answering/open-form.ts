/** Opens the request form at once, since Slack's trigger lives three seconds, and fills it in when AWS answers. */
import type { ViewOutput } from '@slack/bolt';
import { WebAPIPlatformError } from '@slack/web-api';
import { parseDuration } from '../../access/reading/duration.js';
import { readTargetId, targetById } from '../../access/reading/ids.js';
import { readSourceOrName } from '../../access/reading/network.js';
import { startAt } from '../../access/reading/when/start.js';
import type { Facts } from '../../access/request/facts.js';
import type { Ask, Request } from '../../access/request/request.js';
import { foresee, foreseeFollowUp } from '../../workflow/deciding/foresee.js';
import { ownDesktops } from '../../workflow/finding/find-target.js';
import { countFailure } from '../../workflow/passes.js';
import { openAlready } from '../cards/own-requests.js';
import { type Known, knownFrom } from '../forms/known-requests.js';
import { moveFormAround } from '../forms/move-form.js';
import { FIELD, shownIn } from '../forms/request-fields.js';
import { type Around, formAround, requestForm } from '../forms/request-form.js';
import { withAddress } from '../forms/source-fields.js';
import { withTime } from '../forms/time-fields.js';
import type { Own } from '../forms/workspace-fields.js';
import { foreseenWords } from '../words/foreseen-words.js';
import { VIEW } from '../words/ids.js';
import { type Prefill, readPrefill, readReference } from '../words/values.js';
import type { Click, Desk } from './desk.js';

/**
 * Slack's errors where the person has closed, sent or changed the form meanwhile, so that nothing is left to fill in.
 */
const TOO_LATE = new Set(['not_found', 'hash_conflict', 'view_not_found', 'view_closed']);

/** How long the form waits at most before it opens: the store may be slow, and Slack's trigger lives three seconds. */
const KNOWN_WITHIN_MS = 700;

/** How long the filling-in waits for Slack to say who will be asked. */
const ASKED_WITHIN_MS = 1_000;
const WITHOUT_ASKED = 'the form does not say who will be asked';

/** Who opens the form, and what the form is filled with; `requests`: those of the person, where they were read already. */
interface Opening {
  by: string;
  filled: Prefill;
  requests?: readonly Request[];
}

export async function openForm(
  desk: Desk,
  { triggerId, ...asked }: Opening & { triggerId: string },
): Promise<void> {
  const { parts, client } = desk;
  const [around, filled] = await Promise.all([aroundOf(desk, asked), timedWithin(desk, asked)]);
  const opening = { ...asked, filled };
  const { view } = await client.views.open({
    trigger_id: triggerId,
    view: requestForm(parts.policy, opening.filled, 'looking', around),
  });
  if (view?.id) await fillForm(desk, { id: view.id, hash: view.hash }, opening, around);
}

/**
 * A choice in the request form, or in the form that moves access: shows the fields for another address and for a time
 * where they are chosen, or takes them away. The click carries what is to be shown, so nothing is looked up, unless the
 * form was still to be filled in.
 *
 * The click carries every choice, and not only the last one. Two choices may be made before the form has changed
 * for the first of them, so a click draws the fields of all of them, also where its own form shows them already.
 */
export async function drawChoices({ view, by }: Click, desk: Desk): Promise<void> {
  if (!view) return;
  const { values } = view.state;
  const blocks = withTime(withAddress(view.blocks, values), values);
  if (view.callback_id === VIEW.move) {
    const around = moveFormAround(readReference(view.private_metadata));
    await updateInTurn(desk, view, { ...around, blocks });
    return;
  }
  const { looking, ...filled } = readPrefill(view.private_metadata);
  const around = formAround(looking ? { ...filled, looking } : filled);
  const hash = await updateInTurn(desk, view, { ...around, blocks });
  if (!looking || hash === 'changed') return;
  const opening = { by, filled };
  const known = await aroundOf(desk, opening);
  const chosen = { addressIs: shownIn(blocks, FIELD.source), timeIs: shownIn(blocks, FIELD.startsAt) };
  await fillForm(desk, { id: view.id, hash }, opening, { ...known, ...chosen });
}

/**
 * Updates the form from what a click carried. Where somebody else changed the form meanwhile, it is written over that
 * change, which knew less: the change came from an earlier click, or from the look-up, which is then done again.
 */
async function updateInTurn(desk: Desk, { id, hash }: ViewOutput, view: Drawn): ReturnType<typeof update> {
  const updated = await update(desk, { id, hash }, view);
  return updated === 'changed' ? update(desk, { id }, view) : updated;
}

/** The instant of a time that was typed, if Slack says soon in which time zone; a time that has passed is left out. */
async function timedWithin({ parts }: Desk, { by, filled }: Opening): Promise<Prefill> {
  const { start, startsAtMs, ...rest } = filled;
  const nowMs = parts.now();
  if (startsAtMs !== undefined) return startsAtMs > nowMs ? { ...rest, startsAtMs } : rest;
  if (!start) return rest;
  const without = 'the form opens without the time that was typed';
  const person = await within(parts, KNOWN_WITHIN_MS, parts.people.person(by), without);
  const { date, time } = start;
  const meant = person && startAt({ ...(date ? { date } : {}), time }, person.timeZone, nowMs);
  return meant && 'startsAtMs' in meant ? { ...rest, startsAtMs: meant.startsAtMs } : { ...rest, start };
}

/** The person's earlier requests, newest first, if the store says them soon. */
export async function knownWithin({ parts }: Desk, by: string): Promise<readonly Request[] | undefined> {
  const read = async () => (await parts.store.ofPerson(by)).requests;
  return within(parts, KNOWN_WITHIN_MS, read(), 'the form opens without what is known of earlier requests');
}

/** Who will be asked for more time or another address, as mrkdwn, if Slack says it soon. */
export async function whoIsAskedToFollow(
  { parts }: Desk,
  asks: readonly Ask[],
  facts: Facts,
): Promise<string | undefined> {
  const looks = foreseeFollowUp(parts, asks, facts).then(foreseenWords);
  return within(parts, KNOWN_WITHIN_MS, looks, WITHOUT_ASKED);
}

/** What the person's earlier requests say. */
async function aroundOf(desk: Desk, { by, requests }: Opening): Promise<Around> {
  const { parts } = desk;
  const found = requests ?? (await knownWithin(desk, by));
  if (!found) return {};
  return { known: knownFrom(parts.policy, found, parts.now()), open: openAlready(found) };
}

/**
 * The result of some work; undefined where the work fails or takes longer.
 * @param without what is left out then, for the log
 */
async function within<T>(
  { sleep, log }: Desk['parts'],
  ms: number,
  work: Promise<T>,
  without: string,
): Promise<T | undefined> {
  const done = work.catch((cause: unknown) => {
    log.warn({ err: cause }, without);
    return undefined;
  });
  return Promise.race([done, sleep(ms).then(() => undefined)]);
}

async function fillForm(
  desk: Desk,
  view: { id: string; hash?: string | undefined },
  { by, filled }: Opening,
  around: Around,
): Promise<void> {
  const { parts } = desk;
  const { policy, log } = parts;
  const [own, pause] = await Promise.all([
    ownDesktops(parts, by).catch((cause: unknown) => {
      log.warn({ err: cause, user: by }, 'the form could not be filled in');
      countFailure(parts.memory, 'answering', cause);
      return {
        sentence:
          'I can’t look up your WorkSpaces now. Send the request all the same; I go on when AWS answers.',
        none: false,
      };
    }),
    // Where this is not known, whoever sends the form is told.
    parts.store.loadPause().catch(() => undefined),
  ]);
  const looks = whoIsAsked(desk, by, filled, own, around.known);
  const asked = await within(parts, ASKED_WITHIN_MS, looks, WITHOUT_ASKED);
  await update(desk, view, requestForm(policy, filled, own, { ...around, pause, asked }));
}

async function whoIsAsked(
  { parts }: Desk,
  by: string,
  { target, source, duration, startsAtMs, emergency }: Prefill,
  own: Exclude<Own, 'looking'>,
  known: Known = {},
): Promise<string | undefined> {
  const { limits } = parts.policy;
  const mine = 'desktops' in own ? own.desktops : [];
  const id = target === undefined ? undefined : readTargetId(target);
  const named = mine.filter(({ workspaceId }) => workspaceId === (id ?? known.workspaceId));
  const elsewhere = id !== undefined && named.length === 0 ? targetById(id) : undefined;
  const reading =
    source === undefined ? undefined : readSourceOrName(source, limits.sources, limits.networks);
  const { choicesMs, defaultMs } = limits.durations;
  const chosenMs = (duration === undefined ? known.durationMs : parseDuration(duration)) ?? defaultMs;
  const foreseen = await foresee(parts, {
    requester: by,
    of: elsewhere ?? (named.length > 0 ? named : mine),
    source: reading?.ok ? reading.source : undefined,
    durationsMs: [chosenMs, ...choicesMs],
    emergency: emergency === true,
    ...(startsAtMs === undefined ? {} : { atMs: startsAtMs }),
  });
  return foreseenWords(foreseen);
}

type Drawn = Parameters<Desk['client']['views']['update']>[0]['view'];

/** @returns the form's new hash, where Slack says one; `changed` where somebody else changed the form or closed it */
async function update(
  { client }: Desk,
  { id, hash }: { id: string; hash?: string | undefined },
  view: Drawn,
): Promise<string | undefined | 'changed'> {
  try {
    const updated = await client.views.update({ view_id: id, ...(hash ? { hash } : {}), view });
    return updated.view?.hash;
  } catch (cause) {
    if (!(cause instanceof WebAPIPlatformError && TOO_LATE.has(cause.data.error))) throw cause;
    return 'changed';
  }
}
