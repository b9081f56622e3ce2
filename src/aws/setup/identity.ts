/** Who the bot is at AWS, and what time it is there. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsPlace } from '../clients.js';
import { callAws, markNoAnswer, nameRefusal } from '../faults.js';

/** The role or user whose credentials the SDK found. */
export interface AwsIdentity {
  /** Such as `arn:aws:sts::123456789012:assumed-role/workspace-ssh/i-0abc`. */
  arn: string;
  accountId: string;
  /**
   * AWS's clock when it answered, epoch milliseconds, give or take half a second: its header `Date` has whole seconds.
   * Undefined where a proxy took the header away.
   */
  atMs?: number;
}

/**
 * Asks STS, which answers everybody whose signature verifies, whatever their permissions.
 * @throws as {@link callAws} does: without credentials, without an answer, and where AWS refuses the signature
 */
export async function whoAmI({
  awsTimeoutMs,
  ...where
}: { region: string; awsTimeoutMs: number } & AwsPlace): Promise<AwsIdentity> {
  const client = new STSClient({ ...where, maxAttempts: 3 });
  let atMs: number | undefined;
  client.middlewareStack.add(markNoAnswer, { step: 'deserialize', priority: 'high', name: 'markNoAnswer' });
  client.middlewareStack.add(nameRefusal('sts'), {
    step: 'initialize',
    priority: 'high',
    name: 'nameRefusal',
  });
  client.middlewareStack.add(
    (next) => async (asked) => {
      const answer = await next(asked);
      atMs = dateOf(answer.response);
      return answer;
    },
    { step: 'deserialize', priority: 'low', name: 'readDate' },
  );
  try {
    const { Arn: arn = '', Account: accountId = '' } = await callAws(
      (within) => client.send(new GetCallerIdentityCommand({}), within),
      awsTimeoutMs,
    );
    return { arn, accountId, ...(atMs === undefined ? {} : { atMs }) };
  } finally {
    client.destroy();
  }
}

/** The header `Date` of an HTTP answer, at the middle of its second. */
function dateOf(response: unknown): number | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined;
  const headers = new Map(
    Object.entries(response.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const date = headers.get('date');
  const atMs = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs + 500;
}
