/** What the slash command answers at once, for the eyes of the one who typed it. */

import type { Policy } from '../../../access/policy/policy.js';
import { LONGEST_REASON } from '../../../access/reading/reason.js';
import type { Pause } from '../../../access/request/pause.js';
import { isOver, type Request } from '../../../access/request/request.js';
import type { AskProblem } from '../../../workflow/asking/request-access.js';
import {
  actions,
  type Block,
  button,
  context,
  LIMITS,
  preformatted,
  type Rendered,
  reply,
  section,
} from '../../words/blocks.js';
import { rangeNote, summary } from '../../words/card-words.js';
import { ACTION } from '../../words/ids.js';
import { code, cutMarkup, mention, sentence } from '../../words/mrkdwn.js';
import { notTaken, pausedLine } from '../../words/pause-words.js';
import { type Prefill, readPrefill, writePrefill } from '../../words/values.js';

/** Subcommands that work. */
const WORKING = ['list', 'end', 'help'];
const ADMINS = ['pause', 'resume'];
const OLDER_SHOWN = 5;
const OTHERS_SHOWN = 20;

/** Whom help is for: admins read of their commands too. */
export interface Reader {
  command: string;
  isAdmin: boolean;
  /** The policy has a rule for emergencies. */
  emergency: boolean;
}

export function readerOf(policy: Policy, userId: string, command: string): Reader {
  const emergency = policy.rules.some((rule) => rule.emergency === true && rule.outcome === 'approve');
  return { command, isAdmin: policy.admins.includes(userId), emergency };
}

/** @param unknown a first word that means nothing here; `meant` is the subcommand close to it */
export function helpReply(reader: Reader, unknown?: string, meant?: string): Rendered {
  const { command, isAdmin } = reader;
  const offered = isAdmin ? [...WORKING, ...ADMINS] : WORKING;
  const guess = meant && offered.includes(meant) ? ` Did you mean ${code(`${command} ${meant}`)}?` : '';
  return help(reader, unknown ? `I don't know ${code(unknown)}.${guess}\n` : '');
}

/** These words are understood and kept free; what they do is still to come. */
export function notYetReply(reader: Reader, subcommand: 'again' | 'check'): Rendered {
  return help(reader, `${code(subcommand)} does not work yet.\n`);
}

function help({ command, isAdmin, emergency }: Reader, before: string): Rendered {
  const forAdmins = [
    `Admins: ${code(`${command} pause`)} stops new access, ${code(`${command} resume`)} lets it open again`,
    `${code(`${command} end all`)} or ${code(`${command} end @person`)}  ends all of it, or all of theirs`,
  ];
  return reply(
    [
      `${before}*SSH to your WorkSpace, closed on time*`,
      `${code(command)}  the form`,
      `${code(`${command} [ws-…|d-…] [address] [2h] why`)}  without the form`,
      ...(emergency
        ? [
            `${code(`${command} emergency …`)}  opens at once where the policy allows it; everybody who decides hears of it`,
          ]
        : []),
      `${code(`${command} list`)}  your requests${isAdmin ? ', and what is open or waiting of everybody' : ''}`,
      `${code(`${command} end [id]`)}  closes open access, or takes back a waiting request`,
      ...(isAdmin ? forAdmins : []),
      'Your address: run `curl -4 https://checkip.amazonaws.com` on the computer that you will use. Durations: `45s`, `30m`, `2h`, `1h30m`, `1d`.',
    ].join('\n'),
  );
}

/** Whether `end` still does something to it. */
export function canStop(request: Request): boolean {
  return !isOver(request) && request.phase.state !== 'closing';
}

/**
 * @param requests newest first
 * @param others what is live of everybody else, for admins
 */
export function listReply(
  command: string,
  requests: Request[],
  { pause, others }: { pause?: Pause | undefined; others?: Request[] | undefined } = {},
): Rendered {
  const { text, blocks } = listOf(command, requests);
  const before = pause ? [section(pausedLine(pause))] : [];
  return { text, blocks: [...before, ...blocks, ...(others ? ofOthers(command, others) : [])] };
}

function ofOthers(command: string, others: Request[]): Block[] {
  if (others.length === 0) return [context('Nobody else has anything open or waiting.')];
  const newest = others.toSorted((a, b) => b.ask.askedAtMs - a.ask.askedAtMs).slice(0, OTHERS_SHOWN);
  const lines = newest.map((request) => `${mention(request.ask.requester)} · ${summary(request)}`);
  const more = others.length - newest.length;
  if (more > 0) lines.push(`and ${more.toLocaleString('en-US')} more`);
  return [
    section(`*Of everybody else*\n${lines.join('\n')}`),
    context(`${code(`${command} end ID`)} ends one of them, or takes it back while it waits.`),
  ];
}

function listOf(command: string, requests: Request[]): Rendered {
  const live = requests.filter((request) => !isOver(request));
  const older = requests.filter(isOver).slice(0, OLDER_SHOWN);
  const stoppable = live.find(canStop);
  if (live.length + older.length === 0)
    return reply(`You have no requests yet. ${code(command)} opens the form.`);
  const none = 'Nothing of yours is open or waiting.';
  const some = `${live.length} of your requests ${live.length === 1 ? 'is' : 'are'} open or waiting.`;
  return {
    text: live.length > 0 ? some : none,
    blocks: [
      section(live.length > 0 ? live.map(summary).join('\n') : none),
      ...(older.length > 0 ? [context(older.map(summary).join('\n'))] : []),
      ...(stoppable
        ? [context(`${code(`${command} end ${stoppable.id}`)} ends it, or takes it back while it waits.`)]
        : []),
    ],
  };
}

export function storedReply(request: Request): Rendered {
  const note = rangeNote(request);
  return reply(`*Checking* · ${request.id}. I'll message you as it goes on.${note ? `\n${note}` : ''}`);
}

/**
 * Too wide, no reason, …: every problem at once, and the form as the way out.
 * @param typed what the form opens with; what does not fit it comes back as text
 * @param whole all that was typed after the command
 */
export function problemsReply(problems: AskProblem[], typed: Prefill, whole: string): Rendered {
  const said = problems.map((problem) => sentence(problem.sentence)).join('\n');
  const value = writePrefill(typed);
  const reason = typed.reason ?? '';
  const fits = reason.length <= LONGEST_REASON && (readPrefill(value).reason ?? '') === reason;
  const form = button(ACTION.form, 'Open the form, filled in', value);
  return {
    text: cutMarkup(said, LIMITS.section),
    blocks: [section(said), ...(fits ? [] : givenBack(typed.command ?? '', whole)), ...actions(form)],
  };
}

/** While new access is paused: nothing that was typed is lost. */
export function notTakenReply(pause: Pause, typed: Prefill, whole: string): Rendered {
  const said = notTaken(pause);
  const form = button(ACTION.form, 'Open the form, filled in', writePrefill(typed));
  const blocks = [section(said), ...givenBack(typed.command ?? '', whole), ...actions(form)];
  return { text: cutMarkup(said, LIMITS.section), blocks };
}

/** @param whole all that was typed after the command: Slack keeps none of it */
export function unclearReply(command: string, said: string, whole: string): Rendered {
  const { text, blocks } = reply(`${sentence(said)} ${code(`${command} help`)} shows how.`);
  return { text, blocks: [...blocks, ...givenBack(command, whole)] };
}

/** What was typed, to copy. */
function givenBack(command: string, whole: string): Block[] {
  const line = `${command} ${whole}`;
  const parts: Block[] = [];
  for (let from = 0; from < line.length && parts.length < 10; from += LIMITS.section)
    parts.push(preformatted(line.slice(from, from + LIMITS.section)));
  return [context('You typed:'), ...parts];
}

export function nothingToEndReply(): Rendered {
  return reply('Nothing of yours is open or waiting.');
}

export function whichToEndReply(command: string, live: Request[]): Rendered {
  return reply(`Which one? ${code(`${command} end ID`)}\n${live.map(summary).join('\n')}`);
}

/** After End now or Take back: what is certain already, and no more. */
export function stoppedReply(request: Request, by: string): Rendered {
  return request.phase.state === 'cancelled'
    ? reply(`*Taken back* · ${request.id}. Nothing was opened.`)
    : reply(`*Closing* · ${request.id}. ${toldOf(request, by)}`);
}

function toldOf({ ask }: Request, by: string): string {
  const whom = by === ask.requester ? 'you' : mention(ask.requester);
  return `I tell ${whom} once I saw that the rule is gone.`;
}

export function sentenceReply(said: string): Rendered {
  return reply(sentence(said));
}
