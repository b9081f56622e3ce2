/**
 * The steps of the folder `transitions` as a table: for each step the states that it leads from, the state that it leads to
 * and a sentence on when. A row that contradicts its step does not compile; `docs/words.md` shows the table.
 */
import type { PhaseIn, Request } from './request.js';
import type * as deciding from './transitions/deciding.js';
import type * as ending from './transitions/ending.js';
import type * as opening from './transitions/opening.js';

type Transitions = typeof deciding & typeof opening & typeof ending;
export type StepName = keyof Transitions;

/** The states that a step leads from: `nowhere` where it makes a request that is new to the store. */
type FromOf<Name extends StepName> = StartOf<Parameters<Transitions[Name]>[0]>;
type StartOf<First> = First extends Request ? First['phase']['state'] : 'nowhere';
type ToOf<Name extends StepName> = ReturnType<Transitions[Name]>['state'];

/** The phases that a request may get next: those to which a step leads from every state that it may be in. */
export type PhaseAfter<R extends Request> = {
  [Name in StepName]: [R['phase']['state']] extends [FromOf<Name>] ? PhaseIn<ToOf<Name>> : never;
}[StepName];

/** The state that a step leads to, and for each state that it leads from what happened. */
export type Steps = { [Name in StepName]: { to: ToOf<Name>; from: Readonly<Record<FromOf<Name>, string>> } };

export const STEPS: Steps = {
  submit: { to: 'submitted', from: { nowhere: 'The requester asks.' } },
  stallLookup: { to: 'submitted', from: { submitted: 'AWS does not answer while facts are gathered.' } },
  wait: { to: 'pending', from: { submitted: 'The policy asks people.' } },
  waitOn: {
    to: 'pending',
    from: {
      pending:
        'One of several yeses came, the requester nudges or asks somebody else, an approver hands it over, time brings a reminder or the fallback, or somebody who was asked has left.',
    },
  },
  approve: {
    to: 'approved',
    from: { submitted: 'The policy says yes at once.', pending: 'An approver gives the last yes needed.' },
  },
  deny: { to: 'denied', from: { pending: 'An approver says no.' } },
  refuse: {
    to: 'refused',
    from: {
      submitted: 'The policy says no, or what was asked for cannot be opened.',
      pending: 'The policy in force says no by now, or nobody who may decide is left.',
      approved:
        'The requester confirms a late yes, access is about to be extended, or its time has come, and the policy in force says no by now.',
    },
  },
  cancel: {
    to: 'cancelled',
    from: {
      submitted:
        'The requester takes it back, an admin ends it, the requester was deactivated in Slack, or the access that it was to follow is ended.',
      pending:
        'The requester takes it back, an admin or an approver who said yes ends it, the requester was deactivated in Slack, or the access that it was to follow is ended.',
      approved:
        'The requester takes it back or declines a late yes, an approver or an admin ends it, the requester was deactivated in Slack, or the access that it was to follow is ended.',
    },
  },
  lapse: {
    to: 'lapsed',
    from: {
      pending: 'Nobody answered in time, or the access that it was to move is over.',
      approved:
        'The resume, the WorkSpace, the confirmation or the AWS that it waited for did not come in time.',
    },
  },
  fail: {
    to: 'failed',
    from: {
      submitted: 'The bot could not look everything up in time.',
      approved:
        'The WorkSpaces are gone, AWS refuses to start them, the rule that it was to extend is gone, or its time has come and its WorkSpaces cannot be reached.',
      closing: 'An opening failed, and nothing of it is left at AWS.',
    },
  },
  confirm: { to: 'approved', from: { approved: 'The requester confirms a late yes.' } },
  comeLate: {
    to: 'approved',
    from: { approved: 'The access that it was to extend has ended by its own time: its requester is asked.' },
  },
  remindOfStart: {
    to: 'approved',
    from: { approved: 'It is to open later, and its time is near: its requester is reminded.' },
  },
  stallStart: { to: 'approved', from: { approved: 'Its time has come, and AWS does not answer.' } },
  come: {
    to: 'approved',
    from: { approved: 'Its time has come: everything was looked at again, and its yes stands.' },
  },
  hold: { to: 'approved', from: { approved: 'An admin paused new openings.' } },
  release: { to: 'approved', from: { approved: 'An admin resumed new openings.' } },
  askStart: {
    to: 'approved',
    from: { approved: 'The bot asks AWS to start the WorkSpaces that are stopped.' },
  },
  awaitStart: { to: 'approved', from: { approved: 'AWS has answered that it starts them.' } },
  findRunning: { to: 'approved', from: { approved: 'The bot has looked which of its WorkSpaces run.' } },
  begin: {
    to: 'opening',
    from: { approved: 'Nothing has to be waited for: the end is stored, and has its timer.' },
  },
  takeBack: {
    to: 'approved',
    from: { opening: 'New openings are paused, or the WorkSpace has stopped, and nothing is at AWS yet.' },
  },
  askAnew: {
    to: 'pending',
    from: {
      approved:
        'The requester confirms a late yes, access is about to be extended, or its time has come, and it needs another yes by now.',
      opening:
        'It would open more WorkSpaces than were approved, or it had to wait and needs another yes by now.',
    },
  },
  stallOpening: { to: 'opening', from: { opening: 'AWS does not answer, or asks to slow down.' } },
  attach: { to: 'opening', from: { opening: 'Some more WorkSpaces carry the access group.' } },
  join: { to: 'opening', from: { opening: 'The request takes its lease on the rule.' } },
  opened: { to: 'open', from: { opening: 'EC2 shows the rule.' } },
  findOpen: { to: 'already-open', from: { opening: "Somebody else's rule lets the source in already." } },
  adoptOpen: {
    to: 'open',
    from: {
      nowhere: 'The sweep finds the signed tag of a rule whose request the store has lost.',
      submitted: 'The sweep finds a signed tag that is newer than the record: the store went back in time.',
      pending: 'The sweep finds a signed tag that is newer than the record: the store went back in time.',
      approved: 'The sweep finds a signed tag that is newer than the record: the store went back in time.',
    },
  },
  readdress: {
    to: 'open',
    from: { open: 'The sweep detects that a WorkSpace has stopped, runs again, or has another address.' },
  },
  warn: { to: 'open', from: { open: 'The end is near.' } },
  follow: { to: 'open', from: { open: 'Its requester asks for more time, or for another address.' } },
  unfollow: { to: 'open', from: { open: 'The request that follows it is over, and did not open.' } },
  close: {
    to: 'closing',
    from: {
      opening: 'Somebody ends it, its time is over, or it cannot open.',
      open: 'Its time is over, somebody ends it, another request takes over, or the sweep detects that it must end.',
    },
  },
  adoptClosing: {
    to: 'closing',
    from: { nowhere: 'A rule was removed by its signed tag, and the store knows no request of that tag.' },
  },
  alarm: {
    to: 'closing',
    from: { closing: 'The rule could not be removed for a while, or AWS refuses to remove it.' },
  },
  end: { to: 'ended', from: { closing: 'EC2 shows that the rule is gone.' } },
  lookAround: {
    to: 'ended',
    from: { ended: 'Before it is told: the bot has looked what else lets the source in.' },
  },
};
