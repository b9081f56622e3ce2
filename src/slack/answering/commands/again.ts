/** `again`: the form, filled in with the last request. Nothing is sent without a look at it. */
import { lastOf } from '../../../access/request/last-used.js';
import { type Rendered, reply } from '../../words/blocks.js';
import { code } from '../../words/mrkdwn.js';
import { prefillOf } from '../../words/values.js';
import type { Desk } from '../desk.js';
import { openForm } from '../open-form.js';
import type { Invocation } from './subcommand.js';

export async function again(
  { by, command, triggerId }: Invocation,
  desk: Desk,
): Promise<Rendered | undefined> {
  const { requests } = await desk.parts.store.ofPerson(by);
  const last = lastOf(requests, desk.parts.now());
  if (!last) return reply(`You have no requests yet. ${code(command)} opens the form.`);
  await openForm(desk, { by, triggerId, filled: { ...prefillOf(last), command }, requests });
  return undefined;
}
