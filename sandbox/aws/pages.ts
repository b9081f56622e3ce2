/** Cuts lists into pages that neither repeat nor skip anything when things come and go between two calls. */

export interface Page<T> {
  things: T[];
  nextToken: string | undefined;
}

/**
 * The next `limit` things in the order of their ids. The token names the last id of the page before.
 * @returns undefined for a token that no page gave out
 */
export function pageOf<T>(
  all: T[],
  idOf: (thing: T) => string,
  limit: number,
  token: string | undefined,
): Page<T> | undefined {
  const [, after = ''] = /^after (.+)$/.exec(Buffer.from(token ?? '', 'base64url').toString()) ?? [];
  if (token !== undefined && after === '') return undefined;
  const rest = all.filter((thing) => idOf(thing) > after).sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  const things = rest.slice(0, limit);
  const last = things.at(-1);
  const isMore = last !== undefined && things.length < rest.length;
  return { things, nextToken: isMore ? Buffer.from(`after ${idOf(last)}`).toString('base64url') : undefined };
}
