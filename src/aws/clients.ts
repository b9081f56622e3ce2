/** The AWS clients, and the one way to call AWS: with a deadline, and with faults sorted into outages and others. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DirectoryServiceClient } from '@aws-sdk/client-directory-service';
import { EC2Client } from '@aws-sdk/client-ec2';
import { WorkSpacesClient } from '@aws-sdk/client-workspaces';
import { AwsUnavailable } from '../workflow/ports.js';

/** The options of the SDK's `send`. */
interface Within {
  abortSignal: AbortSignal;
}

/**
 * Clients for reading, which the SDK tries three times within the deadline, and for writing, which it tries once:
 * EC2's Authorize has no client token, so only the caller can tell a repeated success from somebody else's rule.
 */
export interface AwsClients extends AwsTime {
  read: { ec2: EC2Client; workspaces: WorkSpacesClient; directory: DirectoryServiceClient };
  write: { ec2: EC2Client; workspaces: WorkSpacesClient };
  /** {@link callAws} with the deadline of these clients. */
  call<T>(work: (within: Within) => Promise<T>): Promise<T>;
  /** Closes the connections that are kept open. */
  close(): void;
}

/** Where AWS is and who asks it, in place of the SDK's own environment variables. */
export interface AwsPlace {
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

/** Time, as it passes between the calls of one change. */
export interface AwsTime {
  /** Epoch milliseconds. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

const REAL_TIME: AwsTime = { now: Date.now, sleep: (ms) => sleep(ms) };

/**
 * Makes the clients. Unless they are given, credentials and endpoints come from the SDK's own environment variables
 * (`AWS_ENDPOINT_URL_EC2`, `_WORKSPACES`, `_DIRECTORY_SERVICE`, then `AWS_ENDPOINT_URL`). The SDK is given no logger.
 *
 * @param options.awsTimeoutMs how long one call may take, retries included; 10 s by default
 */
export function createAwsClients(
  options: { region: string; awsTimeoutMs?: number; time?: AwsTime } & AwsPlace,
): AwsClients {
  const { awsTimeoutMs = 10_000, time = REAL_TIME, ...place } = options;
  // A host that drops packets must leave time for a second attempt.
  const requestHandler = { connectionTimeout: Math.ceil(awsTimeoutMs / 3) };
  const forReads = { ...place, maxAttempts: 3, requestHandler };
  const forWrites = { ...place, maxAttempts: 1, requestHandler };
  const read = {
    ec2: new EC2Client(forReads),
    workspaces: new WorkSpacesClient(forReads),
    directory: new DirectoryServiceClient(forReads),
  };
  const write = { ec2: new EC2Client(forWrites), workspaces: new WorkSpacesClient(forWrites) };
  // `markNoAnswer` wraps the connection and the reading of the answer, inside the SDK's retries.
  const atTheWire = { step: 'deserialize', priority: 'high', name: 'markNoAnswer' } as const;
  read.ec2.middlewareStack.add(markNoAnswer, atTheWire);
  read.workspaces.middlewareStack.add(markNoAnswer, atTheWire);
  read.directory.middlewareStack.add(markNoAnswer, atTheWire);
  write.ec2.middlewareStack.add(markNoAnswer, atTheWire);
  write.workspaces.middlewareStack.add(markNoAnswer, atTheWire);
  return {
    ...time,
    read,
    write,
    call: (work) => callAws(work, awsTimeoutMs),
    close() {
      for (const client of [...Object.values(read), ...Object.values(write)]) client.destroy();
    },
  };
}

/** No answer that could be understood. The SDK finds in the cause whether a read is worth another attempt. */
class NoAnswer extends Error {
  override name = 'NoAnswer';
}

/** Marks errors of the wire that are no answer of AWS: further out such errors could only be guessed. */
const markNoAnswer =
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
 * Runs one call to AWS and gives up on the call after `deadlineMs`. The call may still take effect at AWS then.
 *
 * @throws AwsUnavailable, with the cause, where trying again is right: throttling, 5xx, no answer, no connection,
 * no credentials to be had. Everything else is thrown as the SDK threw it.
 */
export async function callAws<T>(work: (within: Within) => Promise<T>, deadlineMs: number): Promise<T> {
  const deadline = new AbortController();
  const message = `AWS did not answer within ${deadlineMs} ms`;
  const late = new AwsUnavailable(message, { cause: new NoAnswer(message), unanswered: true });
  let timer: NodeJS.Timeout | undefined;
  // The SDK looks up credentials without minding the signal, so the deadline races it.
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
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

/** AWS's code of an error, such as `InvalidPermission.Duplicate`; the SDK puts it in the error's name. */
export function awsCode(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

const THROTTLED = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'PriorRequestNotComplete',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
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

/** Whether a write that failed like this may have taken effect all the same: its answer was lost, or never came. */
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
  return statusOf(error) === 429 || isServerError(error);
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

/** Every item of a list that AWS hands out page by page. */
export async function allPages<T>(
  readPage: (
    nextToken: string | undefined,
  ) => Promise<{ items: T[] | undefined; nextToken: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  let nextToken: string | undefined;
  do {
    const page = await readPage(nextToken);
    all.push(...(page.items ?? []));
    nextToken = page.nextToken;
  } while (nextToken);
  return all;
}

const SLEEPS_MS = [0, 100, 200, 400, 800, 1600];

/** Tries up to six times in about three seconds, until `accept`: EC2's reads lag behind its writes. */
export async function tryUntil<T>(
  { sleep }: AwsTime,
  attempt: () => Promise<T>,
  accept: (seen: T) => boolean,
): Promise<boolean> {
  for (const sleepMs of SLEEPS_MS) {
    await sleep(sleepMs);
    if (accept(await attempt())) return true;
  }
  return false;
}
