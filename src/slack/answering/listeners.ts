/** Every id that Slack can send, and the function that answers it. */
import type { App, BlockAction, ButtonAction, OverflowAction } from '@slack/bolt';
import { asTyped } from '../../access/reading/slack-text.js';
import type { Parts } from '../../workflow/ports.js';
import { faultUnderReason } from '../forms/request-form.js';
import { ACTION, COMMAND, SHORTCUT, VIEW } from '../words/ids.js';
import { plain } from '../words/mrkdwn.js';
import { readPrefill } from '../words/values.js';
import { askChosen, chooseSomeoneElse, remindThem } from './ask-around.js';
import {
  approve,
  askWhyNot,
  deny,
  end,
  notAnyMore,
  openFilledForm,
  openNow,
  sendRequest,
} from './buttons.js';
import { endAll } from './commands/end-many.js';
import type { Click, Desk, Submission } from './desk.js';
import { type Doing, guarded } from './faults.js';
import { greet, publishHome } from './home-and-hi.js';
import { kindOf, onCommand, readTyped } from './on-command.js';

const REMEMBERED_EVENTS = 1_000;

type OnClick = (click: Click, desk: Desk) => Promise<void>;
type OnSubmit = (submission: Submission, desk: Desk) => Promise<void>;

/** Buttons: action_id → function, called once Slack was told that the click arrived. */
export const clicks: Readonly<Record<(typeof ACTION)[keyof typeof ACTION], OnClick>> = {
  [ACTION.approve]: approve,
  [ACTION.approveShorter]: approve,
  [ACTION.deny]: askWhyNot,
  [ACTION.end]: end,
  [ACTION.endAll]: endAll,
  [ACTION.takeBack]: end,
  [ACTION.openNow]: openNow,
  [ACTION.notAnyMore]: notAnyMore,
  [ACTION.nudge]: remindThem,
  [ACTION.askElse]: chooseSomeoneElse,
  [ACTION.form]: openFilledForm,
};

/** Forms: callback_id → function, which acknowledges itself. */
export const submissions: Readonly<Record<(typeof VIEW)[keyof typeof VIEW], OnSubmit>> = {
  [VIEW.request]: sendRequest,
  [VIEW.deny]: deny,
  [VIEW.askElse]: askChosen,
};

/** Global shortcuts: callback_id → function. */
export const shortcuts: Readonly<Record<string, OnClick>> = {
  [SHORTCUT]: openFilledForm,
};

/**
 * Hands Slack's events to the functions above. Companies rename slash commands, so every command is ours.
 */
export function registerListeners(app: App, parts: Parts): void {
  const { client } = app;
  const desk: Desk = { parts, client };
  const { log } = parts;
  const doing = (what: string, by: string, kind: Doing['kind'], command = COMMAND): Doing => ({
    what,
    by,
    kind,
    command,
    admins: parts.policy.admins,
  });

  app.command(/.*/, async ({ command, ack, respond }) => {
    const { user_id: by, text, trigger_id: triggerId } = command;
    let acknowledged = false;
    const answer: typeof ack = async (reply) => {
      if (acknowledged) {
        if (reply !== undefined) await respond(reply);
        return;
      }
      acknowledged = true;
      await ack(reply);
    };
    const read = readTyped(text, parts.policy);
    const typed = asTyped(text);
    await guarded(
      log,
      { ...doing('command', by, kindOf(read), command.command), ...(typed ? { typed } : {}) },
      () => onCommand({ by, command: command.command, typed, triggerId }, read, desk, answer),
      (sentence) => answer({ response_type: 'ephemeral', text: sentence }),
    );
  });

  for (const [id, onClick] of Object.entries(clicks)) {
    app.action<BlockAction<ButtonAction | OverflowAction>>(
      { type: 'block_actions', action_id: id },
      async (args) => {
        const { body, action } = args;
        const by = body.user.id;
        const tell = async (sentence: string): Promise<void> => {
          // A click on Home has no message to answer beside.
          if (!body.response_url) await client.chat.postMessage({ channel: by, text: sentence });
          else await args.respond({ response_type: 'ephemeral', replace_original: false, text: sentence });
        };
        const value = action.type === 'overflow' ? action.selected_option.value : action.value;
        const onHome = body.view?.type === 'home';
        const click: Click = { by, value, triggerId: body.trigger_id, onHome, tell };
        const kind = id === ACTION.form ? 'read' : 'change';
        await args.ack();
        await guarded(log, doing(id, by, kind), () => onClick(click, desk), tell);
      },
    );
  }

  for (const [id, onShortcut] of Object.entries(shortcuts)) {
    app.shortcut(id, async ({ body, ack }) => {
      const by = body.user.id;
      const tell = async (text: string): Promise<void> => {
        await client.chat.postMessage({ channel: by, text });
      };
      const click: Click = { by, value: undefined, triggerId: body.trigger_id, onHome: false, tell };
      await ack();
      await guarded(log, doing(id, by, 'read'), () => onShortcut(click, desk), tell);
    });
  }

  for (const [id, onSubmit] of Object.entries(submissions)) {
    app.view({ type: 'view_submission', callback_id: id }, async ({ body, view, ack }) => {
      const by = body.user.id;
      let acknowledged = false;
      const submission: Submission = {
        by,
        view,
        async close() {
          acknowledged = true;
          await ack({ response_action: 'clear' });
        },
        async refuse(errors) {
          acknowledged = true;
          await ack({ response_action: 'errors', errors });
        },
        async tell(text) {
          await client.chat.postMessage({ channel: by, text });
        },
      };
      const kind = id === VIEW.request ? 'request' : 'change';
      // Under a field there are no mentions, so nobody can be named.
      const { command } = readPrefill(view.private_metadata);
      const faceless = {
        ...doing(id, by, kind, command),
        admins: id === VIEW.request ? [] : parts.policy.admins,
      };
      await guarded(
        log,
        faceless,
        () => onSubmit(submission, desk),
        (text) => (acknowledged ? submission.tell(text) : submission.refuse(faultUnderReason(plain(text)))),
      );
    });
  }

  app.event('app_home_opened', async ({ event }) => {
    if (event.tab !== 'home') return;
    const work = () => publishHome(event.user, desk);
    await guarded(log, doing('app_home_opened', event.user, 'read'), work, async () => {});
  });

  const answered = new Set<string>();
  app.event('message', async ({ event, body }) => {
    // Only what a person typed to us; edits, joins and our own messages carry a subtype or a bot's id.
    if (event.channel_type !== 'im' || event.subtype !== undefined || 'bot_id' in event) return;
    // Slack tells an event again where our acknowledgement was lost.
    if (answered.has(body.event_id)) return;
    if (answered.size >= REMEMBERED_EVENTS) answered.clear();
    answered.add(body.event_id);
    const work = () => greet(event.channel, event.user, desk);
    await guarded(log, doing('message.im', event.user, 'read'), work, async () => {});
  });
}
