/** What the admins' commands answer, for the eyes of the one who typed them. */
import type { Ended, Stoppable } from '../../../workflow/ending/end-many.js';
import type { PauseAnswer } from '../../../workflow/pausing.js';
import { actions, button, type Rendered, reply } from '../../words/blocks.js';
import { ACTION } from '../../words/ids.js';
import { code, count, mention } from '../../words/mrkdwn.js';
import { pausedLine } from '../../words/pause-words.js';

type Paused = Extract<PauseAnswer, { ok: true }>;

export function pausedReply(command: string, { changed, pause, counts }: Paused): Rendered {
  if (!changed && pause) return reply(`${pausedLine(pause)} ${code(`${command} resume`)} lifts it.`);
  const resume = code(`${command} resume`);
  const lines = [
    `*Paused.* Nothing new opens until an admin says ${resume}. Whoever asks is told so.`,
    openNow(counts?.open, code(`${command} end all`)),
  ];
  const waiting = counts?.waiting ?? 0;
  if (waiting > 0) {
    lines.push(
      `${count(waiting, 'approved request waits', 'approved requests wait')}. One that is just being opened at AWS may still open.`,
    );
  }
  return reply(lines.join('\n'));
}

function openNow(open: number | undefined, endAll: string): string {
  if (open === undefined) return `I could not count what is open. ${endAll} ends it.`;
  if (open === 0) return 'Nothing is open.';
  return open === 1
    ? `1 is open and ends on time; ${endAll} ends it now.`
    : `${open.toLocaleString('en-US')} are open and end on time; ${endAll} ends them now.`;
}

export function resumedReply({ changed, counts }: Paused): Rendered {
  if (!changed) return reply('Nothing is paused.');
  const waiting = counts?.waiting ?? 0;
  const opens = waiting > 0 ? ` ${count(waiting, 'that waited opens', 'that waited open')} now.` : '';
  return reply(`*Resumed.* New access opens again.${opens}`);
}

/** Asks back: the button does it, after its confirmation. */
export function endAllReply({ open, waiting }: Stoppable): Rendered {
  const total = open.length + waiting.length;
  if (total === 0) return reply('Nothing is open or waiting.');
  const said = `*End everything?* ${open.length} open, ${waiting.length} waiting. Nothing is done yet.`;
  const yes = `End all ${total}`;
  const text = `${count(open.length, 'access is', 'are')} closed: new connections are blocked, SSH sessions that are open may go on. ${count(waiting.length, 'waiting request is', 'waiting requests are')} taken back. What is asked meanwhile goes too.`;
  const confirm = { title: 'End everything?', text, yes };
  const { text: notification, blocks } = reply(said);
  return {
    text: notification,
    blocks: [...blocks, ...actions(button(ACTION.endAll, yes, 'all', { style: 'danger', confirm }))],
  };
}

/** @param of whose it was, where it was one person's */
export function endedManyText({ ending, takenBack, over, failed }: Ended, of?: string): string {
  const whose = of ? ` of ${mention(of)}` : '';
  if (ending + takenBack + failed === 0) {
    if (over > 0) return `All${whose} was over already.`;
    return of ? `${mention(of)} has nothing open or waiting.` : 'Nothing is open or waiting.';
  }
  const left = failed > 0 ? ` *${failed} could not be changed*: say it again.` : '';
  return `*Ending ${ending}, took back ${takenBack}*${whose}. Each person is told once I saw that their rule is gone.${left}`;
}
