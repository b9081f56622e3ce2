/** Puts something that floats over the page where it covers nothing that has to be seen. */

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

const GAP = 12;

/** Below `anchor`, or above where there is no room below. */
export function putAt(floating: HTMLElement, anchor: Element): void {
  const { left, top, bottom } = anchor.getBoundingClientRect();
  const { width, height } = floating.getBoundingClientRect();
  const fitsBelow = bottom + 3 + height <= window.innerHeight - 4;
  put(floating, {
    left: Math.max(4, Math.min(left, window.innerWidth - width - 4)),
    top: fitsBelow ? bottom + 3 : Math.max(4, top - 3 - height),
  });
}

/** In the corner, or at the side, where the least of `seen` is covered. */
export function putClearOf(floating: HTMLElement, seen: Element | null): void {
  const { width, height } = floating.getBoundingClientRect();
  const right = window.innerWidth - width - GAP;
  const bottom = window.innerHeight - height - GAP;
  const middle = (window.innerHeight - height) / 2;
  const top = 54;
  const places = [bottom, middle, top].flatMap((y) => [right, GAP].map((x) => ({ left: x, top: y })));
  const area = seen?.getBoundingClientRect();
  const covered = (place: { left: number; top: number }): number =>
    area ? overlap(area, { ...place, right: place.left + width, bottom: place.top + height }) : 0;
  const [first, ...others] = places;
  if (!first) return;
  put(
    floating,
    others.reduce((best, place) => (covered(place) < covered(best) ? place : best), first),
  );
}

function overlap(one: Box, other: Box): number {
  const width = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const height = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  return Math.max(0, width) * Math.max(0, height);
}

function put({ style }: HTMLElement, { left, top }: { left: number; top: number }): void {
  style.left = `${left}px`;
  style.top = `${top}px`;
}
