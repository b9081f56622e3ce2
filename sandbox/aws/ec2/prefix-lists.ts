/** Tells the ranges of the managed prefix lists that rules name as their source. */
import { AwsError } from '../errors.js';
import type { State } from '../state/state.js';
import type { Form } from './form.js';
import type { Xml } from './xml.js';

export function getManagedPrefixListEntries(state: State, form: Form): Record<string, Xml> {
  const id = form.required('PrefixListId');
  const list = state.world.prefixLists?.find((one) => one.id === id);
  if (!list) {
    throw new AwsError('InvalidPrefixListID.NotFound', `The prefix list ID '${id}' does not exist`);
  }
  return { entrySet: list.cidrs.map((cidr) => ({ cidr })) };
}
