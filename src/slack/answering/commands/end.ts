/** `end`: closes open access, or takes back a waiting request. */
import { LONGEST_REASON } from '../../../access/reading/reason.js';
import { isGranted, isWaiting } from '../../../access/request/duties.js';
import { notTakenOver } from '../../../access/request/others/follows.js';
import type { Request, RequestId } from '../../../access/request/request.js';
import { stopRequest } from '../../../workflow/ending/end-access.js';
import { openFirst } from '../../cards/own-requests.js';
import { linesIn, type Rendered, reply, section } from '../../words/blocks.js';
import { ofNewer } from '../../words/card-words.js';
import { nothingCameOf } from '../../words/follow-words.js';
import { code, cut, mention, upTo } from '../../words/mrkdwn.js';
import { summary } from '../../words/states.js';
import type { Desk } from '../desk.js';
import { sentenceReply, unclearReply } from './replies.js';
import type { Invocation } from './subcommand.js';

const SHOWN = 30;

/** Whether `end` still changes the request. */
export function canStop(request: Request): boolean {
  return isWaiting(request) || isGranted(request);
}

/** Ends the request with the id; without an id the person's only one, since there must be no doubt which is meant. */
export async function end(
  { by, command, typed }: Invocation,
  { parts }: Desk,
  id: string | undefined,
  reason: string,
): Promise<Rendered> {
  if (id) return stop(id);
  const { requests, newer } = await parts.store.ofPerson(by);
  const live = notTakenOver(requests.filter(canStop));
  const [only, ...others] = live;
  if (!only && newer.length === 0) return nothingToEndReply();
  return only && others.length + newer.length === 0 ? stop(only.id) : whichToEndReply(command, live, newer);

  async function stop(which: string): Promise<Rendered> {
    const answer = await stopRequest(parts, { id: which, by, reason: cut(reason, LONGEST_REASON) });
    if (answer.ok) return stoppedReply(answer.request, by);
    // "stop every job": a word may look like an id, and what was typed may have been meant as the reason of a request.
    return reason ? unclearReply(command, answer.sentence, typed) : sentenceReply(answer.sentence);
  }
}

function nothingToEndReply(): Rendered {
  return reply('Nothing of yours is open or waiting.');
}

/** @param newer ids of requests that a newer version of the bot keeps: the person may mean one of them */
export function whichToEndReply(
  command: string,
  live: Request[],
  newer: readonly RequestId[] = [],
): Rendered {
  const which = `Which one? ${code(`${command} end ID`)}`;
  const lines = upTo(SHOWN, openFirst(live), summary);
  return { text: which, blocks: [...linesIn(section, [which, ...lines]), ...ofNewer(newer)] };
}

/** The answer to an end. The rule may still be there, so no more is claimed than that the bot is closing it. */
export function stoppedReply(request: Request, by: string): Rendered {
  return request.phase.state === 'cancelled'
    ? reply(`*Taken back* · ${request.id}. ${nothingCameOf(request)}.`)
    : reply(`*Closing* · ${request.id}. ${toldOf(request, by)}`);
}

function toldOf({ ask }: Request, by: string): string {
  return by === ask.requester
    ? 'Your card says “Ended” once I saw that the rule is gone.'
    : `I tell ${mention(ask.requester)} once I saw that the rule is gone.`;
}
