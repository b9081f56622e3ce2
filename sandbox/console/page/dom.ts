/** Builds and mends what is on the page, node by node: whatever a person typed stays text, since no markup is ever parsed. */

export type Child = Node | string | undefined | false;
type Prop = string | number | boolean | undefined | ((event: Event) => void);

/** An element. Functions are listeners (`onclick`), `true` sets an attribute, `false` and undefined leave it out. */
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

/** The element that the page's own HTML has; a missing one is a fault of ours. */
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
 * Makes the children of `parent` those of `items`. What is the very same item as before keeps its node, so that five
 * hundred messages cost nothing when one more comes.
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

/** What had the focus, also where the same control was made anew (`data-spot` names it). */
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

/** Whoever had the focus has it afterwards. */
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
