/** Reads the slash command, and answers it by the function that the table of subcommands names. */
import type { RespondArguments } from '@slack/bolt';
import type { Policy } from '../../access/policy/policy.js';
import { readCommand } from '../../access/reading/command/command-line.js';
import type { Command } from '../../access/reading/command/grammar.js';
import type { Rendered } from '../words/blocks.js';
import { helpReply, notYetReply, unknownReply } from './commands/help.js';
import { unclearReply } from './commands/replies.js';
import { request } from './commands/request.js';
import type { Invocation, Row } from './commands/subcommand.js';
import { SUBCOMMANDS } from './commands/table.js';
import type { Desk } from './desk.js';
import type { Doing } from './faults.js';
import { openForm } from './open-form.js';

type Read = Command<Row>;

/** @param text the command's text as Slack sent it */
export function readTyped(text: string, policy: Policy): Read {
  return readCommand(text, SUBCOMMANDS, policy.limits.networks);
}

/** What the person is doing, so that a fault says what it leaves in doubt: a request, a change, or nothing. */
export function kindOf(read: Read): Doing['kind'] {
  if (read.kind === 'request') return 'request';
  return 'row' in read ? read.row.doing : 'read';
}

/** Whether the answer needs nothing but the policy, so that it comes with the acknowledgement. */
export function readsNothing(read: Read): boolean {
  if ('row' in read) return read.row.readsNothing === true;
  return read.kind === 'help' || read.kind === 'not-yet' || read.kind === 'unclear';
}

/** @param answer shows the reply to the person; a request is acknowledged by it, and so is answered once it is stored */
export async function onCommand(
  invocation: Invocation,
  read: Read,
  desk: Desk,
  answer: (reply: RespondArguments) => Promise<void>,
): Promise<void> {
  if (read.kind === 'form') {
    const { by, command, triggerId } = invocation;
    return openForm(desk, { by, triggerId, filled: { command } });
  }
  const reply = await replyTo(invocation, read, desk);
  if (reply) await answer({ response_type: 'ephemeral', ...reply });
}

async function replyTo(
  invocation: Invocation,
  read: Exclude<Read, { kind: 'form' }>,
  desk: Desk,
): Promise<Rendered | undefined> {
  const { policy } = desk.parts;
  switch (read.kind) {
    case 'alone':
      return read.row.run(invocation, desk);
    case 'with-id':
      return read.row.run(invocation, desk, read.id);
    case 'with-reason':
      return read.row.run(invocation, desk, read.id, read.reason);
    case 'with-time':
      return read.row.run(invocation, desk, read.id, read.durationText);
    case 'with-source':
      return read.row.run(invocation, desk, read.id, read.sourceText);
    case 'with-person':
      return read.row.run(invocation, desk, read.userId);
    case 'with-request':
      return read.row.run(invocation, desk, read.parts);
    case 'request':
      return request(invocation, desk, read.parts);
    case 'help': {
      const { unknown, meant } = read;
      return unknown === undefined || meant === undefined
        ? helpReply(SUBCOMMANDS, policy, invocation)
        : unknownReply(SUBCOMMANDS, policy, invocation, { unknown, meant });
    }
    case 'not-yet':
      return notYetReply(SUBCOMMANDS, policy, invocation, read.word);
    case 'unclear':
      return unclearReply(invocation.command, read.sentence, invocation.typed);
  }
}
