/** `pause` and `resume`: the admins stop new access and let it open again. Who may is checked by the workflow. */
import { type PauseAnswer, pauseOpenings, resumeOpenings } from '../../../workflow/opening/pausing.js';
import { type Rendered, reply } from '../../words/blocks.js';
import { code, count } from '../../words/mrkdwn.js';
import { pausedLine } from '../../words/pause-words.js';
import type { Desk } from '../desk.js';
import { sentenceReply } from './replies.js';
import type { Invocation } from './subcommand.js';

export async function pause({ by, command }: Invocation, { parts }: Desk): Promise<Rendered> {
  const answer = await pauseOpenings(parts, by);
  return answer.ok ? pausedReply(command, answer) : sentenceReply(answer.sentence);
}

export async function resume({ by }: Invocation, { parts }: Desk): Promise<Rendered> {
  const answer = await resumeOpenings(parts, by);
  return answer.ok ? resumedReply(answer) : sentenceReply(answer.sentence);
}

type Paused = Extract<PauseAnswer, { ok: true }>;

function pausedReply(command: string, { changed, pause, counts }: Paused): Rendered {
  if (!changed && pause) {
    const lifts = pause.kind === 'newer' ? '' : ` ${code(`${command} resume`)} lifts it.`;
    return reply(`${pausedLine(pause)}${lifts}`);
  }
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

/** The answer to a resume, by the command or on Home. */
export function resumedReply({ changed, pause, counts }: Paused): Rendered {
  if (!changed && pause) return reply(`*Not done.* ${pausedLine(pause)} Say it again when I am upgraded.`);
  if (!changed) return reply('Nothing is paused.');
  const waiting = counts?.waiting ?? 0;
  const opens = waiting > 0 ? ` ${count(waiting, 'that waited opens', 'that waited open')} now.` : '';
  return reply(`*Resumed.* New access opens again.${opens}`);
}
