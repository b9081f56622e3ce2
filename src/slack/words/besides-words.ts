/** What the requester had already when they asked, for those who decide and for the requester. */
import type { types } from '@slack/bolt';
import { showSource } from '../../access/reading/address-block.js';
import { isWaiting } from '../../access/request/duties.js';
import type { Beside } from '../../access/request/others/kept.js';
import { factsOf, isIn, type Request } from '../../access/request/request.js';
import { button } from './blocks.js';
import { time } from './card-words.js';
import { ACTION } from './ids.js';
import { code, escaped, mention } from './mrkdwn.js';
import { insteadReference } from './values.js';

/** For those who decide; undefined where nothing was open. */
export function openBeside(request: Request): string | undefined {
  const besides = factsOf(request)?.besides;
  const open = besides?.shown.filter(({ endsAtMs }) => endsAtMs !== undefined) ?? [];
  if (!besides || open.length === 0) return undefined;
  const said = open.map((one) => `${escaped(one.of)} from ${where(request, one)} · ${one.id}`);
  const more = besides.more > 0 ? [`and ${besides.more.toLocaleString('en-US')} more`] : [];
  return `${mention(request.ask.requester)} had access already when asking: ${[...said, ...more].join('; ')}`;
}

/** Whether a WorkSpace of the request was open already when it was asked for. */
export function hasOpenBeside(request: Request): boolean {
  const shown = factsOf(request)?.besides?.shown ?? [];
  return shown.some(({ same, endsAtMs }) => same && endsAtMs !== undefined);
}

/** For the requester: other requests for the same WorkSpace; undefined where there were none. */
export function sameBeside(request: Request): string | undefined {
  const { shown = [], moreSame = 0 } = factsOf(request)?.besides ?? {};
  const same = shown.filter((one) => one.same);
  if (same.length === 0) return undefined;
  const said = same.map((one) => {
    const what = one.endsAtMs === undefined ? 'was waiting' : 'was open';
    return `${one.id} ${what}, from ${where(request, one)}`;
  });
  const more = moreSame > 0 ? [`and ${moreSame.toLocaleString('en-US')} more`] : [];
  const [of, others] = same.length === 1 ? [escaped(same[0]?.of ?? ''), 'other'] : ['the same', 'others'];
  const all = [...said, ...more].join('; ');
  // Before a yes the shorter way is to take this one back.
  if (!isWaiting(request) || isIn(request, 'approved'))
    return `You had asked for ${of} before: ${all}. If one is enough, end the ${others}.`;
  const isOpen = hasOpenBeside(request);
  const what = isOpen ? `*Open already when you asked*: ${all}` : `You had asked for ${of} before: ${all}`;
  const line = isOpen ? ` ${code(`${request.ask.command} list`)} shows how to connect.` : '';
  return `${what}. If that is enough, take this back.${line}`;
}

/** Buttons for the requester: to ask the access that was open for more time, or for this address, instead. */
export function insteadOf(request: Request): types.Button[] {
  const { shown = [] } = factsOf(request)?.besides ?? {};
  const [other] = shown.filter(({ stepMs, movable }) => stepMs !== undefined || movable);
  if (!other) return [];
  const { id, stepMs } = other;
  const instead = { id, insteadOf: request.id };
  return stepMs === undefined
    ? [button(ACTION.move, `Move ${id} instead`, insteadReference(instead))]
    : [button(ACTION.extend, `Extend ${id} instead`, insteadReference({ ...instead, durationMs: stepMs }))];
}

function where(request: Request, { source, endsAtMs }: Beside): string {
  const until = endsAtMs === undefined ? '' : `, until ${time(request, endsAtMs)}`;
  return `${showSource(source)}${until}`;
}
