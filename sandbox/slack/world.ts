/** Describes the workspace that the pretend Slack starts from: its people, its channels and the app. */

/** Everything that exists before anybody acts. A change is true in Slack at once, such as a deactivated user. */
export interface SlackWorld {
  team: { id: string; name: string; domain: string };
  users: SlackUser[];
  userGroups: { id: string; handle: string; name: string; users: string[] }[];
  /**
   * `members` are user ids. The bot is in a channel if its `botUserId` is among them. `refuses`: the error by which Slack
   * refuses a post there, such as `restricted_action_read_only_channel`.
   */
  channels: { id: string; name: string; members: string[]; isPrivate?: boolean; refuses?: string }[];
  /** `editable`: people may change the field themselves; default false. */
  profileFields: { id: string; label: string; type: 'user' | 'text'; editable?: boolean }[];
  app: SlackAppSetup;
}

interface SlackAppSetup {
  appId: string;
  name?: string;
  botId: string;
  botUserId: string;
  botToken: string;
  appToken: string;
  signingSecret: string;
  scopes: string[];
  /** With the slash: `/workspace-ssh`. */
  commands: string[];
  shortcuts: { callbackId: string; name: string }[];
  /** Whether Slack escapes the text of commands (`should_escape`); default true. */
  shouldEscape?: boolean;
  /** The bot events that the manifest subscribes to; default `message.im` and `app_home_opened`. */
  events?: string[];
}

export interface SlackUser {
  id: string;
  /** The handle without `@`. */
  name: string;
  realName: string;
  email?: string;
  title?: string;
  /** IANA time zone. */
  tz: string;
  /** Seconds east of UTC. */
  tzOffset: number;
  isBot?: boolean;
  /** Whether the person is a guest (`is_restricted`). */
  isGuest?: boolean;
  isAdmin?: boolean;
  deleted?: boolean;
  /** The error by which Slack refuses the app a conversation with the person; missing where it has one. */
  refuses?: string;
  /** The workspace of a person from a shared channel, who cannot use the app; missing for members. */
  teamId?: string;
  statusText?: string;
  statusEmoji?: string;
  /** The values of profile fields by field id; a user id for a field of type `user`. */
  fields?: Record<string, string>;
}
