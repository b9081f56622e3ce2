/** What is offered while a slash command is typed. */
import type { Store } from '../store.js';

export interface Offer {
  text: string;
  hint: string;
}

/** Documentation addresses: they belong to nobody. */
const ADDRESS = '203.0.113.25';

const WORDS: [word: string, hint: string][] = [
  ['list', 'your requests'],
  ['end', 'closes open access, or takes a request back'],
  ['help', 'what can be typed'],
];
const ADMIN_WORDS: [word: string, hint: string][] = [
  ['pause', 'admins: no new access'],
  ['resume', 'admins: lets it open again'],
  ['end all', 'admins: ends everything'],
];

export function offersFor(typed: string, { town, me, workspaces }: Store): Offer[] {
  if (!typed.startsWith('/')) return [];
  const own = [...workspaces.values()].find(({ userName }) => userName === me.name)?.id ?? 'ws-janedoe01';
  const all = town.commands.flatMap(({ command, description }) => [
    { text: command, hint: `the form · ${description}` },
    { text: `${command} ${own} ${ADDRESS} 1m trying it out`, hint: 'without the form' },
    { text: `${command} emergency ${own} ${ADDRESS} 1m production is down`, hint: 'opens at once' },
    ...WORDS.map(([word, hint]) => ({ text: `${command} ${word}`, hint })),
    ...(me.title.includes('admin') ? ADMIN_WORDS : []).map(([word, hint]) => ({
      text: `${command} ${word}`,
      hint,
    })),
  ]);
  const wanted = typed.trimEnd().toLowerCase();
  return all.filter(({ text }) => text.toLowerCase().startsWith(wanted) && text !== typed.trimEnd());
}
