/** Applies the filters and pages that all Describe calls of EC2 share. */
import { AwsError, invalidValue } from '../errors.js';
import { type Page, pageOf } from '../pages.js';
import type { Form } from './form.js';

const MOST_VALUES = 200;

/** By the name of a filter, the values of a thing that the filter compares with. */
export type Pickers<T> = Record<string, (thing: T) => (string | undefined)[]>;

/**
 * The things that match every `Filter.N` by any of its values. `*` and `?` are wildcards, a backslash takes their meaning
 * away, and case counts.
 * @throws AwsError InvalidParameterValue for a filter that EC2 does not know
 */
export function filtered<T extends { tags: Record<string, string> }>(
  form: Form,
  things: T[],
  pickers: Pickers<T>,
): T[] {
  const tests = form.items('Filter').map((filter) => {
    const name = filter.required('Name');
    const pick = pickerFor(name, pickers);
    const patterns = filter.list('Value');
    if (patterns.length === 0) throw invalidValue(`The filter '${name}' has no value`);
    if (patterns.length > MOST_VALUES) {
      throw new AwsError(
        'FilterLimitExceeded',
        `The maximum number of filter values specified on a single call is ${MOST_VALUES}`,
      );
    }
    const matches = matcherOf(patterns);
    return (thing: T) => pick(thing).some((value) => value !== undefined && matches(value));
  });
  return things.filter((thing) => tests.every((test) => test(thing)));
}

function pickerFor<T extends { tags: Record<string, string> }>(name: string, pickers: Pickers<T>) {
  if (name.startsWith('tag:')) return (thing: T) => [thing.tags[name.slice('tag:'.length)]];
  if (name === 'tag-key') return (thing: T) => Object.keys(thing.tags);
  const pick = Object.hasOwn(pickers, name) ? pickers[name] : undefined;
  if (pick === undefined) throw invalidValue(`The filter '${name}' is invalid`);
  return pick;
}

/** The values of a filter that has no other values than these names; undefined where one is a pattern. */
export function namesIn(form: Form, filterName: string): string[] | undefined {
  const filter = form.items('Filter').find((one) => one.text('Name') === filterName);
  const values = filter?.list('Value') ?? [];
  return values.length > 0 && !values.some(isPattern) ? values : undefined;
}

function matcherOf(values: readonly string[]): (value: string) => boolean {
  const names = new Set(values.filter((one) => !isPattern(one)));
  const patterns = values.filter(isPattern).map(pattern);
  return (value) => names.has(value) || patterns.some((one) => one.test(value));
}

function isPattern(text: string): boolean {
  return /[*?\\]/.test(text);
}

function pattern(text: string): RegExp {
  const source = text.replace(/\\[*?\\]|[\s\S]/g, (part) => {
    if (part === '*') return '[\\s\\S]*';
    if (part === '?') return '[\\s\\S]';
    return part.slice(-1).replace(/[.*+?^${}()|[\]\\/]/, '\\$&');
  });
  return new RegExp(`^${source}$`);
}

/** One page of at most `MaxResults` (5 to 1000) things, and never more than `limit`. */
export function paged<T>(form: Form, things: T[], idOf: (thing: T) => string, limit: number): Page<T> {
  const wanted = form.integer('MaxResults');
  if (wanted !== undefined && (wanted < 5 || wanted > 1000)) {
    throw invalidValue(
      `Value ( ${wanted} ) for parameter maxResults is invalid. Expecting a value from 5 to 1000.`,
    );
  }
  const page = pageOf(things, idOf, Math.min(wanted ?? limit, limit), form.text('NextToken'));
  if (page === undefined) throw invalidValue('Unable to parse pagination token');
  return page;
}
