/** Lists the commands that are offered while somebody types a slash command. */
import type { SubcommandShown } from '../../shown/shapes.js';
import type { Store } from '../store.js';

export interface Offer {
  text: string;
  hint: string;
}

/** Documentation addresses, which belong to nobody. */
const ADDRESS = '203.0.113.25';
const ANOTHER_ADDRESS = '198.51.100.9';

export function offersFor(typed: string, { town, me, workspaces }: Store): Offer[] {
  if (!typed.startsWith('/')) return [];
  const own = [...workspaces.values()].find(({ userName }) => userName === me.name)?.id ?? 'ws-janedoe01';
  const sample = `${own} ${ADDRESS} 1m`;
  const isAdmin = me.title.includes('admin');
  const subcommands = town.subcommands.filter(({ who }) => who === 'everybody' || isAdmin);
  const all = town.commands.flatMap(({ command, description }) => [
    { text: command, hint: `the form · ${description}` },
    { text: `${command} ${sample} trying it out`, hint: 'without the form' },
    ...subcommands.flatMap(({ word, takes, who, does }) => {
      const behind = typedBehind(takes, sample);
      const hint = who === 'admins' ? `admins: ${does}` : does;
      return behind === undefined ? [] : [{ text: `${command} ${word}${behind}`, hint }];
    }),
  ]);
  const wanted = typed.trimEnd().toLowerCase();
  return all.filter(({ text }) => text.toLowerCase().startsWith(wanted) && text !== typed.trimEnd());
}

/** The text to offer after a subcommand's word; undefined where only the person who types knows it. */
function typedBehind(takes: SubcommandShown['takes'], sample: string): string | undefined {
  switch (takes) {
    case 'nothing':
    case 'anything':
    case 'id':
    case 'id-and-reason':
    case 'id-and-time':
      return '';
    case 'id-and-source':
      return ` ${ANOTHER_ADDRESS}`;
    case 'all':
      return ' all';
    case 'request':
      return ` ${sample} production is down`;
    case 'person':
      return undefined;
  }
}
