/** Who the bot is at AWS, and what time it is there. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsPlace } from '../clients.js';
import { callAws, markNoAnswer, nameRefusal } from '../faults.js';

/** The role or user whose credentials the SDK found. */
export interface AwsIdentity {
  /** Such as `arn:aws:sts::123456789012:assumed-role/workspace-ssh/i-0abc`. */
  arn: string;
  accountId: string;
  /** Undefined where a proxy took the header `Date` away. */
  clock?: ClockSeen;
}

/** By how much another clock is ahead of this machine's, give or take `uncertainMs`. */
export interface ClockSeen {
  offMs: number;
  uncertainMs: number;
}

/** The header `Date` has whole seconds: the answer came at their middle, give or take so much. */
const HALF_A_SECOND_MS = 500;

/**
 * Asks STS, which answers everybody whose signature verifies, whatever their permissions.
 * @param now this machine's clock, epoch milliseconds
 * @throws as {@link callAws} does: without credentials, without an answer, and where AWS refuses the signature
 */
export async function whoAmI(
  { awsTimeoutMs, ...where }: { region: string; awsTimeoutMs: number } & AwsPlace,
  now: () => number,
): Promise<AwsIdentity> {
  const client = new STSClient({ ...where, maxAttempts: 3 });
  let clock: ClockSeen | undefined;
  client.middlewareStack.add(markNoAnswer, { step: 'deserialize', priority: 'high', name: 'markNoAnswer' });
  client.middlewareStack.add(nameRefusal('sts'), {
    step: 'initialize',
    priority: 'high',
    name: 'nameRefusal',
  });
  client.middlewareStack.add(
    (next) => async (asked) => {
      const beforeMs = now();
      const answer = await next(asked);
      const tookMs = now() - beforeMs;
      const dateMs = dateOf(answer.response);
      if (dateMs !== undefined)
        clock = {
          offMs: dateMs + HALF_A_SECOND_MS - (beforeMs + tookMs / 2),
          uncertainMs: HALF_A_SECOND_MS + tookMs / 2,
        };
      return answer;
    },
    { step: 'deserialize', priority: 'low', name: 'readClock' },
  );
  try {
    const { Arn: arn = '', Account: accountId = '' } = await callAws(
      (within) => client.send(new GetCallerIdentityCommand({}), within),
      awsTimeoutMs,
    );
    return { arn, accountId, ...(clock ? { clock } : {}) };
  } finally {
    client.destroy();
  }
}

/** The header `Date` of an HTTP answer, epoch milliseconds. */
function dateOf(response: unknown): number | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined;
  const headers = new Map(
    Object.entries(response.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const date = headers.get('date');
  const atMs = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : atMs;
}
