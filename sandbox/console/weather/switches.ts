/** Lists the weather that lasts until it is switched off, and says how each is made and judged. */
import { closesAndTells, closesInTime } from './closing.js';
import { type Judge, type Sky, type Span, type Switch, seconds } from './kinds.js';

/** How long Slack waits for an acknowledgement. */
const ACK_MS = 3_000;
const SLOW_MS = 2_000;

/** A bucket that lets a few calls through at once, and then one every other second. */
const TRICKLE = { size: 2, refillPerSecond: 0.5 };

export const SWITCHES: Switch[] = [
  {
    id: 'aws-slow',
    begin: ({ aws }) => {
      aws.settings.latencyMs = SLOW_MS;
    },
    end: ({ aws }) => {
      aws.settings.latencyMs = 0;
    },
    judge: answersSlack,
  },
  {
    id: 'aws-down',
    begin: ({ aws }) => {
      aws.down = true;
    },
    end: ({ aws }) => {
      aws.down = false;
    },
    judge: (sky, span) => closesInTime(sky, span, true),
  },
  throttling(),
  {
    id: 'slack-429',
    begin: ({ slack }) => {
      slack.settings.faults.push({
        method: '*',
        times: Number.POSITIVE_INFINITY,
        kind: '429',
        retryAfterSeconds: 1,
      });
    },
    end: ({ slack }) => {
      slack.settings.faults.length = 0;
    },
    judge: closesAndTells,
  },
  {
    id: 'redis-gone',
    begin: ({ redis }) => {
      redis.down = true;
    },
    end: ({ redis }) => {
      redis.down = false;
    },
    judge: (sky, span) => closesInTime(sky, span, false),
  },
  {
    id: 'bot-killed',
    begin: ({ keeper }) => keeper.kill(),
    end: ({ keeper }) => keeper.start(),
    judge: (sky, span) => closesInTime(sky, span, true),
  },
];

function throttling(): Switch {
  let before: Sky['aws']['settings']['buckets'] | undefined;
  return {
    id: 'aws-throttled',
    begin({ aws }) {
      before = structuredClone(aws.settings.buckets);
      Object.assign(aws.settings.buckets, { mutate: TRICKLE, modifyInterface: TRICKLE, describe: TRICKLE });
    },
    end({ aws }) {
      Object.assign(aws.settings.buckets, before);
    },
    judge: (sky, span) => closesInTime(sky, span, true),
  };
}

/** Judges that Slack was answered in time, since no call to AWS may delay an acknowledgement. */
function answersSlack({ slack }: Sky, span: Span): Judge {
  return () => {
    const sent = slack.journal.filter(
      ({ kind, at, by, response }) =>
        kind === 'delivery' &&
        // Nobody waits for the acknowledgement of an event about the bot's own message.
        by !== slack.world.app.botUserId &&
        // Slack reached no bot at all, which slow AWS does not explain.
        failureOf(response) !== 'dispatch_failed' &&
        at >= span.fromMs &&
        at <= (span.toMs ?? Number.POSITIVE_INFINITY),
    );
    if (sent.length === 0) {
      return span.toMs === undefined
        ? { state: 'watching', text: 'Do something in Slack now: open the form, or ask for access.' }
        : { state: 'idle', text: 'Nothing was done in Slack meanwhile.' };
    }
    const slowest = Math.max(...sent.map(({ ms }) => ms));
    const failed = sent.some(({ response }) => failureOf(response) !== undefined);
    const things = sent.length === 1 ? '1 thing' : `${sent.length} things`;
    return failed || slowest > ACK_MS
      ? { state: 'broken', text: `Slack waited ${seconds(slowest)} and gave up.` }
      : { state: 'held', text: `${things} done in Slack, each answered within ${slowest} ms.` };
  };
}

const failureOf = (response: unknown): unknown =>
  typeof response === 'object' && response !== null && 'failure' in response ? response.failure : undefined;
