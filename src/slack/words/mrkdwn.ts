/** Slack's markup made safe: what people typed never becomes formatting, a mention or a block that Slack refuses. */
import { isUserId, USER_ID, unanchored } from '../../access/reading/ids.js';

/** A person's mention, escaped. */
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

/** On one line: a line break must not let a reason look like a line of the bot's own. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** A code span. A backtick would end it, so it is replaced; ssh lines with one come as {@link preformatted}. */
export function code(text: string): string {
  return `\`${escaped(text).replaceAll('`', "'")}\``;
}

/**
 * A sentence that another module wrote: code spans and `<@U…>` mentions stay, any other markup in it is dead. What a
 * person typed stands in a code span there, so a mention inside of one is theirs and stays dead too.
 */
export function sentence(text: string): string {
  return escaped(text)
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replace(MENTION, '<@$1>')))
    .join('');
}

/** Without formatting, for places that show plain text. */
export function plain(mrkdwn: string): string {
  return mrkdwn
    .replace(/[`*]/g, '')
    .replace(/<[^<>|]*\|([^<>]*)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** A person, as everybody's own Slack names them. `policy` and the like are not people. */
export function mention(userId: string): string {
  return isUserId(userId) ? `<@${userId}>` : escaped(userId);
}

/** Several people: `@maria or @tom`; about `most` by name. */
export function mentions(userIds: readonly string[], joint = 'or', most = 5): string {
  // "1 others" is no shorter than a name.
  const named = userIds.slice(0, userIds.length === most + 1 ? most + 1 : most).map(mention);
  if (userIds.length > named.length) named.push(`${userIds.length - named.length} others`);
  const last = named.pop() ?? 'nobody';
  return named.length > 0 ? `${named.join(', ')} ${joint} ${last}` : last;
}

/** An instant in each reader's own time zone; Slack shows the part after the bar where it cannot. */
export function at(ms: number, withDay = false): string {
  const utc = new Date(ms).toISOString();
  const fallback = `${withDay ? `${utc.slice(0, 10)} ` : ''}${utc.slice(11, 16)} UTC`;
  return `<!date^${Math.floor(ms / 1000)}^${withDay ? '{date_short_pretty} at {time}' : '{time}'}|${fallback}>`;
}

/** `1 WorkSpace`, `1,024 WorkSpaces`. */
export function count(n: number | bigint, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en-US')} ${Number(n) === 1 ? one : many}`;
}
