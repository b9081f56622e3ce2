/** Builds the payload of each thing that a person does, field by field as Slack does. */

import type { Element } from '../block-kit/blocks.js';
import type { ViewRecord } from '../state/board.js';
import type { Message } from '../state/conversations.js';
import { messageObject, viewObject } from '../state/objects.js';
import type { Town } from '../state/town.js';
import { type StateValue, valuesOf } from '../state/values.js';
import type { SlackUser } from '../world.js';

/** Escapes a typed command or message and marks up its mentions and links, as Slack does before sending it. */
export function asSent(typed: string, town: Town): string {
  const escaped = typed.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped
    .replace(/(?<![\w.@])@([\w.-]*\w)/g, (whole, name: string) => {
      const user = town.world.users.find((u) => u.name === name);
      const group = town.world.userGroups.find((g) => g.handle === name);
      if (user) return `<@${user.id}|${user.name}>`;
      if (group) return `<!subteam^${group.id}|@${group.handle}>`;
      return ['here', 'channel', 'everyone'].includes(name) ? `<!${name}>` : whole;
    })
    .replace(/(?<![\w&])#([\w-]+)/g, (whole, name: string) => {
      const channel = town.world.channels.find((c) => c.name === name);
      return channel ? `<#${channel.id}|${channel.name}>` : whole;
    })
    .replace(/(?<![\w<])(https?:\/\/[^\s<>|]+)/g, '<$1>')
    .replace(/(?<![\w<:|@/.])([\w.+-]+@[\w-]+\.[\w.]*\w)/g, '<mailto:$1|$1>');
}

export function commandPayload(
  town: Town,
  user: SlackUser,
  typed: { command: string; text: string; channel: { id: string; name: string } },
): Record<string, unknown> {
  const { app, team } = town.world;
  return {
    token: 'verification-token',
    team_id: team.id,
    team_domain: team.domain,
    channel_id: typed.channel.id,
    channel_name: typed.channel.name,
    user_id: user.id,
    user_name: user.name,
    command: typed.command,
    text: app.shouldEscape === false ? typed.text : asSent(typed.text, town),
    api_app_id: app.appId,
    is_enterprise_install: 'false',
    response_url: town.newResponseUrl({ channel: typed.channel.id, userId: user.id }),
    trigger_id: town.triggers.create(user.id),
  };
}

/** The fields of every interactive payload. */
function interaction(town: Town, user: SlackUser): Record<string, unknown> {
  const { app, team } = town.world;
  return {
    user: { id: user.id, username: user.name, name: user.name, team_id: team.id },
    api_app_id: app.appId,
    token: 'verification-token',
    team: { id: team.id, domain: team.domain },
    enterprise: null,
    is_enterprise_install: false,
  };
}

export function shortcutPayload(town: Town, user: SlackUser, callbackId: string): Record<string, unknown> {
  return {
    type: 'shortcut',
    ...interaction(town, user),
    callback_id: callbackId,
    action_ts: town.conversations.nextTs(),
    trigger_id: town.triggers.create(user.id),
  };
}

/** One entry of `actions`. */
export function actionOf(
  town: Town,
  element: Element,
  blockId: string,
  chosen: Partial<StateValue>,
): Record<string, unknown> {
  const button =
    element.type === 'button'
      ? {
          text: element.text,
          ...(element.value === undefined ? {} : { value: element.value }),
          ...styleOf(element),
        }
      : {};
  return {
    ...button,
    ...('placeholder' in element && element.placeholder ? { placeholder: element.placeholder } : {}),
    ...chosen,
    type: element.type,
    action_id: element.action_id ?? '',
    block_id: blockId,
    action_ts: town.conversations.nextTs(),
  };
}

const styleOf = (element: { style?: string | undefined }) =>
  element.style === undefined ? {} : { style: element.style };

export function messageActionPayload(
  town: Town,
  user: SlackUser,
  message: Message,
  action: Record<string, unknown>,
): Record<string, unknown> {
  const channel = town.conversations.find(message.channel);
  const ephemeral = message.ephemeralTo !== undefined;
  return {
    type: 'block_actions',
    ...interaction(town, user),
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: message.channel,
      is_ephemeral: ephemeral,
    },
    trigger_id: town.triggers.create(user.id),
    channel: { id: message.channel, name: channel?.name ?? 'directmessage' },
    // Slack does not keep ephemeral messages, so it cannot send one with the payload.
    ...(ephemeral ? {} : { message: messageObject(town, message) }),
    state: { values: valuesOf(message.blocks) },
    response_url: town.newResponseUrl({
      channel: message.channel,
      userId: user.id,
      origin: { channel: message.channel, ts: message.ts },
    }),
    actions: [action],
  };
}

export function viewActionPayload(
  town: Town,
  user: SlackUser,
  record: ViewRecord,
  action: Record<string, unknown>,
): Record<string, unknown> {
  return {
    type: 'block_actions',
    ...interaction(town, user),
    container: { type: 'view', view_id: record.id },
    trigger_id: town.triggers.create(user.id, record.id),
    view: viewObject(town, record),
    actions: [action],
  };
}

export function suggestionPayload(
  town: Town,
  user: SlackUser,
  record: ViewRecord,
  asked: { blockId: string; actionId: string; query: string },
): Record<string, unknown> {
  return {
    type: 'block_suggestion',
    ...interaction(town, user),
    container: { type: 'view', view_id: record.id },
    view: viewObject(town, record),
    block_id: asked.blockId,
    action_id: asked.actionId,
    value: asked.query,
  };
}

export function submissionPayload(town: Town, user: SlackUser, record: ViewRecord): Record<string, unknown> {
  return {
    type: 'view_submission',
    ...interaction(town, user),
    trigger_id: town.triggers.create(user.id, record.id),
    view: viewObject(town, record),
    response_urls: [],
  };
}

export function closedPayload(
  town: Town,
  user: SlackUser,
  record: ViewRecord,
  cleared: boolean,
): Record<string, unknown> {
  return {
    type: 'view_closed',
    ...interaction(town, user),
    view: viewObject(town, record),
    is_cleared: cleared,
  };
}
