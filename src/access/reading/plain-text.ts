/**
 * A person's text without what phones, programs and markup put into it and around it. The command and the form read
 * through these functions, so that the same text means the same at both doors.
 */

/** Scripts whose letters a joiner joins or keeps apart, as in Persian and Hindi. */
const JOINED = 'Arab Syrc Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Khmr Mymr'
  .split(' ')
  .map((script) => `\\p{scx=${script}}`)
  .join('');
const EMOJI = '\\p{ExtPict}[\\ufe0e\\ufe0f]?\\p{EMod}?';
/** Places where an invisible character stays, since people would see something else without it. */
const AT_HOME = [
  // The flags of England, Scotland and Wales.
  '\\u{1f3f4}[\\u{e0030}-\\u{e0039}\\u{e0061}-\\u{e007a}]+\\u{e007f}',
  `${EMOJI}(?:\\u200d${EMOJI})*`,
  '[#*0-9]\\ufe0f\\u20e3',
  `(?!\\p{DI})[${JOINED}][\\u200c\\u200d]`,
  '\\p{sc=Han}[\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}]',
].join('|');
/**
 * Characters that show nothing: Unicode's Default_Ignorable_Code_Point, all of whose controls of direction are among
 * them, halves of characters, and control characters other than white space.
 */
const SHOWS_NOTHING = '[\\p{DI}\\p{Cs}\\u180e\\ufff9-\\ufffb]|(?!\\s)\\p{Cc}';
const INVISIBLE = new RegExp(`(${AT_HOME})|${SHOWS_NOTHING}`, 'gu');

/** More characters than any part of a request has, with a link around it. */
const LONGEST_PART = 200;
/** Markup, quotes and brackets around a word. */
const PAIRS: Readonly<Record<string, string>> = {
  '*': '*',
  _: '_',
  '~': '~',
  '"': '"',
  "'": "'",
  '(': ')',
};

/**
 * Takes out invisible characters, such as the controls that turn the direction of a text, and straightens typographic
 * quotes and dashes. Joiners stay in emoji and between letters that they join.
 */
export function straighten(text: string): string {
  return text
    .replace(INVISIBLE, (_, kept: string | undefined) => kept ?? '')
    .replace(/\u2800/g, ' ')
    .replace(/[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g, '-')
    .replace(/[\u2018-\u201b\u2032]/g, "'")
    .replace(/[\u201c-\u201f\u2033]/g, '"');
}

/** A straightened text on one line; empty where it would show nothing. */
export function oneStraightLine(text: string): string {
  const line = straighten(text).replace(/\s+/g, ' ').trim();
  return /[^\p{M}\s]/u.test(line) ? line : '';
}

/**
 * A part of a request (an id, an address, a duration, a word of a subcommand) without what stands around it: markup,
 * backticks, quotes, brackets, punctuation and the link that Slack made of it. Full-width characters become ASCII.
 * Reading the result again changes nothing.
 */
export function bare(text: string): string {
  let part = straighten(text)
    .replace(/[\uff01-\uff5e]/g, asAscii)
    .trim();
  if (part.length > LONGEST_PART) return part;
  for (;;) {
    const inner = unwrapped(part);
    if (inner === part) return part;
    part = inner;
  }
}

/** A word without the punctuation that ends a sentence, or a part of a sentence. `2001:db8::` keeps its colons. */
export function withoutPunctuation(word: string): string {
  let end = word.length;
  while (end > 0 && '.,;!?'.includes(word.charAt(end - 1))) end -= 1;
  if (end > 0 && word.indexOf(':') === end - 1) end -= 1;
  return word.slice(0, end);
}

function unwrapped(part: string): string {
  const word = withoutPunctuation(part);
  if (word.startsWith('`')) return word.slice(1);
  if (word.endsWith('`')) return word.slice(0, -1);
  if (word.length > 1 && PAIRS[word.charAt(0)] === word.at(-1)) return word.slice(1, -1).trim();
  return word
    .replace(/^<([^<>|]*)(?:\|[^<>]*)?>$/, '$1')
    .replace(/^\[([^[\]]*)\](\/\d{1,3})?$/, '$1$2')
    .replace(/^https?:\/\/([^/]*(?:\/\d{1,3})?)\/?$/i, '$1')
    .replace(/^(?:mailto|tel):/i, '')
    .trim();
}

function asAscii(fullWidth: string): string {
  return String.fromCharCode(fullWidth.charCodeAt(0) - 0xfee0);
}
