/**
 * Takes posts to a response_url, the address that comes with a command or a click: five in thirty minutes, no token.
 */

import { withIds } from '../block-kit/blocks.js';
import type { Message } from '../state/conversations.js';
import type { ResponseUrl, Town } from '../state/town.js';
import { announce } from '../wire/events.js';
import { type Args, flag, messageContent } from './arguments.js';
import { deleteMessage, editMessage } from './chat.js';
import { Refusal } from './refusal.js';

const MOST_USES = 5;
const LIFE_MS = 30 * 60_000;

export function postToResponseUrl(
  town: Town,
  path: string,
  args: Args,
): { status: number; body: Record<string, unknown> } {
  const no = (status: number, error: string) => ({ status, body: { ok: false, error } });
  const target = town.responseUrls.get(path);
  if (!target) return no(404, 'invalid_url');
  if (Date.now() - target.bornAt > LIFE_MS) return no(404, 'expired_url');
  if (target.uses >= MOST_USES) return no(404, 'used_url');
  target.uses += 1;
  try {
    respond(town, target, args);
    return { status: 200, body: { ok: true } };
  } catch (error) {
    if (error instanceof Refusal)
      return { status: 400, body: { ok: false, error: error.code, ...error.extra } };
    throw error;
  }
}

function respond(town: Town, target: ResponseUrl, args: Args): void {
  const origin = target.origin && town.conversations.live(target.origin.channel, target.origin.ts);
  if (flag(args, 'delete_original')) {
    if (!origin) throw new Refusal('message_not_found');
    deleteMessage(town, origin);
    return;
  }
  const { text, blocks } = messageContent(args);
  if (!text && !blocks?.length) throw new Refusal('no_text');
  if (flag(args, 'replace_original') && origin) {
    // Unlike chat.update, a replacement drops every part that is not sent again.
    editMessage(town, origin, { text: text ?? '', blocks: blocks ?? [] });
    return;
  }
  reply(town, target, {
    text: text ?? '',
    blocks: blocks ?? [],
    inChannel: args.response_type === 'in_channel',
  });
}

/** Posts as the app where somebody typed a command or pressed a button; only that person sees it unless `inChannel`. */
export function reply(
  town: Town,
  target: { channel: string; userId: string },
  content: Pick<Message, 'text' | 'blocks'> & { inChannel: boolean },
): Message {
  const message = town.conversations.post({
    channel: target.channel,
    user: town.world.app.botUserId,
    text: content.text,
    blocks: withIds(content.blocks, () => town.id('').slice(0, 5)),
    ...(content.inChannel ? {} : { ephemeralTo: target.userId }),
  });
  announce(town, message);
  return message;
}
