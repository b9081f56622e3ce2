/** The sandbox without a browser: a line such as `jane /workspace-ssh …` or `maria approve`, and what each person sees. */
import type { Bot } from './bot.js';
import { plain } from './slack/plain.js';
import type { Message } from './slack/types.js';
import type { Town } from './town.js';
import { type PersonName, people } from './world.js';

const HELP = `jane /workspace-ssh …      types a command (also: maria, sam, ada, tom, lee, gina)
maria approve              presses the first button that begins so, in the newest message that has one
jane fill why=fixing …     fills a field of the open form; jane submit sends it
jane say hi                writes to the bot
aws                        the ingress rules, as AWS has them
bot kill                   ends the bot as a crash would; bot log shows its last lines`;

/** Carries out one line and answers it. */
export async function runLine(town: Town, bot: Bot, line: string): Promise<string> {
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
  if (who === 'bot') {
    if (verb === 'kill') await bot.stop('SIGKILL');
    return verb === 'kill' ? 'The bot is gone.' : bot.log.slice(-20).join('\n');
  }
  if (!isPerson(who))
    return `Nobody is called ${who}. ${Object.keys(people).join(', ')} are here; help lists the rest.`;
  const person = town.slack.person(people[who]);
  const view = person.views().at(-1);
  if (verb.startsWith('/')) {
    const { ephemeral } = await person.command(text, { command: verb });
    return ephemeral ? `${who} sees: ${ephemeral}` : '';
  }
  if (verb === 'say') {
    await person.say(text);
    return '';
  }
  if (view && verb === 'fill') {
    const [field = '', ...value] = text.split('=');
    await person.fill(view, { [field]: value.join('=') });
    return `filled ${field}`;
  }
  if (view && verb === 'submit') {
    const { errors } = await person.submit(view);
    return errors
      ? Object.entries(errors)
          .map(([field, error]) => `  ${field}: ${error}`)
          .join('\n')
      : 'sent';
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

/** What each person reads when a message appears or changes. */
export const seenBy = (town: Town, message: Message): string[] =>
  Object.entries(people)
    .filter(
      ([, id]) =>
        message.ephemeralTo === id ||
        (!message.ephemeralTo && town.slack.dm(id)[0]?.channel === message.channel),
    )
    .map(
      ([name, id]) =>
        `${name.padEnd(6)} ${plain(message, town.slack.world, id).replaceAll('\n', '\n       ')}`,
    );

function buttons(town: Town, message: Message): string[] {
  return [...plain(message, town.slack.world).matchAll(/\[([^\]\n]+)\]/g)].flatMap(([, text]) =>
    text ? [text] : [],
  );
}

function isPerson(name: string): name is PersonName {
  return name in people;
}
