/** Says how the pretend Slack behaves, so that a test can make it slow, strict or broken. */
import type { SlackFault } from './faults.js';

/** Slack's documented rates as token buckets. */
export interface SlackRates {
  /** `false` lets every call through. */
  enabled: boolean;
  /** For `chat.postMessage` in one channel: the tokens that come back each second, and the size of the bucket. */
  postPerSecond: number;
  postBurst: number;
  /** Calls of one method in a minute. */
  tier2: number;
  tier3: number;
  tier4: number;
}

/** Every value may be changed while the pretend Slack runs. */
export interface SlackSettings {
  ackTimeoutMs: number;
  triggerLifeMs: number;
  /** How long each API answer takes, milliseconds. */
  latencyMs: number;
  rates: SlackRates;
  /** An outage of the API: connections are cut (Socket Mode too), every answer is a 500, or there is no answer. */
  down: 'no' | 'refused' | '500' | 'hang';
  faults: SlackFault[];
  /** The waits before an event without an acknowledgement is sent again, milliseconds. */
  eventRetryDelaysMs: number[];
  /** Whether the app gets events for its own messages and edits in DMs, as Slack sends them; default true. */
  ownMessageEvents: boolean;
  /** The time between two pings on a Socket Mode connection, milliseconds. */
  pingIntervalMs: number;
}

/** The numbers that Slack documents, and guesses for the rest. */
export function defaultSettings(): SlackSettings {
  return {
    ackTimeoutMs: 3000,
    triggerLifeMs: 3000,
    latencyMs: 0,
    rates: { enabled: true, postPerSecond: 1, postBurst: 4, tier2: 20, tier3: 50, tier4: 100 },
    down: 'no',
    faults: [],
    eventRetryDelaysMs: [1000, 60_000, 300_000],
    ownMessageEvents: true,
    pingIntervalMs: 5000,
  };
}
