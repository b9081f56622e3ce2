/** The steps of the guided tour: their words, and how the page sees that a step is done. */
import { leasesOf } from '../shown/leases.js';
import type { Store } from './store.js';

export interface Step {
  title: string;
  text: string;
  /** A selector for the element that is outlined during the step. */
  points?: string;
  /** The line to send, which the page types for a visitor who asks. */
  types?(store: Store): string;
  /** @param sinceTs Slack's timestamp of the tour's beginning: older messages and rules do not count */
  isDone(store: Store, sinceTs: number): boolean;
}

const botRules = ({ rules }: Store, sinceTs: number) =>
  [...rules.values()].filter(
    (rule) => leasesOf(rule).length > 0 && !rule.manual && rule.createdAtMs > sinceTs * 1000,
  );
const sentSince = ({ messages }: Store, channel: string, sinceTs: number) =>
  (messages.get(channel) ?? []).filter(({ ts }) => Number(ts) > sinceTs);
const janeHas = (store: Store, words: RegExp, sinceTs: number): boolean =>
  sentSince(store, 'D0JANE', sinceTs).some(({ text, blocks }) => words.test(JSON.stringify([text, blocks])));

export const STEPS: Step[] = [
  {
    title: 'Ask for access, as Jane',
    text: 'You are Jane, an engineer. Type this line below and press Enter: it asks for SSH to her WorkSpace, for one minute. (/workspace-ssh alone opens a form.)',
    points: '#composer',
    types: () => '/workspace-ssh ws-janedoe01 203.0.113.25 1m trying it out',
    isDone: (store, sinceTs) => sentSince(store, 'D0MARIA', sinceTs).length > 0,
  },
  {
    title: 'Switch to Maria',
    text: 'Jane’s manager was asked: the red mark shows where the next step waits. Press Maria, top left.',
    points: '[data-person="maria"]',
    isDone: ({ me }) => me.name === 'maria',
  },
  {
    title: 'Press Approve',
    text: 'Maria sees who asks, from where, for how long and why. Approve it, and watch the right side.',
    points: '#messages',
    isDone: (store, sinceTs) => botRules(store, sinceTs).length > 0,
  },
  {
    title: 'The rule is there. Be Jane again',
    text: 'One ingress rule, for one address, and it carries its own end. Switch back to Jane: she has the ssh command.',
    points: '[data-person="jane"]',
    isDone: (store, sinceTs) => store.me.name === 'jane' && janeHas(store, /ssh /, sinceTs),
  },
  {
    title: 'More time, with one tap',
    text: 'Press “Extend 1 min” on Jane’s card, then Approve as Maria: the same rule stays for longer. Without a yes it ends when it was going to. Or go on with Next.',
    points: '#messages',
    isDone: (store, sinceTs) => janeHas(store, /continued as/, sinceTs),
  },
  {
    title: 'Wait for the end',
    text: 'Within a minute Jane is warned, then the rule goes, and only then she is told “Ended”. Or press End now.',
    points: '#rules-panel',
    isDone: (store, sinceTs) => botRules(store, sinceTs).length === 0 && janeHas(store, /Ended/, sinceTs),
  },
  {
    title: 'Now break something',
    text: 'Open access once more. Then, under Weather, kill the bot, cut off AWS or Redis, or delete the rule by hand: each card says what is promised, and soon whether it held.',
    points: '#weather-tab',
    isDone: ({ weather }, sinceTs) =>
      weather.some(({ atMs = 0, verdict }) => verdict?.state === 'held' && atMs > sinceTs * 1000),
  },
];
