/**
 * Shows the form on somebody's screen. The app may change a form while somebody fills it in, and nothing typed is
 * lost.
 */
import type { FieldInput } from '../../../slack/slack-town.js';
import type { ViewShown } from '../../shown/shapes.js';
import { act, inOrder } from '../ask.js';
import { blockNodes } from '../blocks/blocks.js';
import type { Surface } from '../blocks/surface.js';
import { byId, h, keepFocus } from '../dom.js';
import { on, type Store } from '../store.js';
import { viewActs } from './message.js';

interface Shown {
  id: string;
  hash: string;
  errors: string;
  controls: Map<string, HTMLElement>;
  layer: HTMLElement;
  title: HTMLElement;
  body: HTMLElement;
  close: HTMLElement;
  submit: HTMLButtonElement;
  isSending: boolean;
}

export function showModal(store: () => Store): void {
  let shown: Shown | undefined;
  on(['me', 'views'], () => {
    const { me, views } = store();
    const mine = [...views.values()].filter(({ userId, view }) => userId === me.id && view.type === 'modal');
    const top = mine.at(-1);
    let wasClosed = false;
    if (shown?.id !== top?.id) {
      // The focus moves only if it was in the form, or nowhere.
      const held = document.activeElement;
      const hadFocus = held === document.body || shown?.layer.contains(held) === true;
      shown?.layer.remove();
      wasClosed = shown !== undefined && top === undefined && hadFocus;
      shown = undefined;
    }
    byId('slack-body').inert = top !== undefined;
    // Home has no message box, so the focus goes to its tab.
    if (wasClosed) {
      const isHome = store().place === 'home';
      (isHome
        ? document.querySelector<HTMLElement>('#app-tabs [aria-pressed=true]')
        : byId('write')
      )?.focus();
    }
    if (top?.view.type !== 'modal') return;
    const isNew = shown === undefined;
    shown ??= opened(top, store);
    const errors = JSON.stringify(top.errors);
    if (!isNew && shown.hash === top.hash && shown.errors === errors) return;
    fill(shown, top, store());
    Object.assign(shown, { hash: top.hash, errors });
    const [firstBad] = Object.keys(top.errors);
    const target = firstBad === undefined ? undefined : `[data-block="${CSS.escape(firstBad)}"]`;
    if (isNew) firstOf(shown).focus();
    else if (target) shown.body.querySelector<HTMLElement>(`${target} :is(input, textarea, select)`)?.focus();
  });
}

function opened({ id }: ViewShown, store: () => Store): Shown {
  const title = h('h2', { id: `title-${id}` });
  const body = h('div', { class: 'modal-body' });
  const close = h('button', { type: 'button', class: 'button' });
  const submit = h('button', { type: 'submit', class: 'button primary' });
  const form = h(
    'form',
    {
      class: 'modal',
      role: 'dialog',
      'aria-modal': 'true',
      'aria-labelledby': `title-${id}`,
      novalidate: true,
    },
    h('header', {}, title),
    body,
    h('footer', {}, close, submit),
  );
  const layer = h('div', { class: 'layer' }, form);
  const parts = { layer, title, body, close, submit };
  const shown: Shown = { id, hash: '', errors: '', controls: new Map(), ...parts, isSending: false };
  const leave = (): void => void inOrder(() => act({ act: 'close', as: store().me.id, viewId: id }));
  close.addEventListener('click', leave);
  layer.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') leave();
    if (event.key === 'Tab') trap(event, form);
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (submit.hidden || shown.isSending) return;
    const words = submit.textContent;
    shown.isSending = true;
    submit.textContent = 'Sending…';
    const fields = typedIn(body);
    void inOrder(() => act({ act: 'submit', as: store().me.id, viewId: id, fields })).then(() => {
      shown.isSending = false;
      if (submit.textContent === 'Sending…') submit.textContent = words;
    });
  });
  byId('slack').append(layer);
  return shown;
}

const firstOf = ({ body, close }: Shown): HTMLElement =>
  body.querySelector<HTMLElement>('select, input, textarea, button') ?? close;

function fill(shown: Shown, { id, view, values, errors }: ViewShown, { town, me }: Store): void {
  if (view.type === 'modal') {
    // The app may change title and buttons too: a form that looks something up first has no button to send it.
    shown.title.textContent = view.title.text;
    shown.close.textContent = view.close?.text ?? 'Cancel';
    shown.submit.hidden = view.submit === undefined;
    shown.submit.textContent = view.submit?.text ?? '';
  }
  const used = new Set<string>();
  const surface: Surface = {
    town,
    me,
    name: id,
    values,
    errors,
    ...viewActs(id, { town, me }),
    keep(key, make) {
      used.add(key);
      const known = shown.controls.get(key);
      if (known) return known;
      const made = make();
      keepTyped(shown, key, made);
      shown.controls.set(key, made);
      return made;
    },
  };
  const hadFocus = shown.layer.contains(document.activeElement);
  keepFocus(() => shown.body.replaceChildren(...blockNodes(view.blocks, surface)));
  // If the focused field is gone, another gets the focus, so that Escape and Tab still reach the form.
  if (hadFocus && !shown.layer.contains(document.activeElement)) firstOf(shown).focus();
  for (const key of shown.controls.keys()) if (!used.has(key)) shown.controls.delete(key);
}

/** Copies what was typed into a field to the field that takes its place, since the app changed the field. */
function keepTyped({ controls }: Shown, key: string, made: HTMLElement): void {
  const where = key.slice(0, key.indexOf('{'));
  const [, before] = [...controls].find(([one]) => one.startsWith(where)) ?? [];
  const isField = (node: unknown): node is HTMLInputElement | HTMLTextAreaElement =>
    node instanceof HTMLInputElement || node instanceof HTMLTextAreaElement;
  if (isField(before) && isField(made) && 'typed' in before.dataset) made.value = before.value;
}

/** The texts in the fields at the moment of sending, since the last letters may not have been reported yet. */
function typedIn(body: HTMLElement): Record<string, FieldInput> {
  const fields: Record<string, FieldInput> = {};
  for (const block of body.querySelectorAll<HTMLElement>('[data-block]')) {
    const control = block.querySelector('input[data-typed], textarea[data-typed]');
    const isField = control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement;
    if (isField) fields[block.dataset.block ?? ''] = control.value;
  }
  return fields;
}

function trap(event: KeyboardEvent, form: HTMLElement): void {
  const all = [
    ...form.querySelectorAll<HTMLElement>('a[href], button:not([hidden]), input, select, textarea'),
  ];
  const [first, last] = [all[0], all.at(-1)];
  if (event.shiftKey && document.activeElement === first) {
    event.preventDefault();
    last?.focus();
  } else if (!event.shiftKey && document.activeElement === last) {
    event.preventDefault();
    first?.focus();
  }
}
