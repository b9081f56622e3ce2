/** How the pretend Slack behaves, so that a test can make it slow, strict or broken. */
import type { SlackFault } from './faults.js';

/** Slack's documented rates, as token buckets; `enabled: false` lets everything through. */
export interface SlackRates {
  enabled: boolean;
  /** `chat.postMessage` a channel: tokens that come back each second, and how many may be saved up. */
  postPerSecond: number;
  postBurst: number;
  /** Calls a minute and method. */
  tier2: number;
  tier3: number;
  tier4: number;
}

/** How this Slack behaves; every value may be changed while it runs. */
export interface SlackSettings {
  ackTimeoutMs: number;
  triggerLifeMs: number;
  /** How long each API answer takes. */
  latencyMs: number;
  rates: SlackRates;
  /** An outage of the API: connections cut, every answer a 500, or no answer at all. `refused` also cuts Socket Mode. */
  down: 'no' | 'refused' | '500' | 'hang';
  faults: SlackFault[];
  /** Waits before an event that was not acknowledged is sent again. */
  eventRetryDelaysMs: number[];
  /** Slack tells an app of its own messages and edits in its DMs too; default true. */
  ownMessageEvents: boolean;
  /** Between the pings that Slack sends on each Socket Mode connection. */
  pingIntervalMs: number;
}

/** Slack's own numbers, where it documents them. */
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
