/** Restores what a person typed after the slash command from what Slack makes of it. */

/** The text after the command as its author would type it again. */
export function asTyped(text: string): string {
  return unescapeSlack(text).trim();
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
        return label !== undefined && isAutomatic(target, label) ? label : target;
      },
    )
    .replace(/&(amp|lt|gt);/g, (_, name: string) => (name === 'amp' ? '&' : name === 'lt' ? '<' : '>'));
}

/** Whether Slack made this link of the text itself. A telephone number loses what stands between its digits. */
function isAutomatic(target: string, label: string): boolean {
  const bare = target.replace(/^(?:https?:\/\/|mailto:|tel:)/, '');
  const digits = label.replace(/[^\d]/g, '');
  return (
    bare === label ||
    (target.startsWith('tel:') && /^\+?[\d .()-]+$/.test(label) && bare.replace('+', '') === digits)
  );
}
