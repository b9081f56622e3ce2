/** How a card says which approvals a request needs, which it has, and why a person is asked. */
import type { types } from '@slack/bolt';
import { spellNeed } from '../../access/policy/asked.js';
import type { Asked } from '../../access/policy/policy.js';
import { shortDuration, spellDuration } from '../../access/reading/duration.js';
import type { Need, Review } from '../../access/request/need.js';
import { approversOf, askedItself, hasNoManager, progressOf, waitedFor } from '../../access/request/needs.js';
import type { Request } from '../../access/request/request.js';
import { confirmLines } from './blocks.js';
import { ACTION } from './ids.js';
import { escaped, mention, mentions, oneLine } from './mrkdwn.js';
import { timedReference } from './values.js';

/** Slack shows at most five options in an overflow menu. */
const IN_OVERFLOW = 5;
/** How many needed approvals a card names. Rules hardly need more. */
const MOST_NEEDS = 5;

/** `1 of 2: approved by @sam`; undefined where one approval is enough. */
export function progress(need: Need): string | undefined {
  const { got, of, by } = progressOf(need);
  if (of < 2) return undefined;
  return by.length > 0 ? `${got} of ${of}: approved by ${mentions(by, 'and')}` : `${got} of ${of} approved`;
}

/**
 * The approvals that are needed, with people by their mentions: `manager, any of @sam and @ada`. In a channel a mention
 * would call each of them, so people are only counted there.
 */
export function neededWords(asked: readonly Asked[], { inChannel = false } = {}): string {
  const listed = (users: readonly string[]): string =>
    inChannel ? `${users.length} people` : mentions(users, 'and');
  const named = asked.slice(0, MOST_NEEDS).map((one) => {
    if (one.kind !== 'any-of') return escaped(spellNeed(one));
    if (one.users.length === 1) return inChannel ? 'one person' : mentions(one.users);
    return spellNeed(one, listed);
  });
  const more = asked.length - named.length;
  const all = [...named, ...(more > 0 ? [`${more} more`] : [])];
  return all.join(all.some((one) => one.includes(' and ')) ? '; ' : ', ');
}

/**
 * Why an approver hears of the request once more, and in a channel also whom the bot asks meanwhile. Undefined where
 * there is nothing to say.
 */
export function reminderOf({ ask }: Request, need: Need, viewer: string): string | undefined {
  const waits = waitedFor(need);
  const { remind, fallback, askedAgainAtMs, nudgedAtMs } = need.due;
  const { handedOver } = need.hears;
  const inChannel = viewer === need.hears.channel;
  if (!inChannel && !waits.includes(viewer)) return undefined;
  const more = neededWords(fallback?.ask ?? [], { inChannel });
  const news = [
    ...(handedOver.length > 0 ? [`${mentions(handedOver, 'and')} handed it over.`] : []),
    ...(nudgedAtMs === undefined ? [] : [`${mention(ask.requester)} nudges.`]),
    ...(inChannel && fallback?.done ? [`It is not decided yet, so I ask ${more} too.`] : []),
    ...(inChannel && askedAgainAtMs !== undefined
      ? ['Not everybody who was asked may decide any more.']
      : []),
  ];
  if (!remind?.done && news.length === 0) return undefined;
  // Each approver has a message of their own. In a channel only a mention notifies, so every one of them is mentioned.
  const whom = mentions(waits, 'or', inChannel ? waits.length : undefined);
  return [...news, `Still waiting: ${whom}`].join(' ');
}

/** Who said that somebody else should decide; undefined where nobody did. */
export function handedNote({ hears: { handedOver } }: Need): string | undefined {
  return handedOver.length > 0 ? `Handed over by ${mentions(handedOver, 'and')}` : undefined;
}

/** The approvers who are away, each with the words of their Slack status. */
export function awayNote(need: Need): string | undefined {
  const away = waitedFor(need).flatMap((id) => {
    const says = need.hears.away[id];
    return says === undefined ? [] : [`${mention(id)} ("${escaped(oneLine(says))}")`];
  });
  return away.length > 0 ? `Away, says Slack: ${away.join(', ')}` : undefined;
}

/** Everybody who approved; the approver whose yes was enough is the last. */
export function everyYes(review: Review, need: Need | undefined): string[] {
  return [...new Set([...approversOf(need?.asks.reviews), review.by])];
}

/** Whether a person may end the access, as far as a card knows: those who approved, and admins, may. */
export function mayEnd(need: Need | undefined, review: Review | undefined, viewer: string): boolean {
  const admins =
    need?.asks.parts.flatMap((part) => (part.asked.kind === 'admins' ? askedItself(part) : [])) ?? [];
  if (need?.hears.told.includes(viewer)) return true;
  return admins.includes(viewer) || (review !== undefined && everyYes(review, need).includes(viewer));
}

/** Why the viewer has the card: the rule, and the approvals that it needs. `viewer` may be a channel. */
export function whyAsked(request: Request, need: Need, viewer: string): string {
  const { parts, approvers } = need.asks;
  const needs = neededWords(
    parts.map(({ asked }) => asked),
    { inChannel: viewer === need.hears.channel },
  );
  const because = `rule *${escaped(need.rule).replaceAll('*', '')}*, ${needs}`;
  if (!approvers.includes(viewer))
    return `Asked because: ${because}. It waits for ${mentions(waitedFor(need))}.`;
  const waits = waitedFor(need);
  if (!waits.includes(viewer)) {
    const enough = 'Enough of those whom you count among said yes';
    const handed = need.hears.handedOver.includes(viewer) ? 'You handed it over' : enough;
    const yes = approversOf(need.asks.reviews).includes(viewer) ? 'You said yes' : handed;
    return `${yes}. It waits for ${mentions(waits)}. Because: ${because}.`;
  }
  const others = waits.filter((id) => id !== viewer).length;
  const enough = progressOf(need).of === 1 && others > 0;
  const also = enough
    ? ` (so ${others === 1 ? 'is one other' : `are ${others} others`}; the first answer counts)`
    : '';
  if (viewer === request.ask.requester)
    return `You may approve this yourself: the policy says so${also}. Because: ${because}.`;
  const [only] = parts;
  const chosen = need.hears.alsoAsked.includes(viewer)
    ? `${mention(request.ask.requester)} asks you as well. `
    : '';
  if (chosen) return `${chosen}Because: ${because}${also}.`;
  if (!parts.some((part) => askedItself(part).includes(viewer))) {
    const why = parts.some((part) => hasNoManager(part) && part.people.includes(viewer))
      ? `${mention(request.ask.requester)} has no manager who may approve`
      : need.hears.handedOver.length > 0
        ? `${mentions(need.hears.handedOver, 'and')} handed it over`
        : 'nobody has decided it yet';
    return `You are asked because ${why}${also}. By ${because}.`;
  }
  if (parts.length === 1 && only?.asked.kind === 'manager')
    return `You are asked as ${mention(request.ask.requester)}'s manager${also}. Because: ${because}.`;
  if (parts.length === 1 && only?.asked.kind === 'admins')
    return `You are asked as an admin${also}. Because: ${because}.`;
  return `You are asked because: ${because}${also}.`;
}

/** Who made the time of a request shorter; undefined where nobody did. */
export function shortened({ ask: { shortened: made, durationMs } }: Request): string | undefined {
  if (!made) return undefined;
  return `Asked for ${spellDuration(made.fromMs)}; ${mention(made.by)} made it ${spellDuration(durationMs)}.`;
}

/**
 * A menu that approves for a shorter time: `⋯`, or a select where that holds too few; empty where no shorter time can be
 * chosen.
 */
export function shorterMenu(
  request: Request,
  need: Need,
  warnings: string[],
): (types.Overflow | types.StaticSelect)[] {
  const choices = need.asks.shorterMs.filter((ms) => ms < request.ask.durationMs);
  if (choices.length === 0) return [];
  const confirm = {
    title: { type: 'plain_text' as const, text: 'Look twice' },
    text: { type: 'mrkdwn' as const, text: confirmLines(warnings) },
    confirm: { type: 'plain_text' as const, text: 'Approve' },
    deny: { type: 'plain_text' as const, text: 'Not yet' },
  };
  const menu = {
    action_id: ACTION.approveShorter,
    options: choices.map((ms) => ({
      text: { type: 'plain_text' as const, text: `Approve ${shortDuration(ms)}` },
      value: timedReference(request, ms),
    })),
    ...(warnings.length > 0 ? { confirm } : {}),
  };
  if (choices.length <= IN_OVERFLOW) return [{ type: 'overflow', ...menu }];
  return [{ type: 'static_select', placeholder: { type: 'plain_text', text: 'Shorter' }, ...menu }];
}
