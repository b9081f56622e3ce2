/** Starts the page: takes in the news from the sandbox, and draws what changed. */
import type { News } from '../shown/shapes.js';
import { showDesktops } from './aws/desktops.js';
import { showRules } from './aws/rules.js';
import { showAudit } from './below/audit.js';
import { showTimeline } from './below/timeline.js';
import { showConfirm } from './blocks/confirm.js';
import { showClock } from './clock.js';
import { byId } from './dom.js';
import { showPanes } from './panes.js';
import { showComposer } from './slack/composer.js';
import { showConversation } from './slack/conversation.js';
import { showModal } from './slack/modal.js';
import { showPeople } from './slack/people.js';
import { showSidebar } from './slack/sidebar.js';
import { dmOf, on, type Store, storeOf, take } from './store.js';
import { showTour } from './tour.js';
import { showWeather } from './weather.js';

let known: Store | undefined;

const store = (): Store => {
  if (!known) throw new Error('the page has no picture yet');
  return known;
};

function start(): void {
  showPeople(store);
  showSidebar(store);
  showConversation(store);
  showModal(store);
  showConfirm(store);
  const composer = showComposer(store);
  showRules(store);
  showDesktops(store);
  showWeather(store);
  showTimeline(store);
  showAudit(store);
  showPanes();
  showClock();
  showTour(store, composer);
  on(['me'], rememberPlace);
}

/** Writes person and place into the address, so that a reload and a second window show the same person. */
function rememberPlace(): void {
  const { me, place } = store();
  const wanted = new URLSearchParams(location.search);
  wanted.set('as', me.name);
  if (place === dmOf(me.id)) wanted.delete('in');
  else wanted.set('in', place);
  history.replaceState(null, '', `?${wanted}`);
  document.title = `${me.realName} · workspace-ssh sandbox`;
}

const source = new EventSource('/news');
source.addEventListener('message', ({ data }) => {
  const news: News[] = JSON.parse(data);
  for (const one of news) {
    if (one.kind !== 'snapshot') {
      take(store(), one);
      continue;
    }
    const isFirst = known === undefined;
    const wanted = new URLSearchParams(location.search);
    const place = wanted.get('in');
    known = storeOf(one.snapshot, known, { as: wanted.get('as') ?? 'jane', ...(place ? { place } : {}) });
    if (isFirst) start();
  }
  byId('lost').hidden = true;
  document.body.dataset.ready = 'true';
});
source.addEventListener('error', () => {
  byId('lost').hidden = false;
});
