/** Describes the workspace that the pretend Slack starts from: its people, its channels and the app. */

/** Everything that exists in the workspace before anybody acts. Mutable while it runs: deactivate a user, change a manager. */
export interface SlackWorld {
  team: { id: string; name: string; domain: string };
  users: SlackUser[];
  userGroups: { id: string; handle: string; name: string; users: string[] }[];
  /** `members` are user ids; the bot is in a channel when its `botUserId` is among them. */
  channels: { id: string; name: string; members: string[]; isPrivate?: boolean }[];
  profileFields: { id: string; label: string; type: 'user' | 'text' }[];
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
  /** Slack's `should_escape` for the commands; default true. */
  shouldEscape?: boolean;
  /** Bot events that the manifest subscribes to; default `message.im` and `app_home_opened`. */
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
  /** `is_restricted`: a guest. */
  isGuest?: boolean;
  isAdmin?: boolean;
  deleted?: boolean;
  /** Another workspace's id makes this a stranger from a shared channel, who cannot use the app. */
  teamId?: string;
  statusText?: string;
  statusEmoji?: string;
  /** Profile field id → value (a user id for a field of type `user`). */
  fields?: Record<string, string>;
}
