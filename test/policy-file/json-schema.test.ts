import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { policySchema } from '../../src/policy-file/json-schema.js';
import { readPolicy } from '../../src/policy-file/read-policy.js';
import { EVERY_KEY } from './policies.js';

const committed = JSON.parse(readFileSync('policy.schema.json', 'utf8'));
const validate = new Ajv({ strict: false }).compile(policySchema());

test('policy.schema.json is current: npm run -s policy -- schema > policy.schema.json, npm run format', () => {
  expect(committed).toEqual(policySchema());
});

test('the first line of policy.example.yml names the schema, so that editors check and complete the file', () => {
  const [first] = readFileSync('policy.example.yml', 'utf8').split('\n');
  expect(first).toBe('# yaml-language-server: $schema=./policy.schema.json');
});

/** The names of all properties of a schema, however deep. */
function keysIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = 'properties' in schema ? Object.keys(schema.properties ?? {}) : [];
  return [...new Set([...own, ...Object.values(schema).flatMap(keysIn)])];
}

function keysMissingIn(text: string): string[] {
  return keysIn(policySchema()).filter((key) => !new RegExp(`(^|[\\s{])${key}:`, 'm').test(text));
}

test('the file with every key, from which tests take one mistake after another, lacks no key', () => {
  expect(keysMissingIn(EVERY_KEY)).toEqual([]);
});

test('policy.example.yml shows every key, and the keys that are commented out in it are right as well', () => {
  const text = readFileSync('policy.example.yml', 'utf8');
  expect(keysMissingIn(text)).toEqual([]);
  const all = text.replace(/^( *)# (- name| +[a-z-]+:|reason:)/gm, '$1$2');
  expect(all).toMatch(/^ {2}- name: on call$/m);
  expect(readPolicy(Buffer.from(all), 'policy.example.yml')).toMatchObject({ ok: true });
});

test('the first line of sandbox/policy.yml names the schema too', () => {
  const [first] = readFileSync('sandbox/policy.yml', 'utf8').split('\n');
  expect(first).toBe('# yaml-language-server: $schema=../policy.schema.json');
});

test.each(['policy.example.yml', 'sandbox/policy.yml'])('%s keeps to the schema', (file) => {
  validate(parse(readFileSync(file, 'utf8')));
  expect(validate.errors).toBeNull();
});

test.each([
  ['an unknown key', 'notes: x'],
  ['a duration without a unit', 'limits: { unanswered: 90 }'],
  ['a person by name', 'admins: [jane]'],
])('an editor with the schema marks %s', (_, line) => {
  const file = `version: 1\ndirectories: { d-00000001: {} }\nrules: [{ name: a, target: own, ask: [admins] }]\n`;
  const admins = line.startsWith('admins') ? '' : 'admins: [U0ADMIN]\n';
  expect(validate(parse(`${file}${admins}`)) || !admins).toBe(true);
  expect(validate(parse(`${file}${admins}${line}\n`))).toBe(false);
});
