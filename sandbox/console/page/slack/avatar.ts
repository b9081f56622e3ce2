/** Draws somebody's picture: their initials on a colour of their own. */
import type { PersonShown, TownShown } from '../../shown/shapes.js';
import { h } from '../dom.js';

const COLOURS = 8;

export function avatar(person: PersonShown | undefined, town: TownShown, size: number): HTMLElement {
  const index = person ? town.people.findIndex(({ id }) => id === person.id) : 0;
  const isApp = person?.isBot === true;
  const look = isApp ? 'avatar-app' : person ? `avatar-${index % COLOURS}` : 'avatar-slackbot';
  const initials = (person?.realName ?? 'S').split(' ').map((word) => word.charAt(0));
  return h(
    'span',
    { class: `avatar avatar-size-${size} ${look}`, 'aria-hidden': 'true' },
    isApp ? '>_' : initials.slice(0, 2).join(''),
  );
}
