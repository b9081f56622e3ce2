/** Steps that the stories about asking share: the form on a person's screen, and replies that only one person sees. */
import { expect } from '@jest/globals';
import { answerTo } from '../../../sandbox/slack/people/answer.js';
import { pings, plain, plainBlocks } from '../../../sandbox/slack/reading/plain.js';
import type { OpenView } from '../../../sandbox/slack/state/board.js';
import type { Message } from '../../../sandbox/slack/state/conversations.js';
import { type PersonName, people } from '../../../sandbox/world.js';
import { PATIENCE_MS } from '../../patience.js';
import type { Story } from '../story.js';

export const FORM = 'Open the form, filled in';

/** The newest modal on the person's screen. Waits until there is one. */
export async function formOf(story: Story, name: PersonName, ms = PATIENCE_MS): Promise<OpenView> {
  const look = () => story.person(name).views().at(-1);
  return story.town.slack.until(look, ms, `a form on ${name}'s screen`);
}

/** The form once it no longer looks for WorkSpaces. */
export async function filledForm(story: Story, name: PersonName): Promise<OpenView> {
  const view = await formOf(story, name);
  const filled = () => Object.keys(view.values).some((field) => field.startsWith('workspace'));
  await story.until(
    'the form is filled',
    () => filled() && !shows(story, view).includes('Looking for yours'),
  );
  return view;
}

/** The text of a view, as a person reads it. */
export function shows(story: Story, view: OpenView): string {
  return plainBlocks(view.view.blocks, story.town.slack.world, view.userId);
}

/** The value of a field: the typed text, or the chosen option's value. */
export function holds(view: OpenView, field: string): string | undefined {
  const value = view.values[field]?.[field];
  return value?.value ?? value?.selected_option?.value;
}

/** A time at least so many minutes ahead, as Jane types it on her clock. */
export function ahead(story: Story, minutes: number): { typed: string; atMs: number } {
  const atMs = Math.ceil((story.now() + minutes * 60_000) / 60_000) * 60_000;
  const clock = { timeZone: 'Europe/Berlin', dateStyle: 'short', timeStyle: 'short' } as const;
  const typed = new Intl.DateTimeFormat('sv-SE', clock).format(atMs);
  // In the hour in which clocks change a time may mean two instants.
  return typed.includes(' 02:') ? ahead(story, minutes + 120) : { typed, atMs };
}

/** Types an address into the form, and chooses before that it is another one, where there is a choice. */
export async function typesAddress(story: Story, name: PersonName, view: OpenView, address: string) {
  const person = story.person(name);
  if ('network' in view.values) {
    await person.fill(view, { network: 'Another address' });
    await story.until('the field for an address is there', () => 'source' in view.values);
  }
  await person.fill(view, { source: address });
}

/** The newest matching reply that only this person sees, to press its buttons. */
export async function heard(story: Story, name: PersonName, part: RegExp | string): Promise<Message> {
  await story.hears(name, part);
  return found(story, name, part, story.town.slack.ephemerals(people[name]));
}

/** The newest message in the person's conversation with the bot that matches. */
export async function seen(story: Story, name: PersonName, part: RegExp | string): Promise<Message> {
  await story.sees(name, part);
  return found(story, name, part, story.town.slack.dm(people[name]));
}

function found(story: Story, name: PersonName, part: RegExp | string, messages: Message[]): Message {
  const message = messages.findLast((one) =>
    new RegExp(part).test(plain(one, story.town.slack.world, people[name])),
  );
  if (!message) throw new Error(`no message for ${name} has ${part}`);
  return message;
}

/** The people and channels that all messages and replies would notify. */
export function everybodysPings(story: Story): string[] {
  const { slack } = story.town;
  const all = Object.values(people).flatMap((id) => [...slack.dm(id), ...slack.ephemerals(id)]);
  return [...new Set(all.filter(({ user }) => user === 'U0BOT').flatMap(pings))];
}

/** The answer to a command as the person reads it, with its buttons. */
export async function answered(
  story: Story,
  name: PersonName,
  text: string,
  command = '/workspace-ssh',
): Promise<string> {
  const { slack } = story.town;
  const { message } = await answerTo(slack, people[name], text, PATIENCE_MS, { command });
  return plain(message, slack.world, people[name]);
}

/**
 * Waits until Jane, Sam and Ada read the same of a request: that it is open, or that it is over, as `card` for Jane and
 * as `copies` for Sam and Ada, who decide it. Open access is ended then.
 */
export async function sayTheSame(story: Story, id: string, over: { card: string; copies: string }) {
  const said = await story.sees('jane', new RegExp(`(Open until|Ended|${over.card}).*${id}`));
  const opened = said.includes('Open until');
  for (const name of ['sam', 'ada'] as const)
    await story.sees(name, new RegExp(`${id}[^]*${opened ? 'open until' : over.copies}`));
  const rules = story.rules().filter(({ tags }) => Object.keys(tags).join().includes(id));
  expect(rules).toHaveLength(opened ? 1 : 0);
  if (opened) await story.says('jane', `end ${id}`);
  await story.rulesBecome(0);
}
