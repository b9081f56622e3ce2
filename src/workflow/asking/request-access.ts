/**
 * Asking: what was typed is checked, stored as `submitted`, and only then acknowledged. Nothing here waits for AWS
 * or Slack.
 */

import type { Policy } from '../../access/policy/policy.js';
import { durationProblem, parseDuration, spellDuration } from '../../access/reading/duration.js';
import { readTargetId, targetById } from '../../access/reading/ids.js';
import { networkAround, networkNamed, readSourceOrName } from '../../access/reading/network.js';
import { bare, oneStraightLine } from '../../access/reading/plain-text.js';
import { readReason, type Ticket } from '../../access/reading/reason.js';
import { PRINT_ADDRESS, type Source } from '../../access/reading/source.js';
import type { Pause } from '../../access/request/pause.js';
import type { Ask, Request, Target } from '../../access/request/request.js';
import { submit } from '../../access/request/transitions.js';
import { wake } from '../change.js';
import type { Parts } from '../ports.js';
import { tooManyWaiting } from './person-limits.js';

/** The texts that somebody typed, in the form or after the command. Missing parts are undefined. */
export interface Typed {
  /** `ws-…`, `d-…` or nothing for one's own. */
  targetText?: string | undefined;
  sourceText?: string | undefined;
  durationText?: string | undefined;
  reason?: string | undefined;
  emergency?: true | undefined;
}

export interface CheckedAsk {
  target: Target;
  source: Source;
  network?: NonNullable<Ask['network']>;
  durationMs: number;
  emergency?: true;
  reason: string;
  ticket?: Ticket;
}

export type AskField = 'target' | 'source' | 'duration' | 'reason';
export interface AskProblem {
  field: AskField;
  sentence: string;
}

/**
 * Reads and checks what was typed, the same way for the command and the form. Every problem is named with its field, so
 * that nothing typed is lost.
 */
export function checkAsk(
  policy: Policy,
  typed: Typed,
): { ok: true; ask: CheckedAsk } | { ok: false; problems: AskProblem[] } {
  const problems: AskProblem[] = [];
  const problem = (field: AskField, sentence: string) => problems.push({ field, sentence });

  const target = readTarget(bare(typed.targetText ?? ''));
  if (!target) problem('target', 'That is no WorkSpace id. It looks like `ws-8kd2x4f9m`.');

  const sourceText = bare(typed.sourceText ?? '');
  const { sources, networks } = policy.limits;
  const reading = sourceText ? readSourceOrName(sourceText, sources, networks) : undefined;
  if (!reading) {
    problem('source', `Your address is missing. On the computer that will connect: \`${PRINT_ADDRESS[4]}\`.`);
  } else if (!reading.ok) problem('source', reading.sentence);

  const { durations } = policy.limits;
  const durationText = bare(typed.durationText ?? '');
  const durationMs = durationText ? parseDuration(durationText) : durations.defaultMs;
  if (durationMs === undefined) problem('duration', durationProblem(durationText));
  else if (durationMs > durations.longestMs) {
    problem('duration', `The policy allows at most ${spellDuration(durations.longestMs)}. Ask for less.`);
  } else if (durationMs < durations.shortestMs) {
    problem('duration', `The shortest is ${spellDuration(durations.shortestMs)}. Ask for more.`);
  }

  const reason = oneStraightLine(typed.reason ?? '');
  const read = readReason(reason, policy.limits.reason);
  if (!reason) problem('reason', 'Say why in a few words: your approver reads it.');
  else if (!read.ok) problem('reason', read.sentence);

  if (problems.length > 0 || !target || !reading?.ok || durationMs === undefined)
    return { ok: false, problems };
  const { source } = reading;
  const around = networkAround(source.cidr, networks);
  const named = networkNamed(sourceText, networks);
  const network = named ?? around;
  return {
    ok: true,
    ask: {
      target,
      source,
      ...(network ? { network: { name: network.name, whole: named !== undefined } } : {}),
      durationMs,
      ...(typed.emergency ? { emergency: true } : {}),
      reason,
      ...(read.ok && read.ticket ? { ticket: read.ticket } : {}),
    },
  };
}

function readTarget(text: string): Target | undefined {
  if (text === '') return { kind: 'own' };
  const id = readTargetId(text);
  return id === undefined ? undefined : targetById(id);
}

/**
 * Stores a request, once for each Slack delivery (`delivery` is its `view.id` or `trigger_id`); none while new
 * openings are paused, since nobody should be asked for what will not open, and none of a person who has as many waiting
 * as the policy allows, so that nobody else waits behind a flood.
 * @throws StoreUnreachable where it could not be stored, or not for certain
 */
export async function requestAccess(
  parts: Parts,
  asked: CheckedAsk & { requester: string; command: string },
  delivery: string,
): Promise<
  | { outcome: 'stored' | 'repeated'; request: Request }
  | { outcome: 'paused'; pause: Pause }
  | { outcome: 'too-many'; sentence: string }
> {
  const pause = await parts.store.loadPause();
  if (pause) return { outcome: 'paused', pause };
  const nowMs = parts.now();
  for (;;) {
    const request: Request = {
      id: parts.newId(),
      version: 1,
      ask: { ...asked, askedAtMs: nowMs },
      phase: submit(nowMs + parts.policy.limits.unansweredMs),
    };
    const entry = { atMs: nowMs, who: asked.requester, what: 'submitted', why: asked.reason };
    const emergency = asked.emergency ? { ids: { emergency: 'yes' } } : {};
    const audit = [{ ...entry, requestId: request.id, ...emergency }];
    const mostWaiting = parts.policy.limits.perPerson.waiting;
    const stored = await parts.store.change({ request, audit, delivery, mostWaiting });
    if (stored.outcome === 'conflict') continue; // the id is taken: draw another
    if (stored.outcome === 'too-many') {
      return { outcome: 'too-many', sentence: tooManyWaiting(stored.waiting) };
    }
    if (stored.outcome === 'repeated') {
      const first = await parts.store.load(stored.requestId);
      return { outcome: 'repeated', request: first ?? request };
    }
    // The acknowledgement waits for this answer and nothing more; the sweep finds the request if the timer is lost.
    wake(parts, request).catch((cause: unknown) =>
      parts.log.warn({ err: cause, id: request.id }, 'timer not set'),
    );
    return { outcome: 'stored', request };
  }
}
