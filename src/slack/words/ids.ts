/** Every id that Slack sends back to us. The table in `listeners.ts` has a function for each. */

/** The name in texts where nobody invoked a command: companies rename it. */
export const COMMAND = '/workspace-ssh';

export const SHORTCUT = 'request-ssh-access';

export const ACTION = {
  approve: 'review.approve',
  approveShorter: 'review.approve-shorter',
  deny: 'review.deny',
  end: 'access.end',
  endAll: 'access.end-all',
  takeBack: 'access.take-back',
  openNow: 'access.open-now',
  notAnyMore: 'access.not-any-more',
  nudge: 'request.nudge',
  askElse: 'request.ask-someone-else',
  /** Opens the form, filled in with the button's value. */
  form: 'form.open',
} as const;

export const VIEW = { request: 'request-form', deny: 'deny-form', askElse: 'ask-someone-else-form' } as const;
