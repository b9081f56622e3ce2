/**
 * Lists the emoji that an access bot may use. Others stay as they are written, as Slack shows emoji that it does not
 * know.
 */
const KNOWN: Record<string, string> = {
  white_check_mark: '✅',
  heavy_check_mark: '✔️',
  x: '❌',
  warning: '⚠️',
  rotating_light: '🚨',
  hourglass: '⌛',
  hourglass_flowing_sand: '⏳',
  lock: '🔒',
  unlock: '🔓',
  key: '🔑',
  bell: '🔔',
  wave: '👋',
  no_entry: '⛔',
  no_entry_sign: '🚫',
  information_source: 'ℹ️',
  tada: '🎉',
  fire: '🔥',
};

export const emojiNamed = (name: string): string | undefined =>
  Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
