/**
 * Reads the fields of an EC2 query request, in which a name such as `IpPermissions.1.IpRanges.2.CidrIp` spells
 * nesting.
 */
import { AwsError, invalidValue } from '../errors.js';

export interface Form {
  /** @returns undefined for a missing field; an empty field is an empty text */
  text(name: string): string | undefined;
  /** @throws AwsError MissingParameter for a missing or empty field */
  required(name: string): string;
  /** `GroupId.1`, `GroupId.2`, … in the order of their numbers. */
  list(name: string): string[];
  integer(name: string): number | undefined;
  flag(name: string): boolean;
  /** The structures `Tag.1.…`, `Tag.2.…` in the order of their numbers, each as a form of its own. */
  items(name: string): Form[];
}

export function readForm(body: string): { form: Form; fields: Record<string, string> } {
  const fields = Object.fromEntries(new URLSearchParams(body));
  return { form: formOf(fields, ''), fields };
}

function formOf(fields: Record<string, string>, prefix: string): Form {
  const text = (name: string): string | undefined => fields[prefix + name];
  const numbers = (name: string): number[] => {
    const start = `${prefix}${name}.`;
    const found = Object.keys(fields).filter((key) => key.startsWith(start));
    const heads = found.map((key) => Number(key.slice(start.length).split('.', 1)[0]));
    return [...new Set(heads)].filter(Number.isInteger).sort((a, b) => a - b);
  };
  return {
    text,
    required(name) {
      const value = text(name);
      if (value) return value;
      throw new AwsError('MissingParameter', `The request must contain the parameter ${prefix}${name}`);
    },
    list: (name) => numbers(name).flatMap((n) => text(`${name}.${n}`) ?? []),
    integer(name) {
      const value = text(name);
      if (value === undefined || /^-?\d+$/.test(value))
        return value === undefined ? undefined : Number(value);
      throw invalidValue(`Value (${value}) for parameter ${prefix}${name} is invalid. Expecting an integer`);
    },
    flag: (name) => text(name)?.toLowerCase() === 'true',
    items: (name) => numbers(name).map((n) => formOf(fields, `${prefix}${name}.${n}.`)),
  };
}
