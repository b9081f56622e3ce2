/** The clients of EC2, WorkSpaces and Directory Service, with the deadline, the pace and the count of their calls. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DirectoryServiceClient } from '@aws-sdk/client-directory-service';
import { EC2Client } from '@aws-sdk/client-ec2';
import { WorkSpacesClient } from '@aws-sdk/client-workspaces';
import { AwsUnavailable } from '../workflow/ports.js';
import { callAws, failureOf, markNoAnswer, nameRefusal, type Within } from './faults.js';
import { createPacer, isRateExceeded, Paced, type Pacer, type TakeShared } from './pacer.js';

/**
 * Clients for reading, which the SDK tries three times within the deadline, and for writing, which it tries once:
 * EC2's Authorize has no client token, so only the caller can tell a repeated success from somebody else's rule.
 */
export interface AwsClients extends AwsTime {
  read: { ec2: EC2Client; workspaces: WorkSpacesClient; directory: DirectoryServiceClient };
  write: { ec2: EC2Client; workspaces: WorkSpacesClient };
  /** {@link callAws} with the deadline of these clients. */
  call<T>(work: (within: Within) => Promise<T>): Promise<T>;
  /**
   * Makes a call that ends access. Its deadline begins when EC2's rate lets the call be made, however late that is. A call
   * that EC2 refuses for its rate alone is made again at its next turn, up to {@link REPEATS} times.
   * @param heldUp is called again and again while EC2's rate keeps the call waiting
   */
  callInTurn<T>(action: EndingAction, work: (within: Within) => Promise<T>, heldUp?: () => void): Promise<T>;
  /** Makes a read that can wait leave the action's calls to ends for a while. */
  spare: Pacer['spare'];
  /** Lets no call wait for EC2's rate any more: a call that waits fails with AwsUnavailable. */
  stopWaiting(): void;
  /** Closes the connections to AWS, and lets no call wait any more. */
  close(): void;
}

/** Where AWS is and who asks it, in place of the SDK's own environment variables. */
export interface AwsPlace {
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

/** The actions that end access. They go through {@link AwsClients.callInTurn} alone, and an alert counts those that fail. */
export const ENDING_ACTIONS = ['RevokeSecurityGroupIngress'] as const;
type EndingAction = (typeof ENDING_ACTIONS)[number];
/** The SDK's attempts of these actions do not wait: {@link AwsClients.callInTurn} has waited before the deadline began. */
const ENDING: ReadonlySet<string> = new Set(ENDING_ACTIONS);
/**
 * Actions that fail instead of waiting for their turn, since they go by a look that must be fresh: an authorize by the time
 * until which it may take effect, and a change of an interface by the list of groups, which it replaces as a whole.
 */
const PROMPT = new Set(['AuthorizeSecurityGroupIngress', 'ModifyNetworkInterfaceAttribute']);
/** How often a call that EC2 refuses for its rate is made again before the end fails, and reads its group anew. */
const REPEATS = 3;

/** Is called for each attempt that was sent, with how it went. */
export type Called = (operation: string, outcome: 'answered' | ReturnType<typeof failureOf>) => void;

/** The clock, and how to wait. Tests hand in their own. */
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
 * @param options.rate how many times EC2's documented rates the account has; 1 by default
 * @param options.called hears of each attempt that is sent, by its operation, such as `DescribeSecurityGroups`
 * @param options.takeShared the buckets that replicas share; without it this process counts alone
 */
export function createAwsClients(
  options: {
    region: string;
    awsTimeoutMs?: number;
    time?: AwsTime;
    rate?: number;
    takeShared?: TakeShared;
    called?: Called;
  } & AwsPlace,
): AwsClients {
  const {
    awsTimeoutMs = 10_000,
    time = REAL_TIME,
    rate = 1,
    takeShared,
    called = () => {},
    ...place
  } = options;
  const pacer = createPacer({ time, rate, takeShared });
  // A third of the deadline to connect leaves time for a second attempt where a host drops packets.
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
  // `counted` stands inside of `inPace`: it counts attempts that were sent, and none that only waited for its turn.
  const nextToTheWire = { ...atTheWire, name: 'counted' };
  // `nameRefusal` wraps all of the SDK's attempts.
  const outermost = { step: 'initialize', priority: 'high', name: 'nameRefusal' } as const;
  // `inPace` makes each of the SDK's attempts wait for its turn, for half of the deadline at most.
  const eachAttempt = { step: 'finalizeRequest', priority: 'low', name: 'inPace' } as const;
  for (const ec2 of [read.ec2, write.ec2]) {
    ec2.middlewareStack.add(counted(called), nextToTheWire);
    ec2.middlewareStack.add(markNoAnswer, atTheWire);
    ec2.middlewareStack.add(inPace(pacer, awsTimeoutMs / 2), eachAttempt);
    ec2.middlewareStack.add(nameRefusal('ec2'), outermost);
  }
  for (const workspaces of [read.workspaces, write.workspaces]) {
    workspaces.middlewareStack.add(counted(called), nextToTheWire);
    workspaces.middlewareStack.add(markNoAnswer, atTheWire);
    workspaces.middlewareStack.add(nameRefusal('workspaces'), outermost);
  }
  read.directory.middlewareStack.add(counted(called), nextToTheWire);
  read.directory.middlewareStack.add(markNoAnswer, atTheWire);
  read.directory.middlewareStack.add(nameRefusal('ds'), outermost);
  return {
    ...time,
    read,
    write,
    call: (work) => callAws(work, awsTimeoutMs),
    async callInTurn(action, work, heldUp) {
      for (let repeats = 0; ; repeats += 1) {
        try {
          await pacer.turn(action, { isFirst: repeats > 0, ...(heldUp ? { heldUp } : {}) });
          return await callAws(work, awsTimeoutMs);
        } catch (error) {
          if (error instanceof Paced) throw new AwsUnavailable(error.message, { cause: error });
          if (!isRateExceeded(causeOf(error)) || repeats === REPEATS) throw error;
        }
      }
    },
    spare: pacer.spare,
    stopWaiting: pacer.stop,
    close() {
      pacer.stop();
      for (const client of [...Object.values(read), ...Object.values(write)]) client.destroy();
    },
  };
}

/** Counts an attempt once it was answered, or has failed. */
const counted =
  (called: Called) =>
  <Asked, Answer>(next: (asked: Asked) => Promise<Answer>, { commandName = '' }: { commandName?: string }) =>
  async (asked: Asked): Promise<Answer> => {
    const operation = commandName.replace(/Command$/, '');
    try {
      const answer = await next(asked);
      called(operation, 'answered');
      return answer;
    } catch (error) {
      called(operation, failureOf(error));
      throw error;
    }
  };

/** Makes an attempt wait for its turn, unless {@link AwsClients.callInTurn} has waited for the turn already. */
const inPace =
  (pacer: Pacer, withinMs: number) =>
  <Asked, Answer>(next: (asked: Asked) => Promise<Answer>, { commandName = '' }: { commandName?: string }) =>
  async (asked: Asked): Promise<Answer> => {
    const action = commandName.replace(/Command$/, '');
    if (!ENDING.has(action)) await pacer.turn(action, { withinMs: PROMPT.has(action) ? 0 : withinMs });
    return pacer.watch(action, () => next(asked));
  };

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
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

/**
 * Tries up to six times in about three seconds, since EC2's reads lag behind its writes.
 * @returns whether `accept` took what an attempt showed
 */
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
