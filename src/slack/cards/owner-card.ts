/** The card for the owner of a WorkSpace when another person's access to it opens. */
import { factsOf, type Request } from '../../access/request/request.js';
import { context, LIMITS, quote, type Rendered, section } from '../words/blocks.js';
import { from, time } from '../words/card-words.js';
import { code, cutMarkup, escaped, mention } from '../words/mrkdwn.js';

export function ownerCard(request: Request): Rendered {
  const { ask } = request;
  const which = code(factsOf(request)?.desktops[0]?.workspaceId ?? 'your WorkSpace');
  const who = mention(ask.requester);
  const heading = headingOf(request, who, which);
  const text = cutMarkup(`${who} and your WorkSpace, ${escaped(request.id)}`, LIMITS.notification);
  const login = 'By default only you and domain admins may log in to it, whatever the firewall lets through.';
  const blocks = [section(`${heading} · ${request.id}`), ...(ask.reason ? [quote(ask.reason)] : [])];
  return {
    text,
    blocks: [...blocks, context(`From ${from(request)}. ${login} Questions? Ask ${who} or an admin.`)],
  };
}

/** The owner has a card only once access has opened. */
function headingOf(request: Request, who: string, which: string): string {
  const { phase } = request;
  const access = `*${who}'s access to your WorkSpace* ${which}`;
  switch (phase.state) {
    case 'open':
      return `*${who} can connect to your WorkSpace* ${which} until ${time(request, phase.grant.endsAtMs)}`;
    case 'closing':
      return phase.cause.kind === 'continued'
        ? `${access} goes on as ${phase.cause.as}`
        : `${access} is being closed`;
    case 'ended':
      if (phase.cause.kind === 'continued') return `${access} goes on as ${phase.cause.as}`;
      return `${access} ended ${time(request, phase.endedAtMs)}`;
    case 'submitted':
    case 'pending':
    case 'approved':
    case 'opening':
    case 'refused':
    case 'denied':
    case 'cancelled':
    case 'lapsed':
    case 'failed':
    case 'already-open':
      return `${access} is over`;
  }
}
