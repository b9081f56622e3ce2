/** How a setting is read out of the environment, and how one that is missing or wrong is said. */
import type { AddressReading } from './addresses.js';

/** The environment, and the problems that were found in it so far. */
export interface Settings {
  /** The trimmed text of a variable; undefined where it is not set, or empty. */
  given(name: string): string | undefined;
  /** A sentence for each problem. It begins with the name of its variable, and never repeats a secret. */
  problems: string[];
}

/**
 * Reads a setting that has to be there.
 * @param whence what the setting looks like and where it comes from, as the end of a sentence
 * @param shown only with it a problem repeats the text, which is no secret then
 * @returns the text, also where it is wrong, and the empty text where there is none: the problem is noted
 */
export function required(
  { given, problems }: Settings,
  name: string,
  form: RegExp,
  whence: string,
  shown?: 'shown',
): string {
  const value = given(name);
  if (value === undefined) problems.push(`${name} is missing: ${whence}`);
  else if (!form.test(value))
    problems.push(`${name} ${shown ? `is "${value}", which is wrong` : 'is wrong'}: ${whence}`);
  return value ?? '';
}

/** Reads an address that may be left out. @returns undefined where it is left out, or wrong, which is noted */
export function optional<T>(
  { given, problems }: Settings,
  name: string,
  read: (text: string) => AddressReading<T>,
): T | undefined {
  const text = given(name);
  if (text === undefined) return undefined;
  const reading = read(text);
  if (reading.ok) return reading.value;
  problems.push(`${name} is wrong: ${reading.problem}`);
  return undefined;
}
