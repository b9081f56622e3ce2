/** `end all` and `end @person`: the admins end the access of many at once. Who may is checked by the workflow. */
import { countAll, type Ended, endMany } from '../../../workflow/ending/end-many.js';
import { actions, button, type Rendered, reply } from '../../words/blocks.js';
import { ACTION } from '../../words/ids.js';
import { count, mention, sentence } from '../../words/mrkdwn.js';
import type { Click, Desk } from '../desk.js';
import { sentenceReply } from './replies.js';
import type { Invocation } from './subcommand.js';

/** Asks back with the number of requests, which is counted without reading them. Nothing ends before {@link endAll}. */
export async function offerToEndAll({ by }: Invocation, { parts }: Desk): Promise<Rendered> {
  const answer = await countAll(parts, by);
  return answer.ok ? endAllReply(answer.count) : sentenceReply(answer.sentence);
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
function endAllReply(total: number): Rendered {
  if (total === 0) return reply('Nothing is open or waiting.');
  const said = `*End everything?* ${count(total, 'request is', 'requests are')} open, waiting or closing. Nothing is done yet.`;
  const text =
    'Open access is closed; SSH sessions that are open may go on. Waiting requests are taken back. What is asked meanwhile goes too.';
  const yes = `End all ${total.toLocaleString('en-US')}`;
  const confirm = { title: 'End everything?', text, yes };
  const { text: notification, blocks } = reply(said);
  return {
    text: notification,
    blocks: [...blocks, ...actions(button(ACTION.endAll, yes, 'all', { style: 'danger', confirm }))],
  };
}

/** @param of the person whose access ended; undefined after `end all` */
function endedManyText({ ending, takenBack, over, failed, newer }: Ended, of?: string): string {
  const whose = of ? ` of ${mention(of)}` : '';
  const kept =
    newer > 0
      ? ` ${count(newer, 'more is', 'more are')} kept by a newer version of me, and can be ended when I am upgraded; their access ends on time.`
      : '';
  if (ending + takenBack + failed === 0) {
    if (kept) return `I can end nothing now.${kept}`;
    if (over > 0) return `All${whose} was over already.`;
    return of ? `${mention(of)} has nothing open or waiting.` : 'Nothing is open or waiting.';
  }
  const left = failed > 0 ? ` *${failed} could not be changed*: say it again.` : '';
  return `*Ending ${ending}, took back ${takenBack}*${whose}. Each person is told once I saw that their rule is gone.${left}${kept}`;
}
