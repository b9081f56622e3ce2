/** A person with Slack open: turns what they do into payloads, and the app's answers into what they see. */
import { z } from 'zod';
import { reply } from '../api/response-url.js';
import { checkMessageBlocks } from '../block-kit/check.js';
import type { Person } from '../slack-town.js';
import type { OpenView, ViewRecord } from '../state/board.js';
import type { Channel, Message } from '../state/conversations.js';
import type { Delivery } from '../state/mail.js';
import type { Town } from '../state/town.js';
import { sendEvent } from '../wire/events.js';
import type { SlackUser } from '../world.js';
import { fieldProblem } from './field-problem.js';
import { fillFields, pressInView, suggestionsFor } from './form.js';
import {
  actionOf,
  asSent,
  closedPayload,
  commandPayload,
  messageActionPayload,
  shortcutPayload,
  submissionPayload,
} from './payloads.js';
import { chosenIn, confirmationOf, findElement } from './screen.js';
import { applySubmission } from './submission.js';

/** The responses with which an app may acknowledge a command: nothing, a text, or a message. */
const commandReply = z.looseObject({
  text: z.string().optional(),
  blocks: z.unknown().optional(),
  response_type: z.enum(['ephemeral', 'in_channel']).optional(),
});

const SLACKBOT = 'USLACKBOT';

export function createPerson(town: Town, userId: string): Person {
  /** @throws for a person whom Slack would not let in */
  function me(): SlackUser {
    const user = town.user(userId);
    if (!user) throw new Error(`there is no user ${userId}`);
    if (user.deleted) throw new Error(`${user.name} is deactivated and cannot use Slack`);
    if (!town.member(userId)) throw new Error(`${user.name} is of another workspace and cannot use this app`);
    return user;
  }

  function recordOf(view: OpenView): ViewRecord {
    const record = town.board.find({ id: view.id });
    if (!record || record.userId !== userId) throw new Error(`view ${view.id} is not open for ${userId}`);
    return record;
  }

  /** Shows the failure that Slack shows when the app gave no usable answer. */
  function showFailure(command: string, channel: string, delivery: Delivery): Delivery {
    const text = `${command} failed with the error "${delivery.failure}"`;
    town.conversations.post({ channel, user: SLACKBOT, text, blocks: [], ephemeralTo: userId });
    return { ...delivery, ephemeral: text };
  }

  function showReply(command: string, channel: Channel, delivery: Delivery): Delivery {
    if (delivery.response === undefined) return delivery;
    const given = commandReply.safeParse(delivery.response);
    const blocks = checkMessageBlocks(given.success ? (given.data.blocks ?? []) : []);
    if (!given.success || !blocks.ok) {
      const problem = blocks.ok ? 'not a message' : blocks.messages.join('\n');
      return showFailure(command, channel.id, { ...delivery, failure: 'bad_response', problem });
    }
    const { text = '', response_type } = given.data;
    if (text === '' && blocks.value.length === 0) return delivery;
    const inChannel = response_type === 'in_channel';
    reply(town, { channel: channel.id, userId }, { text, blocks: blocks.value, inChannel });
    return inChannel ? delivery : { ...delivery, ephemeral: text };
  }

  return {
    id: userId,

    async command(text, options = {}) {
      const user = me();
      const command = options.command ?? town.world.app.commands[0] ?? '/workspace-ssh';
      const channel =
        options.channel === undefined
          ? town.conversations.dmWith(userId)
          : town.conversations.find(options.channel);
      if (!channel?.members.includes(userId))
        throw new Error(`${user.name} is not in channel ${options.channel}`);
      if (!town.world.app.commands.includes(command)) {
        const ephemeral = `${command} is not a valid command. In Slack, all messages that start with the "/" character are interpreted as commands.`;
        return { acked: false, ackMs: 0, ephemeral };
      }
      const payload = commandPayload(town, user, { command, text: text.trim(), channel });
      const delivery = await town.mail.deliver({
        name: command,
        by: userId,
        kind: 'slash_commands',
        payload,
        wantsResponse: true,
      });
      return delivery.failure
        ? showFailure(command, channel.id, delivery)
        : showReply(command, channel, delivery);
    },

    async shortcut(named) {
      const user = me();
      const shortcut = town.world.app.shortcuts.find((s) => s.callbackId === named || s.name === named);
      if (!shortcut) throw new Error(`the app has no shortcut ${named}`);
      return town.mail.deliver({
        name: shortcut.callbackId,
        by: userId,
        kind: 'interactive',
        payload: shortcutPayload(town, user, shortcut.callbackId),
        wantsResponse: false,
      });
    },

    async say(text, options = {}) {
      const user = me();
      const im = town.conversations.dmWith(userId);
      const channel = options.channel === undefined ? im : town.conversations.find(options.channel);
      if (!channel?.members.includes(userId))
        throw new Error(`${user.name} is not in channel ${options.channel}`);
      // A mention in a message carries no name, unlike one in a command.
      const marked = asSent(text, town).replace(/<@(\w+)\|[^>]+>/g, '<@$1>');
      const message = town.conversations.post({
        channel: channel.id,
        user: userId,
        text: marked,
        blocks: [],
      });
      if (channel !== im) return { acked: false, ackMs: 0, problem: 'message.channels is not subscribed to' };
      return sendEvent(town, 'message.im', userId, {
        type: 'message',
        user: user.id,
        text: marked,
        ts: message.ts,
        client_msg_id: town.id('').toLowerCase(),
        team: town.world.team.id,
        channel: channel.id,
        channel_type: 'im',
        event_ts: message.ts,
      });
    },

    async openHome() {
      const user = me();
      const home = town.board.home(userId);
      return sendEvent(town, 'app_home_opened', userId, {
        type: 'app_home_opened',
        user: user.id,
        channel: town.conversations.dmWith(userId).id,
        tab: 'home',
        event_ts: town.conversations.nextTs(),
        ...(home ? { view: { id: home.id, type: 'home', hash: home.hash } } : {}),
      });
    },

    async press(message, what, choice) {
      const user = me();
      const now = town.conversations.live(message.channel, message.ts);
      if (!now) throw new Error(`message ${message.ts} is gone from ${message.channel}`);
      if (!canSee(town, userId, now)) throw new Error(`${user.name} cannot see message ${message.ts}`);
      // The button is searched in the message that the person saw: Slack delivers clicks on edited messages too.
      const found = findElement(message.blocks, what, town.world);
      const { block, element } = found;
      const chosen = chosenIn(found, choice, town.world);
      const action = actionOf(town, element, block.block_id ?? '', chosen);
      const payload = messageActionPayload(town, user, now, action);
      const delivery = await town.mail.deliver({
        name: 'block_actions',
        by: userId,
        kind: 'interactive',
        payload,
        wantsResponse: false,
      });
      return { ...delivery, ...confirmationOf(element, town.world) };
    },

    views: () => town.board.stack(userId),
    fill: async (view, fields) => fillFields(town, me(), recordOf(view), fields),
    suggestions: async (view, field, query) => suggestionsFor(town, me(), recordOf(view), field, query),
    pressInView: async (view, what, choice) => pressInView(town, me(), recordOf(view), what, choice),

    async submit(view) {
      const user = me();
      const record = recordOf(view);
      if (record.view.type !== 'modal' || !record.view.submit)
        throw new Error('this view has no button to submit it');
      const errors: Record<string, string> = {};
      for (const block of record.view.blocks) {
        if (block.type !== 'input') continue;
        const blockId = block.block_id ?? '';
        const problem = fieldProblem(block, record.values[blockId]?.[block.element.action_id ?? '']);
        if (problem !== undefined) errors[blockId] = problem;
      }
      town.board.showErrors(record, errors);
      if (Object.keys(errors).length > 0) return { acked: false, ackMs: 0, errors };
      const payload = submissionPayload(town, user, record);
      const delivery = await town.mail.deliver({
        name: 'view_submission',
        by: userId,
        kind: 'interactive',
        payload,
        wantsResponse: true,
      });
      return applySubmission(town, record, delivery);
    },

    async close(view) {
      const user = me();
      const record = recordOf(view);
      const notifies = record.view.type === 'modal' && record.view.notify_on_close;
      if (record.view.type === 'modal' && record.view.clear_on_close) town.board.clear(userId);
      else town.board.close(record);
      if (!notifies) return undefined;
      return town.mail.deliver({
        name: 'view_closed',
        by: userId,
        kind: 'interactive',
        payload: closedPayload(town, user, record, false),
        wantsResponse: false,
      });
    },

    home: () => town.board.home(userId),
  };
}

function canSee(town: Town, userId: string, message: Message): boolean {
  if (message.ephemeralTo !== undefined) return message.ephemeralTo === userId;
  return town.conversations.find(message.channel)?.members.includes(userId) ?? false;
}
