/** The single values of the policy file: their form, and the sentence for one that is wrong. */
import { z } from 'zod';
import { isRange } from '../access/reading/address-block.js';
import { parseDuration } from '../access/reading/duration.js';
import { DIRECTORY_ID, USER_ID } from '../access/reading/ids.js';

export interface RawIssue {
  readonly input?: unknown;
  readonly code?: string;
}

/** The sentence for a value that is missing, empty, or of another kind than the value in `example` (`key: value`). */
export function like(example: string): (issue: RawIssue) => string {
  const key = example.split(':')[0];
  return ({ input }) => {
    const state = input === undefined ? 'missing' : isEmpty(input) ? 'empty' : 'not understood';
    return `"${key}" is ${state}. Write it like this: ${example}`;
  };
}

/** An object with these keys and no others. */
export function keys<S extends z.core.$ZodShape>(shape: S, wrongKind: (issue: RawIssue) => string) {
  return z.strictObject(shape, {
    // zod has one issue for all unknown keys; schemaProblems makes sentences of it, with the keys that are known.
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : wrongKind(issue)),
  });
}

/** A list with one item at least. */
export function list<T extends z.ZodType>(item: T, example: string) {
  return z.array(item, { error: like(example) }).min(1, { error: like(example) });
}

/** Text of one form. `rule` ends the sentence that begins with the value. */
export function text(pattern: RegExp, rule: string) {
  const error = ({ input }: RawIssue) => `${capital(quoted(input))} ${rule}`;
  return z.string({ error }).regex(pattern, { error, abort: true });
}

export function oneOf<const T extends readonly string[]>(key: string, values: T) {
  const choices = `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
  return z.enum(values, {
    error: ({ input }) =>
      input === undefined
        ? `"${key}" is missing. It is ${choices}.`
        : `"${key}" is ${choices}, not ${quoted(input)}.`,
  });
}

export function trueOrFalse(key: string) {
  return z.boolean({ error: ({ input }) => `"${key}" is true or false, not ${quoted(input)}.` });
}

export function wholeNumber(key: string, least: number, most: number) {
  const error = ({ input }: RawIssue) =>
    `"${key}" is a whole number from ${least} to ${most}, not ${quoted(input)}.`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

/** `2h` → milliseconds. The example (`key: value`) is for a duration that is missing. */
export function durationLike(example: string) {
  return (
    z
      .string({
        error: ({ input }) => (input === undefined ? like(example)({ input }) : notADuration(input)),
      })
      // The pattern is for editors; the bot goes by parseDuration.
      .meta({ pattern: '^(\\d+[dD])?(\\d+[hH])?(\\d+[mM])?(\\d+[sS])?$' })
      .transform((given, context) => {
        const ms = parseDuration(given);
        if (ms !== undefined) return ms;
        context.addIssue({ code: 'custom', message: notADuration(given) });
        return z.NEVER;
      })
  );
}

export const duration = durationLike('up-to: 2h');

function notADuration(input: unknown): string {
  return `${capital(quoted(input))} is not a duration. Write 30m, 2h or 1h30m.`;
}

export const userId = text(
  USER_ID,
  "is not a Slack user id (U…). Copy it from the person's profile in Slack.",
);
export const fieldId = text(/^Xf[A-Z0-9]+$/, 'is not the id of a Slack profile field (Xf…).');
export const directoryId = text(DIRECTORY_ID, 'is not a directory id, such as d-9067f01234.');
export const groupId = text(
  /^sg-[0-9a-z]+$/,
  'is not a security group id (sg-…). Names are not unique; write the id.',
);
export const userName = z
  .string({ error: notAUserName })
  .regex(/^[^\s\\]{1,63}$/, { error: notAUserName, abort: true });

function notAUserName({ input }: RawIssue): string {
  const said = `${capital(quoted(input))} is not a user name of the directory`;
  if (typeof input !== 'string' || !input.includes('\\'))
    return `${said}. Write it without spaces, in quotes if it is a number.`;
  // People write it as Windows shows it, with the domain before it: no such name would ever be found.
  return `${said}: it has no backslash. Write ${input.split('\\').at(-1) || 'jane'}.`;
}

export const domain = text(
  /^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/,
  'is not an e-mail domain, such as example.com.',
);

export const range = z
  .string({ error: ({ input }) => notARange(input) })
  .refine(isRange, { error: ({ input }) => notARange(input) });

function notARange(input: unknown): string {
  return `${capital(quoted(input))} is not an address range. Write 10.9.0.0/16 or 2001:db8::/32.`;
}

/**
 * Adds a check of what several values say together, which runs only where each value is right by itself. zod would run
 * the check after most failures too, where it may throw, or report something that is no mistake.
 */
export function together<T extends z.ZodType>(
  schema: T,
  check: (value: z.output<T>, context: z.RefinementCtx<z.output<T>>) => void,
): T {
  return schema.superRefine(check, { when: ({ issues }) => issues.every(isContradiction) });
}

const CONTRADICTION = { contradiction: true };

/** Whether an issue is a contradiction between right values, after which other checks may run all the same. */
function isContradiction({ code, params }: z.core.$ZodRawIssue): boolean {
  return code === 'custom' && params === CONTRADICTION;
}

/** Adds a problem that several values make {@link together}. `path` begins at the value that is checked. */
export function problem(context: z.RefinementCtx, path: PropertyKey[], message: string): void {
  context.addIssue({ code: 'custom', path, message, params: CONTRADICTION });
}

function isEmpty(input: unknown): boolean {
  return input === null || input === '' || (typeof input === 'object' && Object.keys(input).length === 0);
}

export function quoted(input: unknown): string {
  if (input === null || input === undefined || input === '') return 'an empty value';
  if (typeof input === 'object') return Array.isArray(input) ? 'a list' : 'a block of keys';
  return JSON.stringify(input);
}

export function capital(phrase: string): string {
  return phrase.charAt(0).toUpperCase() + phrase.slice(1);
}
