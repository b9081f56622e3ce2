/**
 * The admins' card when a request needs them: a rule that cannot be removed, or a request that the bot could not serve.
 */
import { factsOf, type Request } from '../../access/request/request.js';
import { idOf } from '../../access/request/target.js';
import { context, LIMITS, type Rendered, section } from '../words/blocks.js';
import { from, time, wanted } from '../words/card-words.js';
import { code, cutMarkup, mention, sentence } from '../words/mrkdwn.js';

export function alertCard(request: Request): Rendered {
  const { heading, said } = alertOf(request);
  const text = cutMarkup(`${heading} · ${request.id}`, LIMITS.notification);
  const { requester, target } = request.ask;
  const facts = factsOf(request);
  const which = idOf(target) === undefined && !facts ? 'their own WorkSpace' : wanted(target, facts);
  const what = `${mention(requester)}, ${which}, from ${from(request)}`;
  return { text, blocks: [section(`*${heading}* · ${request.id}`), section(said), context(what)] };
}

function alertOf(request: Request): { heading: string; said: string } {
  const { phase } = request;
  switch (phase.state) {
    case 'closing': {
      if (phase.troubleAtMs === undefined) return { heading: 'Closing', said: 'The rule is being removed.' };
      const { groupId } = phase.grant;
      const rule = `tcp/22 from ${code(request.ask.source.cidr)}${groupId ? ` in security group ${code(groupId)}` : ''}`;
      return {
        heading: 'Not closed yet',
        said: `I have tried to remove ${rule} since ${time(request, phase.closingAtMs)}, and could not see it gone. ${phase.refused ? `${sentence(phase.refused)} ` : ''}I retry until I do. You can remove it by hand at AWS; I notice.`,
      };
    }
    case 'ended':
      return {
        heading: 'Closed after all',
        said: phase.shared
          ? `This access ended ${time(request, phase.endedAtMs)}; the rule of another request still lets its source in.`
          : `The rule is gone since ${time(request, phase.endedAtMs)}; I checked.`,
      };
    case 'refused':
      return { heading: 'A request could not be asked', said: sentence(phase.refusal.sentence) };
    case 'failed':
      return { heading: 'A request could not be opened', said: sentence(phase.refusal.sentence) };
    case 'submitted':
    case 'pending':
    case 'approved':
    case 'opening':
    case 'open':
    case 'denied':
    case 'cancelled':
    case 'lapsed':
    case 'already-open':
      return { heading: 'A request goes on', said: 'Nothing is needed from you now.' };
  }
}
