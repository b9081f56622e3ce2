/** Reads, sets and deletes tags on security groups, their rules and network interfaces, within EC2's limits. */
import { AwsError, invalidValue } from '../errors.js';
import { changeGroupTags, changeInterface, changeRule, type State } from '../state/state.js';
import type { Form } from './form.js';
import { noGroup, noInterface, noRule } from './lookups.js';
import type { Xml } from './xml.js';

type Tags = Record<string, string>;

const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;
const MOST_TAGS = 50;

export function tagSet(tags: Tags): Xml {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

/** The tags of a creating call. @throws AwsError for a specification of another resource type */
export function readTagSpecifications(form: Form, resourceType: string): Tags {
  const tags: Tags = {};
  for (const specification of form.items('TagSpecification')) {
    const type = specification.required('ResourceType');
    if (type !== resourceType) {
      throw invalidValue(`'${type}' is not a valid taggable resource type for this operation.`);
    }
    Object.assign(tags, readTags(specification));
  }
  checkTagCount(tags);
  return tags;
}

export function createTags(state: State, form: Form): () => Record<string, Xml> {
  const tags = readTags(form);
  if (Object.keys(tags).length === 0)
    throw new AwsError('MissingParameter', 'The request must contain the parameter tagSet');
  const changes = resources(state, form).map(({ before, write }) => {
    const after = { ...before, ...tags };
    checkTagCount(after);
    return () => write(after);
  });
  return applied(changes);
}

/**
 * Deletes the named tags. A tag that is named with a value goes only if it has that value. Without names all tags go.
 */
export function deleteTags(state: State, form: Form): () => Record<string, Xml> {
  const named = form.items('Tag').map((tag) => ({ key: tag.required('Key'), value: tag.text('Value') }));
  const goes = (key: string, value: string) =>
    named.length === 0 || named.some((one) => one.key === key && (one.value ?? value) === value);
  const changes = resources(state, form).map(({ before, write }) => {
    const after = Object.fromEntries(Object.entries(before).filter(([key, value]) => !goes(key, value)));
    return () => write(after);
  });
  return applied(changes);
}

function applied(changes: (() => void)[]): () => Record<string, Xml> {
  return () => {
    for (const change of changes) change();
    return { return: true };
  };
}

/** Checks the tags of a manual change as those of a call. @throws AwsError */
export function checkTags(tags: Tags): void {
  for (const [key, value] of Object.entries(tags)) checkTag(key, value);
  checkTagCount(tags);
}

function readTags(form: Form): Tags {
  const tags: Tags = {};
  for (const tag of form.items('Tag')) {
    const key = tag.required('Key');
    const value = tag.text('Value') ?? '';
    checkTag(key, value);
    if (Object.hasOwn(tags, key)) throw invalidValue(`Duplicate tag key '${key}' specified.`);
    tags[key] = value;
  }
  return tags;
}

function checkTag(key: string, value: string): void {
  if (key.length > LONGEST_KEY)
    throw invalidValue(`Tag key exceeds the maximum length of ${LONGEST_KEY} characters`);
  if (value.length > LONGEST_VALUE) {
    throw invalidValue(`Tag value exceeds the maximum length of ${LONGEST_VALUE} characters`);
  }
  if (key.toLowerCase().startsWith('aws:')) {
    throw invalidValue("Tag keys starting with 'aws:' are reserved for internal use");
  }
}

function checkTagCount(tags: Tags): void {
  if (Object.keys(tags).length > MOST_TAGS) {
    throw new AwsError('TagLimitExceeded', 'You have reached the maximum number of tags on a resource.');
  }
}

interface Taggable {
  before: Tags;
  write(tags: Tags): void;
}

function resources(state: State, form: Form): Taggable[] {
  const ids = form.list('ResourceId');
  if (ids.length === 0)
    throw new AwsError('MissingParameter', 'The request must contain the parameter resourceIdSet');
  return ids.map((id) => taggable(state, id));
}

function taggable(state: State, id: string): Taggable {
  const kind = id.split('-', 1)[0];
  switch (kind) {
    case 'sg': {
      const group = state.groups.get(id);
      if (group === undefined) throw noGroup(id);
      return { before: group.tags, write: (tags) => changeGroupTags(state, group, tags) };
    }
    case 'sgr': {
      const rule = state.rules.get(id);
      if (rule === undefined) throw noRule(id);
      return { before: rule.tags, write: (tags) => changeRule(state, rule, { tags }) };
    }
    case 'eni': {
      const found = state.interfaces.get(id);
      if (found === undefined) throw noInterface(id);
      return { before: found.tags, write: (tags) => changeInterface(state, found, { tags }) };
    }
    default:
      throw new AwsError('InvalidID', `The ID '${id}' is not valid`);
  }
}
