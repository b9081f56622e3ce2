/** The one way to call AWS: with a deadline, and with faults sorted into outages, refusals and others. */
import { AwsRefused, AwsUnavailable } from '../workflow/ports.js';

/** The options of the SDK's `send`. */
export interface Within {
  abortSignal: AbortSignal;
}

/** AWS gave no answer that could be understood. By the cause the SDK decides whether to attempt a read again. */
class NoAnswer extends Error {
  override name = 'NoAnswer';
}

/** Marks errors of the connection that are no answer of AWS, since the callers further out could only guess that. */
export const markNoAnswer =
  <Asked, Answer>(next: (asked: Asked) => Promise<Answer>) =>
  async (asked: Asked): Promise<Answer> => {
    try {
      return await next(asked);
    } catch (error) {
      // The SDK gives every error that AWS answered with a `$fault`.
      if (isObject(error) && '$fault' in error) throw error;
      throw new NoAnswer(describe(error), { cause: error });
    }
  };

/**
 * Names the action of each error that AWS answered and that is not known to pass. A call can be refused for an action
 * that goes with it, as an authorize with tags is for want of `ec2:CreateTags`: then AWS's sentence names that action.
 *
 * @param service the prefix of the service's IAM actions
 */
export const nameRefusal =
  (service: string) =>
  <Asked, Answer>(next: (asked: Asked) => Promise<Answer>, { commandName = '' }: { commandName?: string }) =>
  async (asked: Asked): Promise<Answer> => {
    try {
      return await next(asked);
    } catch (error) {
      if (!(error instanceof Error && '$fault' in error) || isTryAgain(error)) throw error;
      const { name: code, message } = error;
      const said = /not authorized to perform: ([\w-]+:\w+)/.exec(message)?.[1];
      const action = said ?? `${service}:${commandName.replace(/Command$/, '')}`;
      throw new AwsRefused({ action, code, message }, { cause: error });
    }
  };

/**
 * Runs one call to AWS and gives up on the call after `deadlineMs`. The call may still take effect at AWS then.
 *
 * @throws AwsUnavailable, with the cause, for a failure that is known to pass, so that another try is right: throttling,
 * 5xx, no answer, no connection, no credentials to be had. AwsRefused for every other answer of AWS. Everything else is
 * thrown as the SDK threw it.
 */
export async function callAws<T>(work: (within: Within) => Promise<T>, deadlineMs: number): Promise<T> {
  const deadline = new AbortController();
  const message = `AWS did not answer within ${deadlineMs} ms`;
  const late = new AwsUnavailable(message, { unanswered: true });
  let timer: NodeJS.Timeout | undefined;
  // The SDK ignores the signal while it looks up credentials, so the deadline is a race of its own.
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // Most calls are in time: no other fault is made for them.
      late.cause = new NoAnswer(message);
      deadline.abort();
      reject(late);
    }, deadlineMs);
  });
  try {
    return await Promise.race([work({ abortSignal: deadline.signal }), expired]);
  } catch (error) {
    if (error === late || error instanceof AwsUnavailable) throw error;
    if (deadline.signal.aborted) throw late;
    if (isTryAgain(error)) {
      throw new AwsUnavailable(describe(error), { cause: error, unanswered: isUnanswered(error) });
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** How one attempt of a call failed. `throttled`: refused for its rate, or for another call that is under way. */
export function failureOf(error: unknown): 'refused' | 'throttled' | 'unanswered' {
  if (isUnanswered(error)) return 'unanswered';
  return THROTTLED.has(awsCode(error)) || statusOf(error) === 429 ? 'throttled' : 'refused';
}

/** AWS's code of an error, such as `InvalidPermission.Duplicate`; the SDK puts it in the error's name. */
export function awsCode(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** Codes of refusals that had no effect and pass by themselves. */
const THROTTLED = new Set([
  'BandwidthLimitExceeded',
  // Another change of the same resource is under way.
  'ConcurrentTagAccess',
  'OperationInProgressException',
  'TransactionInProgressException',
  'EC2ThrottledException',
  'PriorRequestNotComplete',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  // The bot's own pace: the call was not even made.
  'Paced',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);

const UNANSWERED = new Set([
  'TimeoutError',
  'RequestTimeout',
  'RequestTimeoutException',
  'InternalError',
  'InternalFailure',
  'InternalServerError',
  'ServerException',
  'ServiceException',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'Unavailable',
]);

/** Errors that pass: a role's credentials come back, and the SDK corrects its clock once AWS refused the time. */
const UNSIGNED = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'RequestTimeTooSkewed',
]);

/** Refusals of a signature's time: the next signature is right where the SDK has corrected its clock. */
const SKEWED = new Set([
  'AuthFailure',
  'InvalidSignatureException',
  'RequestInTheFuture',
  'SignatureDoesNotMatch',
]);

/** Errors of connections that the SDK makes for a role's credentials. */
const NO_CONNECTION = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** Whether a write that failed with this error may have taken effect all the same, since only its answer was lost. */
export function mayHaveHappened(error: unknown): boolean {
  return error instanceof AwsUnavailable && error.unanswered;
}

function isUnanswered(error: unknown): boolean {
  // EC2 throttles with a 503.
  if (THROTTLED.has(awsCode(error))) return false;
  return error instanceof NoAnswer || UNANSWERED.has(awsCode(error)) || isServerError(error);
}

function isTryAgain(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof NoAnswer) return true;
  if (THROTTLED.has(error.name) || UNANSWERED.has(error.name) || UNSIGNED.has(error.name)) return true;
  if ('code' in error && typeof error.code === 'string' && NO_CONNECTION.has(error.code)) return true;
  return (
    statusOf(error) === 429 || isServerError(error) || (SKEWED.has(error.name) && isClockCorrected(error))
  );
}

/** True where the SDK took the right time from an answer of AWS. */
function isClockCorrected(error: Error): boolean {
  return '$metadata' in error && isObject(error.$metadata) && error.$metadata.clockSkewCorrected === true;
}

function isServerError(error: unknown): boolean {
  const status = statusOf(error);
  return status !== undefined && status >= 500;
}

function statusOf(error: unknown): number | undefined {
  const answer = isObject(error) && isObject(error.$metadata) ? error.$metadata.httpStatusCode : undefined;
  return typeof answer === 'number' ? answer : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
