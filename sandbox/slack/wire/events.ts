/** Builds Events API envelopes, and sends the app an event for each message in its DM, its own messages included. */

import type { Message } from '../state/conversations.js';
import type { Delivery } from '../state/mail.js';
import { messageObject } from '../state/objects.js';
import type { Town } from '../state/town.js';

/** Sends one event to the app, if the app subscribed to the event and has the scope for it. */
export function sendEvent(
  town: Town,
  name: 'message.im' | 'app_home_opened',
  by: string,
  event: Record<string, unknown>,
): Promise<Delivery> {
  const { app, team } = town.world;
  const unheard = (problem: string): Promise<Delivery> =>
    Promise.resolve({ acked: false, ackMs: 0, problem });
  if (!(app.events ?? ['message.im', 'app_home_opened']).includes(name))
    return unheard(`${name} is not subscribed to`);
  if (name === 'message.im' && !app.scopes.includes('im:history'))
    return unheard('message.im needs im:history');
  const eventTime = Math.floor(Date.now() / 1000);
  return town.mail.deliverEvent({
    name,
    by,
    kind: 'events_api',
    wantsResponse: false,
    payload: {
      token: 'verification-token',
      team_id: team.id,
      api_app_id: app.appId,
      type: 'event_callback',
      event_id: town.id('Ev'),
      event_time: eventTime,
      is_ext_shared_channel: false,
      authorizations: [
        {
          enterprise_id: null,
          team_id: team.id,
          user_id: app.botUserId,
          is_bot: true,
          is_enterprise_install: false,
        },
      ],
      event,
    },
  });
}

/**
 * Sends an event for a message that appeared or changed in the app's DM. Slack sends an app its own messages and edits
 * too, so a bot that answers every message would talk to itself for ever.
 */
export function announce(
  town: Town,
  message: Message,
  subtype?: 'message_changed' | 'message_deleted',
): void {
  const channel = town.conversations.find(message.channel);
  if (channel?.kind !== 'im' || message.ephemeralTo !== undefined || !town.settings.ownMessageEvents) return;
  const common = {
    type: 'message',
    channel: message.channel,
    channel_type: 'im',
    event_ts: town.conversations.nextTs(),
  };
  const event =
    subtype === undefined
      ? { ...messageObject(town, message), ...common }
      : subtype === 'message_changed'
        ? { ...common, subtype, hidden: true, ts: common.event_ts, message: messageObject(town, message) }
        : { ...common, subtype, hidden: true, ts: common.event_ts, deleted_ts: message.ts };
  void sendEvent(town, 'message.im', message.user, event);
}
