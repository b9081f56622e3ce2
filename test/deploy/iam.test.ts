/** The part of IAM's evaluation that judges the policies of deploy/, by examples of AWS's documentation of IAM. */
import { describe, expect, test } from '@jest/globals';
import { type Call, type Context, isAllowed } from './iam.js';

const GROUP = 'arn:aws:ec2:eu-central-1:123456789012:security-group/sg-0a';
const ALL_GROUPS = 'arn:aws:ec2:eu-central-1:123456789012:security-group/*';
const TAGS = 'aws:TagKeys';

const allowing = (parts: object) => ({
  Version: '2012-10-17',
  Statement: [{ Sid: 'One', Effect: 'Allow', Action: 'ec2:CreateTags', Resource: ALL_GROUPS, ...parts }],
});
const call = (context: Context = {}): Call => ['ec2:CreateTags', GROUP, context];
const when = (operator: string, key: string, value: string | string[]) => ({
  Condition: { [operator]: { [key]: value } },
});

describe('IAM', () => {
  test.each<[name: string, parts: object, context: Context, answer: boolean]>([
    ['allows an action of a resource that a statement names', {}, {}, true],
    ['takes an action in any case', { Action: 'EC2:createtags' }, {}, true],
    ['fills a * in an action', { Action: ['ec2:Create*'] }, {}, true],
    ['refuses an action that no statement names', { Action: ['ec2:DeleteTags', 'ec2:Create'] }, {}, false],
    ['takes * for every resource', { Resource: '*' }, {}, true],
    ['refuses another resource', { Resource: [GROUP.replace('sg-0a', 'sg-0b'), `${GROUP}b`] }, {}, false],
    ['refuses another account', { Resource: ALL_GROUPS.replace('123456789012', '210987654321') }, {}, false],
    ['takes a dot for a dot', { Resource: GROUP.replace('sg-0a', 'sg.0a') }, {}, false],
    ['takes one character for ?', { Resource: GROUP.replace('sg-0a', 'sg-0?') }, {}, true],
  ])('%s', async (_, parts, context, answer) => {
    expect(await isAllowed(call(context), [allowing(parts)])).toBe(answer);
  });

  test.each<[operator: string, key: string, wanted: string | string[], context: Context, answer: boolean]>([
    ['StringEquals', 'aws:RequestTag/a', 'b', { 'aws:RequestTag/a': 'b' }, true],
    ['StringEquals', 'AWS:requesttag/A', 'b', { 'aws:RequestTag/a': 'b' }, true],
    ['StringEquals', 'aws:RequestTag/a', ['c', 'b'], { 'aws:RequestTag/a': 'b' }, true],
    ['StringEquals', 'aws:RequestTag/a', 'b', { 'aws:RequestTag/a': 'B' }, false],
    ['StringEquals', 'aws:RequestTag/a', 'b*', { 'aws:RequestTag/a': 'bc' }, false],
    ['StringEquals', 'aws:RequestTag/a', 'b', {}, false],
    ['StringEquals', 'aws:RequestTag/a', 'b', { 'aws:ResourceTag/a': 'b' }, false],
    ['ArnEquals', 'ec2:Vpc', GROUP.replace('sg-0a', '*'), { 'ec2:Vpc': GROUP }, true],
    ['ArnEquals', 'ec2:Vpc', 'arn:aws:ec2:*:*:vpc/*', { 'ec2:Vpc': GROUP }, false],
    ['ArnEquals', 'ec2:Vpc', '*', {}, false],
    ['ForAllValues:StringLike', TAGS, ['a:*', 'Name'], { [TAGS]: ['a:b', 'Name'] }, true],
    ['ForAllValues:StringLike', TAGS, 'a:*', { [TAGS]: ['a:b', 'Name'] }, false],
    ['ForAllValues:StringLike', TAGS, 'a:*', { [TAGS]: [] }, true],
    ['ForAllValues:StringLike', TAGS, 'a:*', {}, true],
    ['Null', TAGS, 'false', { [TAGS]: ['a'] }, true],
    ['Null', TAGS, 'false', {}, false],
    ['Null', TAGS, 'true', {}, true],
  ])('by %s of %s %j, a call with %j: %s', async (operator, key, wanted, context, answer) => {
    expect(await isAllowed(call(context), [allowing(when(operator, key, wanted))])).toBe(answer);
  });

  test('asks for all conditions of a statement, and for one of all statements', async () => {
    const both = {
      Condition: { ...when('StringEquals', 'aws:RequestTag/a', 'b').Condition, Null: { [TAGS]: 'false' } },
    };
    const tagged = call({ 'aws:RequestTag/a': 'b', [TAGS]: ['a'] });
    expect(await isAllowed(tagged, [allowing(both)])).toBe(true);
    expect(await isAllowed(call({ 'aws:RequestTag/a': 'b' }), [allowing(both)])).toBe(false);
    expect(await isAllowed(call(), [allowing(both), allowing({})])).toBe(true);
    expect(await isAllowed(call(), [])).toBe(false);
  });

  test.each<[name: string, parts: object]>([
    ['a statement that denies', { Effect: 'Deny' }],
    ['a statement of all other actions', { NotAction: 'ec2:CreateTags' }],
    ['another operator', when('StringNotEquals', 'aws:RequestTag/a', 'b')],
    ['a variable', { Resource: ALL_GROUPS.replace('*', '$' + '{aws:username}') }],
    ['a resource that is no ARN', { Resource: 'sg-0a' }],
    ['a * for several parts of an ARN', { Resource: 'arn:aws:ec2:*' }],
  ])('is not guessed of a policy with %s', async (_, parts) => {
    await expect(isAllowed(call(), [allowing(parts)])).rejects.toThrow();
  });

  test.each<[name: string, call: Call]>([
    ['an action that AWS does not have', ['ec2:AuthoriseIngress', GROUP, {}]],
    [
      'a resource that the action is not asked about',
      ['ec2:CreateSecurityGroup', `${GROUP.replace('group/', 'table/')}`, {}],
    ],
    ['all resources at once, where an action has some', ['ec2:CreateSecurityGroup', '*', {}]],
    [
      'a context key that AWS does not say of the resource',
      ['ec2:CreateSecurityGroup', GROUP, { 'ec2:Vpc': 'x' }],
    ],
    ['several values for a key that has one', call({ 'aws:RequestTag/a': ['b', 'c'] })],
  ])('is not asked of a call with %s', async (_, wrong) => {
    const policy = allowing({ Action: '*', ...when('StringEquals', 'aws:RequestTag/a', 'b') });
    await expect(isAllowed(wrong, [policy])).rejects.toThrow();
  });
});
