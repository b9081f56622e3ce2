/** Which changes of a request are news: a phone announces a new message, and no edit. */
import type { NeedDue } from '../../access/request/need.js';
import { waitedFor } from '../../access/request/needs.js';
import { isIn, type PhaseIn, type Request, type RequestIn } from '../../access/request/request.js';
import type { Card } from '../ports.js';

/** The stage of a card: one that is news is posted anew, so that a phone announces it; the rest are edits. */
export interface Stage {
  stage: string;
  isNews: boolean;
}

const news = (stage: string): Stage => ({ stage, isNews: true });
const edited = (stage: string): Stage => ({ stage, isNews: false });

/** @param userId whose card it is, or the id of a channel */
export function stageOf(surface: Card['surface'], request: Request, userId: string): Stage {
  switch (surface) {
    case 'owner':
      return news('owner');
    case 'approval':
      return isIn(request, 'pending') ? news(pendingStage(request, userId)) : edited('decided');
    case 'access':
    case 'alert':
      return stageOfState(request);
  }
}

function stageOfState({ phase }: Request): Stage {
  switch (phase.state) {
    case 'pending':
      // Approved access that needs another yes: whoever counts on the first one has to know.
      return phase.changed?.anew ? news(`pending ${phase.pendingAtMs}`) : edited(phase.state);
    case 'submitted':
    case 'opening':
      return edited(phase.state);
    case 'approved':
      return approvedStage(phase);
    case 'open':
      return news(`${phase.warned ? 'warning' : 'open'}${againAt(phase.readdressed?.atMs)}`);
    case 'closing':
      return phase.troubleAtMs === undefined ? edited('closing') : news('trouble');
    // Every end is posted anew, also for the person who caused it: a crash may have left a second card that nobody edits,
    // and that card goes on saying Open, or Waiting.
    case 'ended':
    case 'refused':
    case 'denied':
    case 'cancelled':
    case 'lapsed':
    case 'failed':
    case 'already-open':
      return news(phase.state);
  }
}

/** A card with another way to the WorkSpace is posted anew: an older one shows an address that may be somebody else's. */
function againAt(atMs: number | undefined): string {
  return atMs === undefined ? '' : ` ${atMs}`;
}

function approvedStage({ waitsFor, reminded }: PhaseIn<'approved'>): Stage {
  switch (waitsFor) {
    case 'resume':
      return news('paused');
    case 'confirmation':
      return news('confirmation');
    case 'time':
      return news(reminded ? 'soon' : 'later');
    case 'nothing':
    case 'workspace':
      return edited('approved');
  }
}

/** Reminders and nudges are for those who are waited for; approvers who have said yes are left in peace. */
function pendingStage({ phase: { need, pendingAtMs } }: RequestIn<'pending'>, userId: string): string {
  const waited = userId === need.hears.channel || waitedFor(need).includes(userId);
  const { remind, nudgedAtMs } = need.due;
  const reminded = waited && remind?.done;
  const nudged = waited && nudgedAtMs !== undefined ? ` nudged ${nudgedAtMs}` : '';
  const handed = waited && need.hears.handedOver.length > 0 ? ' handed' : '';
  // An approver who is asked later gets a card of their own; the members of a channel read of it in the channel only.
  const more = userId === need.hears.channel ? askedLater(need.due) : '';
  return `pending ${pendingAtMs}${more}${handed}${nudged}${reminded ? ' reminded' : ''}`;
}

function askedLater({ fallback, askedAgainAtMs }: NeedDue): string {
  const again = askedAgainAtMs === undefined ? '' : ` again ${askedAgainAtMs}`;
  return `${fallback?.done ? ' fallback' : ''}${again}`;
}
