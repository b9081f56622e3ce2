/**
 * Keeps a Socket Mode connection up for as long as the process lives. The SDK's own reconnecting begins only after 5 s,
 * and a token that is refused meanwhile is an unhandled rejection there. That would end the process, and with the
 * process the closing of access.
 */
import type { SocketModeClient } from '@slack/socket-mode';
import type { Log } from '../../workflow/ports.js';
import { sleep } from './sleep.js';
import type { Tokens } from './tokens.js';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const LONGEST_START_MS = 30_000;
const LONGEST_CLOSE_MS = 2_000;

/** A connection that {@link keepConnected} keeps up. */
export interface Line {
  connected(): boolean;
  /** Resolves once the signal has aborted and the connection is down, or 2 s later. */
  closed: Promise<void>;
}

/** Connects, and connects anew after each loss, until `signal` aborts. */
export function keepConnected(client: SocketModeClient, tokens: Tokens, log: Log, signal: AbortSignal): Line {
  let up = false;
  let lost: (() => void) | undefined;
  outliveFrames(client, log);
  client.on('disconnected', () => {
    up = false;
    lost?.();
  });

  async function run(): Promise<void> {
    let waitMs = FIRST_WAIT_MS;
    while (!signal.aborted) {
      try {
        // The listener is there before the start, so that a connection which drops at once is noticed.
        const down = new Promise<void>((resolve) => {
          lost = resolve;
        });
        await startedInTime(client);
        if (signal.aborted) break;
        up = true;
        waitMs = FIRST_WAIT_MS;
        tokens.noteAccepted('SLACK_APP_TOKEN');
        log.info({}, 'connected to Slack over Socket Mode');
        await Promise.race([down, aborted(signal)]);
        if (!signal.aborted) log.info({}, 'Slack closed the connection; connecting again');
      } catch (cause) {
        up = false;
        if (!tokens.noteRefusal('SLACK_APP_TOKEN', cause)) {
          log.warn(
            { err: cause ?? new Error('the connection failed'), waitMs },
            'no connection to Slack; trying again',
          );
        }
        await sleep(waitMs * (0.75 + Math.random() / 2), signal);
        waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
      }
    }
    const closed = new AbortController();
    await Promise.race([client.disconnect(), sleep(LONGEST_CLOSE_MS, closed.signal)]);
    closed.abort();
  }

  return { connected: () => up, closed: run() };
}

/**
 * The SDK takes each frame for a whole envelope, and reads it where nobody catches: a frame such as `null` would end the
 * process.
 */
function outliveFrames(client: SocketModeClient, log: Log): void {
  for (const read of client.listeners('ws_message')) {
    client.off('ws_message', read);
    client.on('ws_message', async (...frame) => {
      try {
        await read(...frame);
      } catch (cause) {
        log.warn({ err: cause }, 'Slack sent what is no envelope; left out');
      }
    });
  }
}

/** Rejects where Slack does not say hello in time: nothing would ever come over such a connection. */
async function startedInTime(client: SocketModeClient): Promise<void> {
  const tooSlow = new AbortController();
  const slow = sleep(LONGEST_START_MS, tooSlow.signal).then(() => {
    if (!tooSlow.signal.aborted) throw new Error('Slack did not say hello');
  });
  try {
    await Promise.race([client.start(), slow]);
  } finally {
    tooSlow.abort();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
