/** Builds and changes the page node by node. No markup is ever parsed, so what a person typed stays text. */

export type Child = Node | string | undefined | false;
type Prop = string | number | boolean | undefined | ((event: Event) => void);

/**
 * Makes an element. A function is a listener (`onclick`), `true` sets an attribute, `false` and undefined leave it
 * out.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Record<string, Prop> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') node.addEventListener(name.replace(/^on/, ''), value);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== false && value !== undefined) node.setAttribute(name, String(value));
  }
  node.append(...present(children));
  return node;
}

export const present = (children: readonly Child[]): (Node | string)[] =>
  children.filter((child) => child !== undefined && child !== false);

/** @returns an element of index.html. @throws where index.html has no such id */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

interface Kept {
  item: unknown;
  node: HTMLElement;
}
const keptIn = new WeakMap<Element, Map<string, Kept>>();

/**
 * Gives `parent` one child for each item. An item that is the very same object as before keeps its node, so that one
 * more message costs nothing for the five hundred before.
 */
export function reconcile<T>(
  parent: Element,
  items: readonly T[],
  keyOf: (item: T) => string,
  make: (item: T, before: HTMLElement | undefined) => HTMLElement,
): void {
  const before = keptIn.get(parent) ?? new Map<string, Kept>();
  const now = new Map<string, Kept>();
  keptIn.set(parent, now);
  keepFocus(() => {
    for (const item of items) {
      const key = keyOf(item);
      const known = before.get(key);
      now.set(key, known && known.item === item ? known : { item, node: make(item, known?.node) });
    }
    for (const [key, { node }] of before) if (now.get(key)?.node !== node) node.remove();
    let next: ChildNode | null = parent.firstChild;
    for (const { node } of now.values()) {
      if (node === next) next = next.nextSibling;
      else parent.insertBefore(node, next);
    }
  });
}

/** The control that had the focus, or the control that was made anew in its place and has the same `data-spot`. */
export function stillThere(held: Element | null): HTMLElement | undefined {
  if (!(held instanceof HTMLElement) || held === document.body) return undefined;
  const { spot } = held.dataset;
  const again = held.isConnected
    ? held
    : spot === undefined
      ? null
      : document.querySelector(`[data-spot="${CSS.escape(spot)}"]`);
  return again instanceof HTMLElement ? again : undefined;
}

/** Makes a change to the page, and gives the focus back to the control that had it. */
export function keepFocus(change: () => void): void {
  const held = document.activeElement;
  const selection =
    held instanceof HTMLInputElement || held instanceof HTMLTextAreaElement
      ? ([held.selectionStart, held.selectionEnd] as const)
      : undefined;
  change();
  if (document.activeElement === held) return;
  const again = stillThere(held);
  if (!again) return;
  again.focus({ preventScroll: true });
  if (
    selection &&
    (again instanceof HTMLInputElement || again instanceof HTMLTextAreaElement) &&
    selection[0] !== null
  )
    again.setSelectionRange(selection[0], selection[1]);
}
