/** Who the bot is at Slack, asked for as long as the process lives: a token may be revoked at any time. */
import type { WebClient } from '@slack/web-api';
import type { Log } from '../../workflow/ports.js';
import { sleep } from './sleep.js';
import type { Tokens } from './tokens.js';

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** How soon a token that was revoked is noticed. Slack allows hundreds of auth.test a minute. */
const AGAIN_MS = 60_000;

/** The app, and the workspace that it is installed in, as Slack names them. */
export interface Identity {
  botId?: string;
  botUserId?: string;
  appId?: string;
  teamId?: string;
  /** The Enterprise organization, where the app is installed in all of it. */
  organizationId?: string;
}

/**
 * Asks until `signal` aborts.
 * @returns what Slack answered last; undefined until it has answered once
 */
export function keepKnown(
  client: WebClient,
  tokens: Tokens,
  log: Log,
  signal: AbortSignal,
): () => Identity | undefined {
  let known: Identity | undefined;

  async function run(): Promise<void> {
    let waitMs = FIRST_WAIT_MS;
    while (!signal.aborted) {
      try {
        const identity = await ask(client);
        if (!known) log.info({ ...identity }, 'Slack knows us');
        // Without an answer to bots.info the app that was known stays.
        known = { ...known, ...identity };
        tokens.noteAccepted('SLACK_BOT_TOKEN');
        waitMs = FIRST_WAIT_MS;
        await sleep(AGAIN_MS, signal);
      } catch (cause) {
        if (!tokens.noteRefusal('SLACK_BOT_TOKEN', cause))
          log.warn({ err: cause, waitMs }, 'Slack does not answer auth.test; trying again');
        await sleep(waitMs, signal);
        waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
      }
    }
  }

  void run();
  return () => known;
}

async function ask(client: WebClient): Promise<Identity> {
  const { bot_id: botId, user_id: botUserId, team_id: teamId, ...rest } = await client.auth.test();
  const appId = rest.app_id ?? (botId ? await appOf(client, botId) : undefined);
  const organizationId = rest.is_enterprise_install === true ? rest.enterprise_id : undefined;
  return {
    ...(botId ? { botId } : {}),
    ...(botUserId ? { botUserId } : {}),
    ...(teamId ? { teamId } : {}),
    ...(appId ? { appId } : {}),
    ...(organizationId ? { organizationId } : {}),
  };
}

/** For a bot token auth.test does not always name the app, and bots.info does. */
async function appOf(client: WebClient, bot: string): Promise<string | undefined> {
  const answer = await client.bots.info({ bot }).catch(() => undefined);
  return answer?.bot?.app_id;
}

/** Where a payload says that it comes from. */
export interface Origin {
  appId: string | undefined;
  teamId: string | undefined;
  organizationId: string | undefined;
}

/**
 * Why a payload is not for this bot: one signing secret serves every workspace that an app is installed in. Undefined
 * where it is for this bot, and where Slack has not said yet who the bot is.
 */
export function whyNotForUs(us: Identity | undefined, from: Origin): string | undefined {
  if (us?.appId !== undefined && from.appId !== us.appId)
    return `it is for the app ${from.appId ?? 'without an id'}`;
  if (us?.organizationId !== undefined) {
    return from.organizationId === us.organizationId
      ? undefined
      : `it comes from the organization ${from.organizationId ?? 'without an id'}`;
  }
  if (us?.teamId !== undefined && from.teamId !== us.teamId)
    return `it comes from the workspace ${from.teamId ?? 'without an id'}`;
  return undefined;
}
