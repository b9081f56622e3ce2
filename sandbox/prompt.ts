/**
 * The sandbox without a browser: carries out lines such as `jane /workspace-ssh …`, and prints what each person sees.
 */
import type { Bot } from './bot.js';
import { type Block, optionsOf, type Text } from './slack/block-kit/blocks.js';
import { plain, plainBlocks, plainOf, withoutMarks } from './slack/reading/plain.js';
import type { OpenView } from './slack/state/board.js';
import type { Message } from './slack/state/conversations.js';
import type { StateValue } from './slack/state/values.js';
import type { Town } from './town.js';
import { type PersonName, people } from './world.js';

const HELP = `jane /workspace-ssh …      types a command (also: maria, sam, ada, tom, lee, gina); alone it opens the form
jane fill reason=fixing …  fills a field of the open form, named by its id or its label (Why?=fixing …)
jane submit                sends the form
maria approve              presses the first button that begins so, in the newest message that has one
jane say hi                writes to the bot
aws                        the ingress rules, as AWS has them
bot kill                   ends the bot as a crash would; bot start starts it again, bot log shows its last lines`;

/** Keeps the bot of the prompt, which lines can kill and start. */
export interface Keeper {
  /** The bot that runs now, or ran last. */
  readonly bot: Bot;
  /** Starts another bot. Resolves once the bot takes what Slack sends. */
  start(): Promise<void>;
}

/** Carries out one line. @returns the words to print, which may be empty */
export async function runLine(town: Town, keeper: Keeper, line: string): Promise<string> {
  const [who = '', verb = '', ...rest] = line.trim().split(/\s+/);
  const text = rest.join(' ');
  if (!who || who === 'help') return HELP;
  if (who === 'aws') {
    const rules = town.aws.rules().filter(({ isEgress }) => !isEgress);
    const spelled = rules.map(
      ({ ruleId, groupId, cidr }) => `  ${ruleId} in ${groupId}: tcp/22 from ${cidr}`,
    );
    return spelled.length > 0 ? spelled.join('\n') : '  no ingress rule';
  }
  if (who === 'bot') return runBotLine(town, keeper, verb);
  if (!isPerson(who))
    return `Nobody is called ${who}. ${Object.keys(people).join(', ')} are here; help lists the rest.`;
  const person = town.slack.person(people[who]);
  const view = person.views().at(-1);
  if (verb.startsWith('/')) {
    const { acked, failure, ephemeral } = await person.command(text, { command: verb });
    // Answers and failures arrive as messages. Only Slack's own word about an unknown command does not.
    return ephemeral && !acked && !failure ? seen(who, ephemeral) : '';
  }
  if (verb === 'say') {
    await person.say(text);
    return '';
  }
  if (verb === 'fill' || verb === 'submit') {
    if (!view) return `${who} has no form open.`;
    if (verb === 'submit') {
      const { errors, failure } = await person.submit(view);
      if (failure) return `Slack shows: ${failure}`;
      return errors ? 'not sent' : 'sent';
    }
    const [field = '', ...value] = text.split('=');
    await person.fill(view, { [field]: value.join('=') });
    return '';
  }
  const wanted = [verb, ...rest].join(' ').toLowerCase();
  const withButton = town.slack
    .dm(people[who])
    .flatMap((message) => buttons(town, message).map((button) => ({ message, button })))
    .filter(({ button }) => button.toLowerCase().startsWith(wanted))
    .at(-1);
  if (!withButton) return `${who} sees no button that begins with "${wanted}".`;
  const pressed = await person.press(withButton.message, withButton.button);
  return pressed.failure ? `Slack shows: ${pressed.failure}` : '';
}

async function runBotLine(town: Town, keeper: Keeper, verb: string): Promise<string> {
  const { bot } = keeper;
  if (verb === 'log') return bot.log.slice(-20).join('\n');
  if (verb === 'kill') {
    if (!bot.running) return 'The bot is gone already; bot start starts it again.';
    await bot.stop('SIGKILL');
    return 'The bot is gone; bot start starts it again.';
  }
  if (verb !== 'start') return 'The bot knows kill, start and log.';
  if (bot.running) return 'The bot runs already.';
  // Slack may still hold the connections of the killed bot.
  await town.slack.until(() => town.slack.connected() === 0);
  await keeper.start();
  return 'The bot runs again.';
}

const seen = (name: string, text: string): string =>
  `${name.padEnd(6)} ${withoutMarks(text).replaceAll('\n', '\n       ')}`;

/** The lines to print when a message appears or changes: one for each person who sees the message. */
export const seenBy = (town: Town, message: Message): string[] =>
  Object.entries(people)
    .filter(
      ([, id]) =>
        message.ephemeralTo === id ||
        (!message.ephemeralTo && town.slack.dm(id)[0]?.channel === message.channel),
    )
    .map(([name, id]) => seen(name, plain(message, town.slack.world, id)));

/**
 * @returns a function that gives the lines to print for a form; undefined for a form that looks as it was last
 *   printed
 */
export function formReader(town: Town): (open: OpenView) => string | undefined {
  const shown = new Map<string, { fields: string; errors: string }>();
  return (open) => {
    const [name] = Object.entries(people).find(([, id]) => id === open.userId) ?? [];
    if (!open.open || open.view.type !== 'modal' || !name) return undefined;
    const before = shown.get(open.id);
    const now = { fields: JSON.stringify([open.view, open.values]), errors: JSON.stringify(open.errors) };
    shown.set(open.id, now);
    // While a form is sent its errors are gone, which is nothing to print.
    const nothingNew = now.errors === before?.errors || Object.keys(open.errors).length === 0;
    if (now.fields === before?.fields && nothingNew) return undefined;
    const blocks = open.view.blocks.map((block) => formLines(town, open, block));
    return seen(name, [`form: ${open.view.title.text}`, ...blocks].join('\n'));
  };
}

function formLines(town: Town, open: OpenView, block: Block): string {
  const { world } = town.slack;
  if (block.type !== 'input') return `  ${plainBlocks([block], world, open.userId).replaceAll('\n', '\n  ')}`;
  const read = ({ text }: { text: Text }): string => plainOf(text, world, open.userId);
  const { block_id: id = '', element, label } = block;
  const value = heldIn(open.values[id]?.[element.action_id ?? ''], read);
  const options = optionsOf(element).map(read).join(' / ');
  const error = open.errors[id];
  return [
    `  ${id} (${label.text}) = ${value.replaceAll('\n', ' ')}`.trimEnd(),
    ...(options ? [`    one of: ${options}`] : []),
    ...(error ? [`    ✗ ${error}`] : []),
  ].join('\n');
}

function heldIn(held: StateValue | undefined, read: (option: { text: Text }) => string): string {
  if (!held) return '';
  const { type: _, selected_option, selected_options, ...others } = held;
  const options = [selected_option ?? [], selected_options ?? []].flat().map(read);
  return [...options, ...Object.values(others).flat()].filter((one) => one !== null).join(', ');
}

function buttons(town: Town, message: Message): string[] {
  return [...plain(message, town.slack.world).matchAll(/\[([^\]\n]+)\]/g)].flatMap(([, text]) =>
    text ? [text] : [],
  );
}

function isPerson(name: string): name is PersonName {
  return name in people;
}
