/** Slack: whether the tokens are taken, belong together, and allow what the manifest asks for. */
import type { Config } from '../config.js';
import { tokenRefusal } from '../slack/connection/refusals.js';
import { meaningOf, type TokenSetting } from '../slack/connection/tokens.js';
import { appOfToken, type SlackIdentity, type SlackSetup } from '../slack/setup/look.js';
import { type Finding, fail, messageOf, ok, unprovable, warn } from './finding.js';

/** Looks at the tokens, the scopes, and the way in which Slack reaches the bot. `known`: Slack took the bot token. */
export async function lookAtSlack(
  setup: SlackSetup,
  { mode, command }: Config['slack'],
  wantedScopes: readonly string[],
): Promise<{ known: boolean; findings: Finding[] }> {
  let us: SlackIdentity;
  try {
    us = await setup.identity();
  } catch (cause) {
    return { known: false, findings: [refusedToken('slack.bot-token', 'SLACK_BOT_TOKEN', cause)] };
  }
  const findings = [
    ok('slack.bot-token', `Slack knows the bot as @${us.user} in ${us.team} (${us.teamId}).`),
    ...lookAtScopes(us.scopes, wantedScopes),
    ...(mode.kind === 'socket'
      ? await lookAtSocket(setup, mode.appToken, us.appId)
      : [
          unprovable(
            'slack.delivery',
            `Whether Slack reaches the bot over HTTP: the first ${command} shows it. The app's request URLs end with /slack/events.`,
          ),
        ]),
    unprovable(
      'slack.command',
      `Whether the app has the command ${command}: the first one shows it. SLACK_COMMAND names another.`,
    ),
  ];
  return { known: true, findings };
}

function refusedToken(id: string, setting: TokenSetting, cause: unknown): Finding {
  const code = tokenRefusal(cause);
  if (code === undefined)
    return fail(
      id,
      `Slack gave no answer to ${setting}: ${messageOf(cause)}.`,
      'Look whether this machine reaches slack.com, or what SLACK_API_URL names.',
    );
  const meaning = meaningOf(code);
  return fail(id, `Slack refuses ${setting} (${code}).`, `${meaning[0]?.toUpperCase()}${meaning.slice(1)}.`);
}

function lookAtScopes(granted: string[] | undefined, wanted: readonly string[]): Finding[] {
  const id = 'slack.scopes';
  if (!granted) return [unprovable(id, 'Slack did not say which scopes SLACK_BOT_TOKEN has.')];
  const missing = wanted.filter((scope) => !granted.includes(scope));
  const more = granted.filter((scope) => !wanted.includes(scope));
  const install =
    'update the app from manifest.yml and install it again; a token keeps its scopes until then.';
  if (missing.length > 0)
    return [
      fail(
        id,
        `SLACK_BOT_TOKEN has not the scopes ${missing.join(', ')}.`,
        `At api.slack.com/apps ${install}`,
      ),
    ];
  if (more.length > 0)
    return [
      warn(
        id,
        `SLACK_BOT_TOKEN has scopes that the bot does not need: ${more.join(', ')}.`,
        `At api.slack.com/apps take them out: ${install}`,
      ),
    ];
  return [ok(id, 'SLACK_BOT_TOKEN has the scopes of manifest.yml, and no others.')];
}

async function lookAtSocket(
  setup: SlackSetup,
  appToken: string,
  appId: string | undefined,
): Promise<Finding[]> {
  const id = 'slack.app-token';
  const its = appOfToken(appToken);
  if (its !== undefined && appId !== undefined && its !== appId)
    return [
      fail(
        id,
        `SLACK_APP_TOKEN is for the app ${its}, and SLACK_BOT_TOKEN for ${appId}.`,
        'Copy both from the same app at api.slack.com/apps.',
      ),
    ];
  try {
    await setup.openSocket(appToken);
  } catch (cause) {
    return [refusedToken(id, 'SLACK_APP_TOKEN', cause)];
  }
  return [
    ok(id, 'Slack takes SLACK_APP_TOKEN: the bot connects with Socket Mode, and needs no public address.'),
  ];
}
