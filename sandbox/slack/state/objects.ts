/** Writes messages and views in the form in which API answers and payloads carry them. */
import type { ViewRecord } from './board.js';
import type { Message } from './conversations.js';
import type { Town } from './town.js';

/** A message as Slack's message object. */
export function messageObject(town: Town, message: Message): Record<string, unknown> {
  const { app, team } = town.world;
  const fromApp = message.user === app.botUserId;
  return {
    type: 'message',
    user: message.user,
    ts: message.ts,
    text: message.text,
    team: team.id,
    ...(fromApp ? { bot_id: app.botId, app_id: app.appId, bot_profile: botProfile(town) } : {}),
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
    ...(message.attachments === undefined ? {} : { attachments: message.attachments }),
    ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    ...(message.metadata === undefined ? {} : { metadata: message.metadata }),
    ...(message.editedTs === undefined ? {} : { edited: { user: message.user, ts: message.editedTs } }),
  };
}

function botProfile(town: Town): Record<string, unknown> {
  const { app, team } = town.world;
  return {
    id: app.botId,
    app_id: app.appId,
    name: app.name ?? 'workspace-ssh',
    deleted: false,
    team_id: team.id,
  };
}

/** A view as Slack's view object, with the values that the person entered. */
export function viewObject(town: Town, record: ViewRecord): Record<string, unknown> {
  const { app, team } = town.world;
  const { view } = record;
  const ofModal =
    view.type === 'modal'
      ? {
          title: view.title,
          close: view.close ?? null,
          submit: view.submit ?? null,
          clear_on_close: view.clear_on_close ?? false,
          notify_on_close: view.notify_on_close ?? false,
        }
      : {};
  return {
    id: record.id,
    team_id: team.id,
    type: view.type,
    blocks: view.blocks,
    private_metadata: view.private_metadata ?? '',
    callback_id: view.callback_id ?? '',
    external_id: view.external_id ?? '',
    state: { values: record.values },
    hash: record.hash,
    ...ofModal,
    previous_view_id: record.previousId,
    root_view_id: record.rootId,
    app_id: app.appId,
    app_installed_team_id: team.id,
    bot_id: app.botId,
  };
}
