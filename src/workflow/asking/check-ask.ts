/**
 * Checks what was typed, before anything is stored: its parts, the limits, and the rules of the policy as far as nothing
 * has to be looked up.
 */

import type { Question } from '../../access/policy/conditions.js';
import { tooFarAhead, unknownDirectory } from '../../access/policy/limits.js';
import { foreseenNoRule, type NoRule } from '../../access/policy/no-rule.js';
import type { Policy } from '../../access/policy/policy.js';
import { durationProblem, parseDuration, spellDuration } from '../../access/reading/duration.js';
import { readTargetId, targetById } from '../../access/reading/ids.js';
import { networkAround, networkNamed, readSourceOrName } from '../../access/reading/network.js';
import { bare, oneStraightLine } from '../../access/reading/plain-text.js';
import { readReason, type Ticket } from '../../access/reading/reason.js';
import { PRINT_ADDRESS, type Source } from '../../access/reading/source.js';
import type { Start } from '../../access/reading/when/start.js';
import { startOf } from '../../access/request/later.js';
import { followUpOf, wholeMs } from '../../access/request/others/follows.js';
import type { Ask, Target } from '../../access/request/request.js';
import { isMany } from '../../access/request/target.js';

/** The texts that somebody typed, in the form or after the command. Missing parts are undefined. */
export interface Typed {
  /** `ws-…`, `d-…` or nothing for one's own. */
  targetText?: string | undefined;
  sourceText?: string | undefined;
  durationText?: string | undefined;
  /** When access is to open: as typed behind the command, or the instant that the form gives. */
  later?: Start | undefined;
  reason?: string | undefined;
  emergency?: true | undefined;
  /** The form was told that access is to open later, and not when. */
  noTime?: true | undefined;
  /** WorkSpaces were shown to choose from, and none is chosen or named. */
  unchosen?: true | undefined;
}

/** What was typed, once each part was read and keeps to the limits. */
export interface CheckedAsk {
  target: Target;
  source: Source;
  network?: NonNullable<Ask['network']>;
  durationMs: number;
  later?: Start;
  emergency?: true;
  reason: string;
  ticket?: Ticket;
}

export type AskField = 'target' | 'source' | 'duration' | 'start' | 'reason';
/** What is wrong with a part of a request, as its requester reads it. */
export interface AskProblem {
  field: AskField;
  sentence: string;
}

/**
 * Reads and checks what was typed, the same way for the command and the form. Every problem is named with its field, so
 * that nothing typed is lost. Where every part is right, the policy's rules are asked as far as nothing has to be looked
 * up.
 * @param by who asks, and when
 */
export function checkAsk(
  policy: Policy,
  typed: Typed,
  by: { requester: string; atMs: number },
): { ok: true; ask: CheckedAsk } | { ok: false; problems: AskProblem[] } {
  const problems: AskProblem[] = [];
  const problem = (field: AskField, sentence: string) => problems.push({ field, sentence });

  const target = readTarget(bare(typed.targetText ?? ''));
  if (typed.unchosen) problem('target', 'Choose a WorkSpace, or name another one.');
  else if (!target) problem('target', 'That is no WorkSpace id. It looks like `ws-8kd2x4f9m`.');

  const where = readWhere(policy, typed.sourceText);
  if (!where.ok) problem('source', where.sentence);

  const { durations } = policy.limits;
  const durationText = bare(typed.durationText ?? '');
  const durationMs = durationText ? parseDuration(durationText) : durations.defaultMs;
  if (durationMs === undefined) problem('duration', durationProblem(durationText));
  else if (durationMs > durations.longestMs) {
    problem('duration', `The policy allows at most ${spellDuration(durations.longestMs)}. Ask for less.`);
  } else if (durationMs < durations.shortestMs) {
    problem('duration', `The shortest is ${spellDuration(durations.shortestMs)}. Ask for more.`);
  }

  const whyNotThen = whyNotLater(policy, typed, by.atMs);
  if (whyNotThen) problem('start', whyNotThen);

  const said = readWhy(policy, typed.reason);
  if (!said.ok) problem('reason', said.sentence);

  if (problems.length > 0 || !target || !where.ok || !said.ok || durationMs === undefined)
    return { ok: false, problems };
  const ask: CheckedAsk = {
    target,
    ...where.from,
    durationMs,
    ...(typed.later ? { later: typed.later } : {}),
    ...(typed.emergency ? { emergency: true } : {}),
    ...said.why,
  };
  const never = whyNever(policy, ask, by);
  return never ? { ok: false, problems: [never] } : { ok: true, ask };
}

/** An address, a range or the name of a network as somebody typed it, and the network that it is in; or what is wrong. */
export function readWhere(
  { limits: { sources, networks } }: Policy,
  typed: string | undefined,
): { ok: true; from: Pick<CheckedAsk, 'source' | 'network'> } | { ok: false; sentence: string } {
  const text = bare(typed ?? '');
  if (!text) {
    const sentence = `Your address is missing. On the computer that will connect: \`${PRINT_ADDRESS[4]}\`.`;
    return { ok: false, sentence };
  }
  const reading = readSourceOrName(text, sources, networks);
  if (!reading.ok) return reading;
  const { source } = reading;
  const named = networkNamed(text, networks);
  const network = named ?? networkAround(source.cidr, networks);
  return {
    ok: true,
    from: { source, ...(network ? { network: { name: network.name, whole: named !== undefined } } : {}) },
  };
}

/** The reason as somebody typed it, and the ticket in it; or what is wrong. */
export function readWhy(
  { limits }: Policy,
  typed: string | undefined,
): { ok: true; why: Pick<CheckedAsk, 'reason' | 'ticket'> } | { ok: false; sentence: string } {
  const reason = oneStraightLine(typed ?? '');
  if (!reason) return { ok: false, sentence: 'Say why in a few words: your approver reads it.' };
  const read = readReason(reason, limits.reason);
  if (!read.ok) return read;
  return { ok: true, why: { reason, ...(read.ticket ? { ticket: read.ticket } : {}) } };
}

const FIELD_OF: Readonly<Record<NoRule['about'], AskField>> = {
  duration: 'duration',
  source: 'source',
  target: 'target',
  time: 'reason',
  emergency: 'reason',
};

/** Why the policy lets nobody ask for this, whatever Slack and AWS say; undefined where it may. */
function whyNever(
  policy: Policy,
  ask: CheckedAsk,
  by: { requester: string; atMs: number },
): AskProblem | undefined {
  const { target } = ask;
  if (target.kind === 'directory' && !policy.directories[target.directoryId])
    return { field: 'target', sentence: unknownDirectory(target.directoryId) };
  const none = foreseenNoRule(policy, questionAtTheDoor(ask, by));
  const field = none?.about === 'time' && ask.later ? 'start' : none && FIELD_OF[none.about];
  return none && field && { field, sentence: none.sentence };
}

/**
 * Why access may not open at the time that was asked for. A time that was typed is not judged here: it means an instant
 * only in a time zone, which nobody has looked up yet.
 */
function whyNotLater(policy: Policy, { later, noTime, emergency }: Typed, atMs: number): string | undefined {
  if (noTime) return 'Choose a date and a time, or now.';
  if (!later) return undefined;
  if (emergency) return 'An emergency opens at once. Leave the time out, or ask without `emergency`.';
  const startsAtMs = startOf({ later });
  if (startsAtMs === undefined) return undefined;
  if (startsAtMs <= atMs) return 'That time has passed. Choose a later one, or now.';
  return tooFarAhead(policy, startsAtMs - atMs);
}

/** What is known of a request before Slack and AWS are asked. Whoever asks counts as somebody who may take part. */
export function questionAtTheDoor(
  ask: CheckedAsk & Pick<Ask, 'follows'>,
  by: { requester: string; atMs: number },
): Question {
  const { target, source } = ask;
  const what = followUpOf(ask);
  const asker = { id: by.requester, active: true, human: true, guest: false, foreign: false };
  return {
    requester: { ...asker, groups: undefined },
    target: {
      wholeDirectory: isMany(target),
      directoryId: target.kind === 'directory' ? target.directoryId : undefined,
      workspaceId: target.kind === 'workspace' ? target.workspaceId : undefined,
      own: target.kind === 'workspace' ? undefined : target.kind === 'own',
      system: undefined,
      tags: undefined,
      owner: undefined,
    },
    movedGroups: [],
    source: { cidr: source.cidr, isPrivate: source.isPrivate },
    durationMs: wholeMs(ask),
    atMs: ask.later ? startOf(ask) : by.atMs,
    emergency: ask.emergency === true,
    follows: what && { what, shortened: ask.follows?.shortened === true },
  };
}

function readTarget(text: string): Target | undefined {
  if (text === '') return { kind: 'own' };
  const id = readTargetId(text);
  return id === undefined ? undefined : targetById(id);
}
