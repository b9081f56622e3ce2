/** Describes what the page sends when somebody does something in its Slack, and does it. */
import { z } from 'zod';
import { plainOf } from '../../slack/reading/plain.js';
import type { FieldInput, Person, SlackTown } from '../../slack/slack-town.js';
import type { OpenView } from '../../slack/state/board.js';
import type { Delivery } from '../../slack/state/mail.js';
import type { DrawnMessages } from '../shown/drawn.js';
import type { Answer } from '../shown/shapes.js';

const as = { as: z.string() };
const input = z.union([z.string(), z.array(z.string()), z.number(), z.null()]);
const spot = { blockId: z.string(), actionId: z.string(), choice: input.optional() };
const view = { viewId: z.string() };

/** Whether this is an IANA time zone that is known here, such as `Asia/Tokyo`. */
function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format() !== '';
  } catch {
    return false;
  }
}

export const act = z.discriminatedUnion('act', [
  z.strictObject({
    act: z.literal('write'),
    ...as,
    channel: z.string(),
    text: z.string().min(1).max(4000),
    zone: z.string().refine(isZone),
  }),
  z.strictObject({ act: z.literal('shortcut'), ...as, callbackId: z.string() }),
  z.strictObject({ act: z.literal('home'), ...as }),
  z.strictObject({ act: z.literal('read'), ...as, channel: z.string() }),
  z.strictObject({ act: z.literal('press'), ...as, channel: z.string(), ts: z.string(), ...spot }),
  z.strictObject({ act: z.literal('press-view'), ...as, ...view, ...spot }),
  z.strictObject({ act: z.literal('fill'), ...as, ...view, fields: z.record(z.string(), input) }),
  z.strictObject({ act: z.literal('suggest'), ...as, ...view, field: z.string(), query: z.string() }),
  z.strictObject({ act: z.literal('submit'), ...as, ...view, fields: z.record(z.string(), input) }),
  z.strictObject({ act: z.literal('close'), ...as, ...view }),
]);
export type Act = z.infer<typeof act>;

/** Does what the page sent, as Slack would. @throws an Error with a sentence where a person could not have done it */
export async function perform(
  slack: SlackTown,
  drawn: DrawnMessages,
  done: Exclude<Act, { act: 'read' }>,
): Promise<Answer> {
  const person = slack.person(done.as);
  switch (done.act) {
    case 'write': {
      // The page shows every time in its visitor's zone, so whoever writes a time there means that zone.
      const writer = slack.world.users.find(({ id }) => id === done.as);
      if (writer) writer.tz = done.zone;
      return write(person, done);
    }
    case 'shortcut':
      return said(await person.shortcut(done.callbackId));
    case 'home':
      return said(await person.openHome());
    case 'press': {
      const ephemeral = slack
        .ephemerals(done.as)
        .find(({ ts, channel }) => ts === done.ts && channel === done.channel);
      const message = slack.message(done.channel, done.ts) ?? ephemeral;
      if (!message) return { ok: false, sentence: 'This message is not there any more.' };
      const before = drawn.find(done.channel, done.ts, done.blockId);
      return said(await person.press(before ?? message, done, done.choice));
    }
    case 'press-view':
      return said(await person.pressInView(viewOf(person, done.viewId), done, done.choice));
    case 'fill':
      await person.fill(viewOf(person, done.viewId), done.fields);
      return { ok: true };
    case 'suggest': {
      const offered = await person.suggestions(viewOf(person, done.viewId), done.field, done.query);
      const options = offered.map(({ text, value }) => ({
        text: plainOf(text, slack.world, done.as),
        value,
      }));
      return { ok: true, options };
    }
    case 'submit': {
      const open = viewOf(person, done.viewId);
      await fillChanged(person, open, done.fields);
      const { errors, ...delivery } = await person.submit(open);
      return errors ? { ok: true } : said(delivery);
    }
    case 'close':
      await person.close(viewOf(person, done.viewId));
      return { ok: true };
  }
}

async function write(person: Person, { channel, text }: { channel: string; text: string }): Promise<Answer> {
  const [, command, rest = ''] = /^(\/\S*)\s*([\s\S]*)$/.exec(text.trim()) ?? [];
  if (command === undefined) {
    await person.say(text, { channel });
    return { ok: true };
  }
  const { acked, failure, ephemeral } = await person.command(rest, { command, channel });
  // Slack's own sentence about an unknown command is no message, so it is the answer.
  if (!acked && !failure && ephemeral !== undefined) return { ok: false, sentence: ephemeral };
  return { ok: true };
}

function viewOf(person: Person, id: string): OpenView {
  const home = person.home();
  const found = person.views().find((open) => open.id === id) ?? (home?.id === id ? home : undefined);
  if (!found) throw new Error('This form is not open any more.');
  return found;
}

/** Fills only fields that changed, since filling a field that dispatches would send the app another action. */
async function fillChanged(
  person: Person,
  open: OpenView,
  fields: Record<string, FieldInput>,
): Promise<void> {
  for (const [blockId, wanted] of Object.entries(fields)) {
    const [held] = Object.values(open.values[blockId] ?? {});
    const typed = held && 'value' in held ? (held.value ?? '') : undefined;
    if (typed !== undefined && typed !== String(wanted ?? '')) await person.fill(open, { [blockId]: wanted });
  }
}

/** The warning that Slack shows when the app gave no usable answer. */
function said({ failure, problem }: Delivery): Answer {
  if (failure === undefined) return { ok: true };
  return {
    ok: false,
    sentence: `Slack shows a warning: ${WARNINGS[failure]}${problem ? ` ${problem}` : ''}`,
  };
}

const WARNINGS: Record<NonNullable<Delivery['failure']>, string> = {
  dispatch_failed: 'the app is not connected (dispatch_failed).',
  operation_timeout: 'the app did not answer within 3 seconds (operation_timeout).',
  bad_response: 'the app answered with something that Slack cannot use.',
};
