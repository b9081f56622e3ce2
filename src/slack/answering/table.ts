/**
 * The buttons, forms and shortcuts that Slack can send: one row each. For a new button add an id to `ACTION` (the
 * compiler then misses its row here) and a function.
 */
import { ACTION, type ActionId, SHORTCUT, VIEW, type ViewId } from '../words/ids.js';
import { askChosen, chooseSomeoneElse, remindThem } from './ask-around.js';
import {
  approve,
  askWhyEnd,
  askWhyNot,
  deny,
  end,
  endOther,
  extend,
  notAnyMore,
  notMe,
  openFilledForm,
  openNow,
  sendRequest,
} from './buttons.js';
import { endAll } from './commands/end-many.js';
import type { Click, Desk, Submission } from './desk.js';
import { askHowMuchMore, sendExtension } from './extend-form.js';
import type { Doing } from './faults.js';
import { resumeFromHome, turnPage } from './home-and-hi.js';
import { askWhereNow, sendMove } from './move-form.js';
import { drawChoices } from './open-form.js';

/** A function, and what the person is doing, so that a fault says no more than is certain. */
interface Row<Sent> {
  doing: Doing['kind'];
  run(sent: Sent, desk: Desk): Promise<void>;
}

/** By action_id. A function is called once Slack was told that the click arrived. */
export const BUTTONS: Readonly<Record<ActionId, Row<Click>>> = {
  [ACTION.approve]: { doing: 'change', run: approve },
  [ACTION.approveShorter]: { doing: 'change', run: approve },
  [ACTION.deny]: { doing: 'change', run: askWhyNot },
  [ACTION.notMe]: { doing: 'change', run: notMe },
  [ACTION.end]: { doing: 'close', run: end },
  [ACTION.endOther]: { doing: 'read', run: askWhyEnd },
  [ACTION.extend]: { doing: 'change', run: extend },
  [ACTION.extendForm]: { doing: 'read', run: askHowMuchMore },
  [ACTION.move]: { doing: 'read', run: askWhereNow },
  [ACTION.endAll]: { doing: 'close', run: endAll },
  [ACTION.takeBack]: { doing: 'close', run: end },
  [ACTION.openNow]: { doing: 'change', run: openNow },
  [ACTION.notAnyMore]: { doing: 'close', run: notAnyMore },
  [ACTION.nudge]: { doing: 'change', run: remindThem },
  [ACTION.askElse]: { doing: 'change', run: chooseSomeoneElse },
  [ACTION.homeBack]: { doing: 'read', run: turnPage },
  [ACTION.homeMore]: { doing: 'read', run: turnPage },
  [ACTION.resume]: { doing: 'change', run: resumeFromHome },
  [ACTION.source]: { doing: 'read', run: drawChoices },
  [ACTION.when]: { doing: 'read', run: drawChoices },
  [ACTION.form]: { doing: 'read', run: openFilledForm },
};

/** By callback_id. A function acknowledges the form itself. */
export const FORMS: Readonly<Record<ViewId, Row<Submission>>> = {
  [VIEW.request]: { doing: 'request', run: sendRequest },
  [VIEW.requestWithoutTime]: { doing: 'request', run: sendRequest },
  [VIEW.deny]: { doing: 'change', run: deny },
  [VIEW.end]: { doing: 'close', run: endOther },
  [VIEW.extend]: { doing: 'change', run: sendExtension },
  [VIEW.move]: { doing: 'change', run: sendMove },
  [VIEW.askElse]: { doing: 'change', run: askChosen },
};

/** Global shortcuts, by callback_id. */
export const SHORTCUTS: Readonly<Record<typeof SHORTCUT, Row<Click>>> = {
  [SHORTCUT]: { doing: 'read', run: openFilledForm },
};
