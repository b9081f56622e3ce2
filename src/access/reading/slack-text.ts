/** Restores what a person typed from the changes that phones and Slack make to it. */

/** The text after the command as its author would type it again. */
export function asTyped(text: string): string {
  return unescapeSlack(text).trim();
}

/** Takes out what phones and copying put in: typographic quotes and dashes, and invisible characters. */
export function straighten(text: string): string {
  return text
    .replace(/[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g, '')
    .replace(/[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g, '-')
    .replace(/[\u2018-\u201b\u2032]/g, "'")
    .replace(/[\u201c-\u201f\u2033]/g, '"');
}

/**
 * Slack's escapes as a person reads them: `<@U1|jane>` is @jane, `<#C1|general>` #general, a link its address, or
 * what was typed where Slack made the link itself; then `&lt;`, `&gt;` and `&amp;`.
 */
export function unescapeSlack(text: string): string {
  return text
    .replace(
      /<([@#!][^<>|\s]+|[a-z][a-z+.-]*:[^<>|\s]+)(?:\|([^<>]*))?>/g,
      (_, target: string, label: string | undefined) => {
        const sigil = target.charAt(0);
        if (sigil === '@' || sigil === '#') return sigil + (label || target.slice(1)).replace(/^[@#]/, '');
        if (sigil === '!') return `@${(label || target.slice(1)).replace(/^@/, '')}`;
        const automatic =
          label !== undefined && target.replace(/^(?:https?:\/\/|mailto:|tel:)/, '') === label;
        return automatic ? label : target;
      },
    )
    .replace(/&(amp|lt|gt);/g, (_, name: string) => (name === 'amp' ? '&' : name === 'lt' ? '<' : '>'));
}
