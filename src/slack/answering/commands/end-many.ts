/** `end all` and `end @person`: the admins end the access of many at once. Who may is checked by the workflow. */
import { countMany, type Ended, endMany, type Stoppable } from '../../../workflow/ending/end-many.js';
import { actions, button, type Rendered, reply } from '../../words/blocks.js';
import { ACTION } from '../../words/ids.js';
import { count, mention, sentence } from '../../words/mrkdwn.js';
import type { Click, Desk } from '../desk.js';
import { sentenceReply } from './replies.js';
import type { Invocation } from './subcommand.js';

/** Asks back with the numbers: nothing ends before {@link endAll}. */
export async function offerToEndAll({ by }: Invocation, { parts }: Desk): Promise<Rendered> {
  const answer = await countMany(parts, by, 'all');
  return answer.ok ? endAllReply(answer.stoppable) : sentenceReply(answer.sentence);
}

/**
 * The confirmed button of `end all`. The workflow checks again who pressed it, and everything that is open by now ends.
 */
export async function endAll(click: Click, { parts }: Desk): Promise<void> {
  const answer = await endMany(parts, click.by, 'all');
  await click.tell(answer.ok ? endedManyText(answer.ended) : sentence(answer.sentence));
}

export async function endPerson({ by }: Invocation, { parts }: Desk, userId: string): Promise<Rendered> {
  const answer = await endMany(parts, by, { userId });
  return answer.ok ? reply(endedManyText(answer.ended, userId)) : sentenceReply(answer.sentence);
}

/** The question with the button that ends everything, after a confirmation. */
function endAllReply({ open, waiting, newer }: Stoppable): Rendered {
  const total = open.length + waiting.length;
  const kept =
    newer.length > 0
      ? ` ${count(newer.length, 'more is', 'more are')} kept by a newer version of me, and can be ended when I am upgraded; their access ends on time.`
      : '';
  if (total === 0) return reply(kept ? `I can end nothing now.${kept}` : 'Nothing is open or waiting.');
  const said = `*End everything?* ${open.length} open, ${waiting.length} waiting. Nothing is done yet.${kept}`;
  const yes = `End all ${total}`;
  const text = `${count(open.length, 'access is', 'are')} closed; SSH sessions that are open may go on. ${count(waiting.length, 'waiting request is', 'waiting requests are')} taken back. What is asked meanwhile goes too.`;
  const confirm = { title: 'End everything?', text, yes };
  const { text: notification, blocks } = reply(said);
  return {
    text: notification,
    blocks: [...blocks, ...actions(button(ACTION.endAll, yes, 'all', { style: 'danger', confirm }))],
  };
}

/** @param of the person whose access ended; undefined after `end all` */
function endedManyText({ ending, takenBack, over, failed }: Ended, of?: string): string {
  const whose = of ? ` of ${mention(of)}` : '';
  if (ending + takenBack + failed === 0) {
    if (over > 0) return `All${whose} was over already.`;
    return of ? `${mention(of)} has nothing open or waiting.` : 'Nothing is open or waiting.';
  }
  const left = failed > 0 ? ` *${failed} could not be changed*: say it again.` : '';
  return `*Ending ${ending}, took back ${takenBack}*${whose}. Each person is told once I saw that their rule is gone.${left}`;
}
