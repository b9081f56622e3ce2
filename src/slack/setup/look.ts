/** Reads of Slack that only a set-up needs: what the tokens are for, where the bot may write, who may edit a field. */
import { LogLevel, WebClient } from '@slack/web-api';
import { finalRefusal } from '../connection/refusals.js';
import { politely } from '../connection/slack-busy.js';

/** The bot and its workspace, as Slack knows them. */
export interface SlackIdentity {
  team: string;
  teamId: string;
  /** The bot's name, without `@`. */
  user: string;
  /** Undefined where Slack does not say. */
  appId?: string;
  /** The bot token's scopes; undefined where a proxy took Slack's header away. */
  scopes?: string[];
}

/** A custom field of people's profiles. */
export interface ProfileField {
  label: string;
  /** Such as `user` or `text`. */
  type: string;
  /** Whether people themselves may change the field in Slack. */
  editable: boolean;
}

export interface SlackSetup {
  /** Slack's client with the bot token, for the doctor's looks through the bot's own adapters. */
  client: WebClient;
  identity(): Promise<SlackIdentity>;
  /** Asks for an address for Socket Mode, and connects to nothing. */
  openSocket(appToken: string): Promise<void>;
  /** Slack's code where the bot may not write in the channel, such as `not_in_channel`. Nobody sees a message. */
  channelRefusal(channel: string, nowMs: number): Promise<string | undefined>;
  /** The custom fields of people's profiles, by their ids (`Xf…`). */
  profileFields(): Promise<Map<string, ProfileField>>;
}

/** A trial message that Slack does not take back would be posted after this time: an operator can delete it until then. */
const SCHEDULED_IN_MS = 24 * 60 * 60_000;
const TRY = 'workspace-ssh tried whether it may write here, and could not take this message back.';

/**
 * Every call throws as Slack's client does.
 * @param apiUrl with a slash at its end; Slack's own by default
 */
export function createSlackSetup(botToken: string, apiUrl?: string): SlackSetup {
  const options = {
    ...(apiUrl ? { slackApiUrl: apiUrl } : {}),
    timeout: 10_000,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    // The doctor says which call failed, and Slack's client would warn of the same failure once more.
    logLevel: LogLevel.ERROR,
  };
  const client = new WebClient(botToken, options);
  return {
    client,

    async identity() {
      const answer = await client.auth.test();
      const { team = '', team_id: teamId = '', user = '', bot_id: bot, response_metadata: more } = answer;
      const said = answer.app_id ?? (bot ? await appOf(client, bot) : undefined);
      const scopes = more?.scopes;
      return { team, teamId, user, ...(said ? { appId: said } : {}), ...(scopes ? { scopes } : {}) };
    },

    async openSocket(appToken) {
      await new WebClient(appToken, options).apps.connections.open({});
    },

    async channelRefusal(channel, nowMs) {
      // No call of Slack's says whether the bot may write there. A message that is scheduled for tomorrow and taken back at
      // once shows it, and nobody sees that message.
      const post_at = Math.floor((nowMs + SCHEDULED_IN_MS) / 1_000);
      try {
        const answer = await politely(() => client.chat.scheduleMessage({ channel, text: TRY, post_at }));
        const { channel: where = channel, scheduled_message_id: id = '' } = answer;
        await politely(() =>
          client.chat.deleteScheduledMessage({ channel: where, scheduled_message_id: id }),
        );
        return undefined;
      } catch (cause) {
        const code = finalRefusal(cause);
        if (code === undefined) throw cause;
        return code;
      }
    },

    async profileFields() {
      const { profile } = await politely(() => client.team.profile.get({}));
      return new Map(
        (profile?.fields ?? []).flatMap(({ id, label = '', type = '', options: flags, permissions }) => {
          const isLocked = permissions?.ui === false || isSet(flags?.is_protected) || isSet(flags?.is_scim);
          return id ? [[id, { label, type, editable: permissions?.ui === true || !isLocked }] as const] : [];
        }),
      );
    },
  };
}

/** Slack's flags are booleans, and numbers in older workspaces. */
function isSet(flag: unknown): boolean {
  return flag === true || flag === 1;
}

/** The app's id from bots.info, since auth.test does not always name the app of a bot token. */
async function appOf(client: WebClient, bot: string): Promise<string | undefined> {
  const answer = await client.bots.info({ bot }).catch(() => undefined);
  return answer?.bot?.app_id;
}

/** The id of the app that an app-level token belongs to. The token itself holds the id: `xapp-1-A0APP-…`. */
export function appOfToken(appToken: string): string | undefined {
  return /^xapp-\d+-(A[A-Z0-9]{6,})-/.exec(appToken)?.[1];
}
