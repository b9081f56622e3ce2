/** Phrases that several cards share, so that every card says the same thing in the same words. */
import { showSource } from '../../access/reading/address-block.js';
import { shortDuration } from '../../access/reading/duration.js';
import type { Facts } from '../../access/request/facts.js';
import type { Need, Review } from '../../access/request/need.js';
import type { PhaseIn, Request, RequestId, RequestIn, Target } from '../../access/request/request.js';
import { ofNewerVersion } from '../../workflow/answer.js';
import { type Block, context, linesIn } from './blocks.js';
import { at, code, count, escaped, mentions, onDayAt, sentence, upTo } from './mrkdwn.js';
import { everyYes, neededWords } from './review-words.js';

const DAY_MATTERS_MS = 12 * 3_600_000;
const NEWER_SHOWN = 5;

/** An instant of a request, as mrkdwn; with the day where the time alone could mean two days. */
export function time(request: Request, ms: number): string {
  return dayMatters(request, ms) ? onDayAt(ms) : at(ms);
}

/** When something happens, to stand behind it: `at 15:10`, or `tomorrow at 15:10`, which has its own "at". */
export function atTime(request: Request, ms: number): string {
  return dayMatters(request, ms) ? time(request, ms) : `at ${time(request, ms)}`;
}

function dayMatters({ ask }: Request, ms: number): boolean {
  return Math.abs(ms - ask.askedAtMs) > DAY_MATTERS_MS;
}

/** Where the requester comes from: `203.0.113.25`. */
export function from(request: Request): string {
  return showSource(request.ask.source.cidr);
}

/** The source as people read it: `203.0.113.25`, `203.0.113.25 in VPN`, `Office, 198.51.100.0/24`. */
export function fromWhere(request: Request): string {
  const { network } = request.ask;
  if (!network) return from(request);
  return network.whole ? `${network.name}, ${from(request)}` : `${from(request)} in ${network.name}`;
}

/** For lists: requests that a newer version of the bot keeps. This version knows nothing but their ids. */
export function ofNewer(ids: readonly RequestId[]): Block[] {
  return linesIn(
    context,
    upTo(NEWER_SHOWN, ids, ofNewerVersion, { more: 'more that a newer version of me keeps' }),
  );
}

/** A link to the ticket that the reason names; undefined where the policy has no address for tickets. */
export function ticketLink({ ask: { ticket } }: Request): string | undefined {
  return ticket?.url
    ? `Ticket: <${escaped(ticket.url)}|${escaped(ticket.text).replaceAll('|', ' ')}>`
    : undefined;
}

/** `one address` or `256 addresses`. */
export function width(request: Request): string {
  const { isSingle, addresses } = request.ask.source;
  return isSingle ? 'one address' : `${addresses} addresses`;
}

/** A note for a person who typed an address with a prefix such as `/28`: the request covers the whole range. */
export function rangeNote(request: Request): string | undefined {
  const { source, command } = request.ask;
  if (!source.clearedHostBits) return undefined;
  const undo = code(`${command} end ${request.id}`);
  return `That is the whole range ${source.cidr}, ${source.addresses} addresses. If you meant one address, ${undo} takes this back.`;
}

/**
 * The target, before or after AWS was asked for it. {@link leftOut} says why some of a directory's WorkSpaces are
 * missing.
 */
export function wanted(target: Target, facts?: Facts): string {
  switch (target.kind) {
    case 'workspace':
      return target.workspaceId;
    case 'directory':
      return `${howMany(facts)} of ${target.directoryId}`;
    case 'own':
      return facts?.desktops[0]?.workspaceId ?? 'your WorkSpace';
  }
}

function howMany(facts?: Facts): string {
  if (!facts) return 'all Linux WorkSpaces';
  const found = facts.desktops.length;
  const skipped = facts.skipped ?? 0;
  if (skipped === 0) return `all ${count(found, 'Linux WorkSpace')}`;
  return `${found.toLocaleString('en-US')} of ${count(found + skipped, 'Linux WorkSpace')}`;
}

/** Why a directory is not opened whole: `2 cannot be reached from 203.0.113.25 now`. */
export function leftOut(request: Request, facts: Facts): string | undefined {
  if (!facts.skipped) return undefined;
  return `${facts.skipped.toLocaleString('en-US')} cannot be reached from ${from(request)} now`;
}

/** A warning for one WorkSpace of another person: WorkSpaces check who logs in, whatever the firewall lets through. */
export function ownersOnly(facts: Facts): string | undefined {
  if (facts.own || facts.desktops.length !== 1) return undefined;
  return 'By default only its owner and domain admins may log in to this WorkSpace, so the open port may not be enough.';
}

/** `approved by @maria`, or by the rule of the policy that approved at once. */
export function approvedBy(review: Review, need: Need | undefined): string {
  if (review.by === 'lost') return 'approved before my storage was lost';
  return review.by === 'policy'
    ? `approved by the policy${need ? ` (rule ${code(need.rule)})` : ''}`
    : `approved by ${mentions(everyYes(review, need), 'and')}`;
}

/** For the requester: who approved, and who made the time shorter. */
export function grantedBy({ ask }: Request, review: Review, need: Need): string {
  const by = approvedBy(review, need);
  const made = ask.shortened;
  if (!made) return by;
  const alone = everyYes(review, need).every((id) => id === made.by);
  const times = `made it ${shortDuration(ask.durationMs)}; you asked for ${shortDuration(made.fromMs)}`;
  return alone ? `${by}, who ${times}` : `${by}; ${mentions([made.by])} ${times}`;
}

/** Why approvers are asked a second time; undefined where they are asked for the first time. */
export function askedAnew({ facts, reachWas, changed }: PhaseIn<'pending'>): string | undefined {
  if (reachWas !== undefined)
    return `It was approved for ${reachWas} WorkSpaces, but would open ${facts.reach} now: it needs a new yes.`;
  return changed?.anew ? `It was approved, but ${sentence(changed.what)}: it needs a new yes.` : undefined;
}

/** What the bot does while nobody answers: `I ask admins too at 15:10; it closes unanswered at 18:42.` */
export function nextSteps(
  request: Request,
  { need, lapsesAtMs }: RequestIn<'pending'>['phase'],
  viewer: string,
): string {
  const { fallback } = need.due;
  const closes = `closes unanswered ${atTime(request, lapsesAtMs)}.`;
  // A request that is to open soon may close before anybody else would be asked.
  if (!fallback || fallback.done || fallback.atMs >= lapsesAtMs) return `It ${closes}`;
  const next = neededWords(fallback.ask, { inChannel: viewer === need.hears.channel });
  return `I ask ${next} too ${atTime(request, fallback.atMs)}; it ${closes}`;
}

/** `UBUNTU_22_04` becomes `Ubuntu 22.04`. A name that AWS adds later stays readable. */
export function systemName(operatingSystem: string): string {
  const [name = '', ...version] = operatingSystem.split('_');
  const words: Record<string, string> = { RHEL: 'RHEL', AMAZON: 'Amazon' };
  const readable = words[name] ?? `${name.charAt(0)}${name.slice(1).toLowerCase()}`;
  if (name === 'AMAZON') return `${readable} Linux ${version.slice(1).join('.')}`.trim();
  return `${readable} ${version.join('.')}`.trim();
}
