/** The id of a request: what people type and read. */
import { parseDuration } from './duration.js';

/** A request's id, five characters without 0, O, 1 and I, in upper case; undefined for another text. */
export function readRequestId(text: string): string | undefined {
  return /^[2-9A-HJ-NP-Z]{5}$/i.test(text) ? text.toUpperCase() : undefined;
}

/**
 * An id of the next request: drawn anew where it would read as a duration, as `3988S` does, since people type both beside
 * each other.
 * @param draw five characters without 0, O, 1 and I, in upper case
 */
export function newRequestId(draw: () => string): string {
  const id = draw();
  return parseDuration(id) === undefined ? id : newRequestId(draw);
}
