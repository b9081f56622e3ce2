/** What the slash command answers at once, for the eyes of the one who typed it. */
import { isOver, type Request } from '../access/request.js';
import type { AskProblem } from '../workflow/request-access.js';
import { summary } from './card-words.js';
import { ACTION } from './ids.js';
import { type Prefill, writePrefill } from './values.js';
import {
  actions,
  button,
  code,
  context,
  cutMarkup,
  LIMITS,
  type Rendered,
  section,
  sentence,
} from './words.js';

/** Subcommands that work. */
const WORKING = ['list', 'end', 'help'];
const OLDER_SHOWN = 5;

function reply(mrkdwn: string): Rendered {
  return { text: cutMarkup(mrkdwn, LIMITS.section), blocks: [section(mrkdwn)] };
}

/** @param unknown a first word that means nothing here; `meant` is the subcommand close to it */
export function helpReply(command: string, unknown?: string, meant?: string): Rendered {
  const guess = meant && WORKING.includes(meant) ? ` Did you mean ${code(`${command} ${meant}`)}?` : '';
  const strange = unknown ? `I don't know ${code(unknown)}.${guess}\n` : '';
  return reply(
    [
      `${strange}*SSH to your WorkSpace, closed on time*`,
      `${code(command)}  the form`,
      `${code(`${command} [ws-…|d-…] [address] [2h] why`)}  without the form`,
      `${code(`${command} list`)}  your requests`,
      `${code(`${command} end [id]`)}  closes open access, or takes back a waiting request`,
      'Your address: run `curl -4 https://checkip.amazonaws.com` on the computer that you will use. Durations: `45s`, `30m`, `2h`, `1h30m`, `1d`.',
    ].join('\n'),
  );
}

/** @param requests newest first */
export function listReply(command: string, requests: Request[]): Rendered {
  const live = requests.filter((request) => !isOver(request));
  const older = requests.filter(isOver).slice(0, OLDER_SHOWN);
  if (live.length + older.length === 0)
    return reply(`You have no requests yet. ${code(command)} opens the form.`);
  return {
    text: `${live.length} of your requests are open or waiting`,
    blocks: [
      section(live.length > 0 ? live.map(summary).join('\n') : 'Nothing of yours is open or waiting.'),
      ...(older.length > 0 ? [context(older.map(summary).join('\n'))] : []),
      ...(live.length > 0
        ? [context(`${code(`${command} end ${live[0]?.id ?? ''}`.trim())} ends or takes back.`)]
        : []),
    ],
  };
}

export function storedReply(request: Request): Rendered {
  return reply(`*Checking* · ${request.id}. I'll message you as it goes on.`);
}

/** Too wide, no reason, …: every problem at once, and the form as the way out. */
export function problemsReply(problems: AskProblem[], typed: Prefill): Rendered {
  const said = problems.map((problem) => sentence(problem.sentence)).join('\n');
  return {
    text: cutMarkup(said, LIMITS.section),
    blocks: [section(said), ...actions(button(ACTION.form, 'Open the form, filled in', writePrefill(typed)))],
  };
}

export function unclearReply(command: string, said: string): Rendered {
  return reply(`${sentence(said)} ${code(`${command} help`)} shows how.`);
}

export function nothingToEndReply(): Rendered {
  return reply('Nothing of yours is open or waiting.');
}

export function whichToEndReply(command: string, live: Request[]): Rendered {
  return reply(`Which one? ${code(`${command} end ID`)}\n${live.map(summary).join('\n')}`);
}

/** After End now or Take back: what is certain already, and no more. */
export function stoppedReply(request: Request): Rendered {
  return request.phase.state === 'cancelled'
    ? reply(`*Taken back* · ${request.id}. Nothing was opened.`)
    : reply(`*Closing* · ${request.id}. I tell you once I saw that the rule is gone.`);
}

export function sentenceReply(said: string): Rendered {
  return reply(sentence(said));
}
