/** Writes text from people with the characters that EC2 allows in descriptions. */

/** EC2's limit for the description of a rule or a group. */
const LONGEST = 255;

/**
 * Cleans a description for EC2: at most 255 of `a-zA-Z0-9`, space and `._-:/()#,@[]+=&;{}!$*` (EC2 API,
 * `IpRange.Description`). Accents are dropped, dashes become `-`, white space one space, anything else `_`.
 */
export function cleanDescription(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replace(/\p{Dash_Punctuation}/gu, '-')
    .replace(/[\s\p{Control}]+/gu, ' ')
    .replace(/[^a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]/gu, '_')
    .trim()
    .slice(0, LONGEST)
    .trimEnd();
}
