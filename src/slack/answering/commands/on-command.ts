/** The slash command: read, checked and stored, then acknowledged with the answer. */
import type { RespondArguments } from '@slack/bolt';
import type { Command } from '../../../access/reading/command-line.js';
import { quoted } from '../../../access/reading/quoting.js';
import { looksLikeSource } from '../../../access/reading/source.js';
import { checkAsk, requestAccess } from '../../../workflow/asking/request-access.js';
import { stopRequest } from '../../../workflow/ending/end-access.js';
import type { Rendered } from '../../words/blocks.js';
import type { Prefill } from '../../words/values.js';
import type { Desk } from '../desk.js';
import type { Doing } from '../faults.js';
import { openForm } from '../open-form.js';
import { onAdminCommand } from './on-admin-command.js';
import {
  canStop,
  helpReply,
  listReply,
  nothingToEndReply,
  notTakenReply,
  notYetReply,
  problemsReply,
  readerOf,
  sentenceReply,
  stoppedReply,
  storedReply,
  unclearReply,
  whichToEndReply,
} from './replies.js';

export interface Invocation {
  by: string;
  /** As it was invoked: companies rename it. */
  command: string;
  read: Command;
  /** What was typed after the command. */
  typed: string;
  triggerId: string;
  /** Acknowledges the first time; a later answer goes to the same place. */
  answer(reply?: RespondArguments): Promise<void>;
}

/** What a fault would leave in doubt. */
export function kindOf(read: Command): Doing['kind'] {
  if (read.kind === 'request') return 'request';
  return ['end', 'end-person', 'pause', 'resume'].includes(read.kind) ? 'change' : 'read';
}

export async function onCommand(invocation: Invocation, desk: Desk): Promise<void> {
  const { by, command, read, typed, triggerId, answer } = invocation;
  const reader = readerOf(desk.parts.policy, by, command);
  switch (read.kind) {
    case 'form':
      await answer();
      return openForm(desk, { by, triggerId, filled: { command } });
    case 'help':
      return answer(privately(helpReply(reader, read.unknown, read.meant)));
    case 'again':
    case 'check':
      return answer(privately(notYetReply(reader, read.kind)));
    case 'list':
      return answer(privately(await list(invocation, desk)));
    case 'end':
      return answer(privately(await endOne(invocation, desk, read.id)));
    case 'end-all':
    case 'end-person':
    case 'pause':
    case 'resume':
      return answer(privately(await onAdminCommand(invocation, desk, read)));
    case 'unclear':
      return answer(privately(unclearReply(command, read.sentence, typed)));
    case 'request':
      return answer(privately(await request(invocation, desk, read)));
  }
}

async function list({ by, command }: Invocation, { parts }: Desk): Promise<Rendered> {
  const isAdmin = parts.policy.admins.includes(by);
  const [requests, pause, live] = await Promise.all([
    parts.store.ofPerson(by),
    parts.store.loadPause(),
    isAdmin ? parts.store.live() : undefined,
  ]);
  const others = live?.filter(({ ask }) => ask.requester !== by);
  return listReply(command, requests, { pause, others });
}

async function request(
  { by, command, typed, triggerId }: Invocation,
  { parts }: Desk,
  read: { targetId?: string; sourceText?: string; durationText?: string; reason: string; emergency?: true },
): Promise<Rendered> {
  const { targetId: targetText, sourceText, durationText, reason, emergency } = read;
  const checked = checkAsk(parts.policy, { targetText, sourceText, durationText, reason, emergency });
  const filled: Prefill = {
    command,
    target: targetText,
    source: sourceText,
    duration: durationText,
    reason,
    emergency,
  };
  if (!checked.ok) {
    const late = sourceText === undefined ? addressInReason(reason) : undefined;
    const problems = checked.problems.map((problem) =>
      late && problem.field === 'source' ? { ...problem, sentence: `${problem.sentence} ${late}` } : problem,
    );
    return problemsReply(problems, filled, typed);
  }
  const stored = await requestAccess(parts, { ...checked.ask, requester: by, command }, triggerId);
  if (stored.outcome === 'paused') return notTakenReply(stored.pause, filled, typed);
  return storedReply(stored.request);
}

/** Where the reason swallowed what may be the address. It is not taken out of there: "because 10.0.0.5 is down". */
function addressInReason(reason: string): string | undefined {
  const words = reason.split(' ');
  const bare = words.map((word) => word.replace(/^["'(]+|["'),.;:!?]+$/g, ''));
  if (!bare.some(looksLikeSource)) return undefined;
  return `I read everything from ${quoted(words[0] ?? '')} on as the reason. Put the address before it.`;
}

/** Without an id there must be no doubt which one is meant. */
async function endOne(
  { by, command }: Invocation,
  { parts }: Desk,
  id: string | undefined,
): Promise<Rendered> {
  if (id) return stop(id);
  const live = (await parts.store.ofPerson(by)).filter(canStop);
  const [only, ...others] = live;
  if (!only) return nothingToEndReply();
  return others.length > 0 ? whichToEndReply(command, live) : stop(only.id);

  async function stop(which: string): Promise<Rendered> {
    const answer = await stopRequest(parts, { id: which, by });
    return answer.ok ? stoppedReply(answer.request, by) : sentenceReply(answer.sentence);
  }
}

function privately(reply: Rendered): RespondArguments {
  return { response_type: 'ephemeral', ...reply };
}
