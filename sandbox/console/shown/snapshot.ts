/** Takes the whole picture, for a page that was just opened or lost its connection. */
import type { OpenView } from '../../slack/state/board.js';
import type { Town } from '../../town.js';
import type { Snapshot, TownShown, ViewShown } from './shapes.js';

/** The parts of a picture that do not come from the town. */
export type Beside = Pick<Snapshot, 'lines' | 'audit' | 'weather' | 'bot' | 'unread'>;

/** The newest messages that a picture has, since a page needs no more of the past. */
const MESSAGES = 2_000;

export function snapshotOf(town: Town, shown: TownShown, beside: Beside): Snapshot {
  const { slack, aws } = town;
  const people = shown.people.filter(({ isBot }) => !isBot);
  const messages = [
    ...shown.channels.flatMap(({ id }) => slack.messages(id)),
    ...people.flatMap(({ id }) => [...slack.dm(id), ...slack.ephemerals(id)]),
  ].sort((a, b) => Number(a.ts) - Number(b.ts));
  const views = people.flatMap(({ id }) => {
    const person = slack.person(id);
    const home = person.home();
    return [...person.views(), ...(home ? [home] : [])].map(viewShown);
  });
  return {
    town: shown,
    messages: messages.slice(-MESSAGES),
    views,
    rules: aws.rules().filter(({ isEgress }) => !isEgress),
    groups: aws.groups(),
    interfaces: aws.interfaces(),
    workspaces: aws.workspaces(),
    ...beside,
  };
}

export function viewShown({ id, hash, userId, view, values, errors, open }: OpenView): ViewShown {
  return { id, hash, userId, view, values, errors, open };
}
