/** Slack's markup made safe: what people typed never becomes formatting, a mention or a block that Slack refuses. */
import { isUserId, USER_ID, unanchored } from '../../access/reading/ids.js';

/** The mention of a person after {@link escaped}. */
const MENTION = new RegExp(`&lt;@(${unanchored(USER_ID)})&gt;`, 'g');

/** Escapes the three characters that mrkdwn gives a meaning; see Slack's "Formatting message text". */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** At most `max` characters, the last of them an ellipsis where something was cut. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  // A cut inside a surrogate pair would leave half a character, which Slack refuses.
  return `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** Cuts mrkdwn without leaving half an entity or half a `<…>` behind. */
export function cutMarkup(mrkdwn: string, max: number): string {
  if (mrkdwn.length <= max) return mrkdwn;
  return `${cut(mrkdwn, max)
    .slice(0, -1)
    .replace(/&[a-z]{0,4}$/, '')
    .replace(/<[^<>]*$/, '')}…`;
}

/** Text on one line: a line break in a reason could make its rest look like a line that the bot wrote. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/**
 * A code span. A backtick would end the span, so an apostrophe replaces it. An ssh line with a backtick is shown by
 * `preformatted` instead.
 */
export function code(text: string): string {
  return `\`${escaped(text).replaceAll('`', "'")}\``;
}

/**
 * A sentence from another module, made safe. Its code spans and `<@U…>` mentions stay, and all other markup is escaped.
 * Text from a person stands in a code span there, so a mention inside of a code span is escaped too and calls nobody.
 */
export function sentence(text: string): string {
  return escaped(text)
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replace(MENTION, '<@$1>')))
    .join('');
}

/** Mrkdwn without its formatting, for places that show plain text. */
export function plain(mrkdwn: string): string {
  return mrkdwn
    .replace(/[`*]/g, '')
    .replace(/<[^<>|]*\|([^<>]*)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/**
 * A mention, which each reader's Slack shows as the person's name. Text that is no user id, such as `policy`, is only
 * escaped.
 */
export function mention(userId: string): string {
  return isUserId(userId) ? `<@${userId}>` : escaped(userId);
}

/** Several people: `@maria or @tom`. At most `most` of them by name, or one more where only one would be left over. */
export function mentions(userIds: readonly string[], joint = 'or', most = 5): string {
  // "1 others" is no shorter than the last name.
  const named = userIds.slice(0, userIds.length === most + 1 ? most + 1 : most).map(mention);
  if (userIds.length > named.length) named.push(`${userIds.length - named.length} others`);
  const last = named.pop() ?? 'nobody';
  return named.length > 0 ? `${named.join(', ')} ${joint} ${last}` : last;
}

/**
 * A line for each of the first `most`, and as the last how many more there are, so that nobody takes a part for the
 * whole. One more than `most` is shown where only that one would be left over.
 * @param total where `all` is the first part of a list that was not read whole: how many the list has
 */
export function upTo<T>(
  most: number,
  all: readonly T[],
  line: (one: T) => string,
  { more = 'more', total = all.length }: { more?: string; total?: number } = {},
): string[] {
  const lines = (total <= most + 1 ? all : all.slice(0, most)).map(line);
  const left = total - lines.length;
  return left > 0 ? [...lines, `and ${left.toLocaleString('en-US')} ${more}`] : lines;
}

/**
 * A Slack date token: an instant in each reader's own time zone. Clients that do not know tokens show the UTC time
 * after the bar.
 */
export function at(ms: number): string {
  return dateToken(ms, '{time}', `${new Date(ms).toISOString().slice(11, 16)} UTC`);
}

/** {@link at} with the day in front. */
export function onDayAt(ms: number): string {
  const utc = new Date(ms).toISOString();
  return dateToken(ms, '{date_short_pretty} at {time}', `${utc.slice(0, 10)} ${utc.slice(11, 16)} UTC`);
}

function dateToken(ms: number, form: string, fallback: string): string {
  return `<!date^${Math.floor(ms / 1000)}^${form}|${fallback}>`;
}

/** `1 WorkSpace`, `1,024 WorkSpaces`. */
export function count(n: number | bigint, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en-US')} ${Number(n) === 1 ? one : many}`;
}
