/** Every id that Slack sends back to the bot. The tables in `answering` have a function for each. */

export const SHORTCUT = 'request-ssh-access';

/** The action_id of each button and menu. */
export const ACTION = {
  approve: 'review.approve',
  approveShorter: 'review.approve-shorter',
  deny: 'review.deny',
  notMe: 'review.not-me',
  end: 'access.end',
  /** For those who end somebody else's access: it asks why. */
  endOther: 'access.end-other',
  endAll: 'access.end-all',
  extend: 'access.extend',
  /** The button that opens the form for another time than the policy's step. */
  extendForm: 'access.extend-form',
  move: 'access.move',
  takeBack: 'access.take-back',
  openNow: 'access.open-now',
  notAnyMore: 'access.not-any-more',
  nudge: 'request.nudge',
  askElse: 'request.ask-someone-else',
  homeBack: 'home.back',
  homeMore: 'home.more',
  resume: 'openings.resume',
  /** The choice of where the requester connects from. */
  source: 'network',
  /** The choice of when access is to open. */
  when: 'when',
  /** The button that opens the form, filled in with its value. */
  form: 'form.open',
} as const;
export type ActionId = (typeof ACTION)[keyof typeof ACTION];

/** The callback_id of each form. */
export const VIEW = {
  /**
   * Has a number, since an older version would take the form without the fields that it does not know: it opened at once what
   * was asked for later. A field that no version may overlook gives the form the next number.
   */
  request: 'request-form-2',
  /** The request form of versions that knew no time to open at: theirs may stand open while the bot is upgraded. */
  requestWithoutTime: 'request-form',
  deny: 'deny-form',
  end: 'end-form',
  extend: 'extend-form',
  move: 'move-form',
  askElse: 'ask-someone-else-form',
} as const;
export type ViewId = (typeof VIEW)[keyof typeof VIEW];
