/** Runs the message box, and offers what the slash command can do while somebody types it. */
import { act } from '../ask.js';
import { ZONE } from '../clock.js';
import { byId, h } from '../dom.js';
import { dmOf, on, type Store } from '../store.js';
import { type Offer, offersFor } from './offers.js';
import { goTo } from './sidebar.js';

export function showComposer(store: () => Store): { put(text: string): void } {
  const box = byId('write');
  if (!(box instanceof HTMLTextAreaElement)) throw new Error('#write is no text area');
  const list = byId('offers');
  const drafts = new Map<string, string>();
  let shownFor = '';
  let chosen = -1;
  let takesFocus = false;
  let offers: Offer[] = [];

  const size = (): void => {
    box.style.height = 'auto';
    box.style.height = `${Math.min(box.scrollHeight, 120)}px`;
  };
  const put = (text: string): void => {
    const { me, place } = store();
    if (place === 'home') {
      // Home has no message box, so the text waits in the conversation's box.
      drafts.set(`${me.id} ${dmOf(me.id)}`, text);
      goTo(store(), dmOf(me.id));
      takesFocus = true;
      return;
    }
    box.value = text;
    box.focus();
    box.setSelectionRange(text.length, text.length);
    offer();
  };
  const offer = (): void => {
    offers = offersFor(box.value, store());
    chosen = -1;
    draw();
    size();
  };
  const hide = (): void => {
    offers = [];
    draw();
  };
  const draw = (): void => {
    list.hidden = offers.length === 0;
    box.setAttribute('aria-expanded', String(offers.length > 0));
    box.setAttribute('aria-activedescendant', chosen < 0 ? '' : `offer-${chosen}`);
    list.replaceChildren(
      ...offers.map(({ text, hint }, index) => {
        const item = h(
          'div',
          { id: `offer-${index}`, role: 'option', 'aria-selected': String(index === chosen) },
          h('code', {}, text),
          h('span', {}, hint),
        );
        // On mousedown, since the click comes after the box lost the focus and hid the list.
        item.addEventListener('mousedown', (event) => {
          event.preventDefault();
          put(`${text} `.replace(/ {2}$/, ' '));
          hide();
        });
        return item;
      }),
    );
  };
  const send = async (): Promise<void> => {
    const text = box.value.trim();
    if (text === '') return;
    const { me, place } = store();
    box.value = '';
    hide();
    size();
    const answer = await act({ act: 'write', as: me.id, channel: place, text, zone: ZONE });
    // A text that was not taken goes back into the box or its draft.
    if (answer.ok) return;
    const from = `${me.id} ${place}`;
    if (from !== shownFor) drafts.set(from, drafts.get(from) || text);
    else if (box.value === '') put(text);
  };

  box.addEventListener('input', offer);
  box.addEventListener('blur', hide);
  box.addEventListener('keydown', (event) => {
    // While an input method composes, Enter picks from its offers.
    if (event.isComposing) return;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && offers.length > 0) {
      event.preventDefault();
      chosen = (chosen + step + offers.length + (chosen < 0 && step < 0 ? 1 : 0)) % offers.length;
      draw();
      return;
    }
    if (event.key === 'Escape' && offers.length > 0) return hide();
    const completes = event.key === 'Tab' && !event.shiftKey;
    const picked = offers[completes && offers.length > 0 ? Math.max(0, chosen) : chosen];
    if (picked && (completes || event.key === 'Enter') && picked.text !== box.value.trim()) {
      event.preventDefault();
      put(`${picked.text} `);
      hide();
      return;
    }
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    void send();
  });
  byId('composer').addEventListener('submit', (event) => {
    event.preventDefault();
    void send();
  });
  on(['me'], () => {
    const { me, place, town } = store();
    const view = `${me.id} ${place}`;
    if (view === shownFor) return;
    drafts.set(shownFor, box.value);
    shownFor = view;
    box.value = drafts.get(view) ?? '';
    if (takesFocus) box.focus();
    takesFocus = false;
    const channel = town.channels.find(({ id }) => id === place);
    box.placeholder = `Message ${channel ? `#${channel.name}` : town.botName}, or / for commands`;
    hide();
    size();
  });
  return { put };
}
