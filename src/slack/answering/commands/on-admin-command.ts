/** The admins' commands, and the button that `end all` asks back with. Who may is checked by the workflow. */
import type { Command } from '../../../access/reading/command-line.js';
import { countMany, endMany } from '../../../workflow/ending/end-many.js';
import { pauseOpenings, resumeOpenings } from '../../../workflow/pausing.js';
import { type Rendered, reply } from '../../words/blocks.js';
import { sentence } from '../../words/mrkdwn.js';
import type { Click, Desk } from '../desk.js';
import { endAllReply, endedManyText, pausedReply, resumedReply } from './admin-replies.js';
import { sentenceReply } from './replies.js';

export type AdminCommand = Extract<Command, { kind: 'pause' | 'resume' | 'end-all' | 'end-person' }>;

export async function onAdminCommand(
  { by, command }: { by: string; command: string },
  { parts }: Desk,
  read: AdminCommand,
): Promise<Rendered> {
  switch (read.kind) {
    case 'pause': {
      const answer = await pauseOpenings(parts, by);
      return answer.ok ? pausedReply(command, answer) : sentenceReply(answer.sentence);
    }
    case 'resume': {
      const answer = await resumeOpenings(parts, by);
      return answer.ok ? resumedReply(answer) : sentenceReply(answer.sentence);
    }
    case 'end-all': {
      const answer = await countMany(parts, by, 'all');
      return answer.ok ? endAllReply(answer.stoppable) : sentenceReply(answer.sentence);
    }
    case 'end-person': {
      const { userId } = read;
      const answer = await endMany(parts, by, { userId });
      return answer.ok ? reply(endedManyText(answer.ended, userId)) : sentenceReply(answer.sentence);
    }
  }
}

/** The confirmed button: who pressed it is checked again, and what is open by now is what ends. */
export async function endAll(click: Click, { parts }: Desk): Promise<void> {
  const answer = await endMany(parts, click.by, 'all');
  await click.tell(answer.ok ? endedManyText(answer.ended) : sentence(answer.sentence));
}
