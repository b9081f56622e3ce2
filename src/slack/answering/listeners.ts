/** Hands each event from Slack to the function that a table names, and each fault to the one error handler. */
import type {
  App,
  BlockAction,
  ButtonAction,
  OverflowAction,
  StaticSelectAction,
  ViewSubmitAction,
} from '@slack/bolt';
import { asTyped } from '../../access/reading/slack-text.js';
import type { Parts } from '../../workflow/ports.js';
import { faultUnderReason } from '../forms/request-form.js';
import { plain } from '../words/mrkdwn.js';
import { readPages, readPrefill } from '../words/values.js';
import type { Click, Desk, Submission } from './desk.js';
import { type Doing, guarded } from './faults.js';
import { greet, publishHome, redrawHome } from './home-and-hi.js';
import { kindOf, onCommand, readsNothing, readTyped } from './on-command.js';
import { once } from './once.js';
import { BUTTONS, FORMS, SHORTCUTS } from './table.js';
import { boundEach } from './under-way.js';

const REMEMBERED_EVENTS = 1_000;

/** What the listeners share: how they name what is done, and how they do it. */
interface Ways {
  app: App;
  desk: Desk;
  doing(what: string, by: string, kind: Doing['kind'], command?: string): Doing;
  /** Bounds how much of one person's is under way at a time. */
  bounded: ReturnType<typeof boundEach>;
  /** Does a change once, and tells the person of a fault. */
  run: Run;
  /** {@link run} within the bounds. */
  runBounded: Run;
}

type Run = (
  act: Doing,
  trigger: string,
  work: () => Promise<void>,
  tell: (mrkdwn: string) => Promise<unknown>,
) => Promise<void>;

/** Bolt tries each listener for each event, so there is one for each kind of event. */
export function registerListeners(app: App, parts: Parts): void {
  const { admins } = parts.policy;
  const bounded = boundEach(parts.log);
  const run: Run = (act, trigger, work, tell) =>
    guarded(parts, act, () => once(parts, act, trigger, work, tell), tell);
  const ways: Ways = {
    app,
    desk: { parts, client: app.client },
    doing: (what, by, kind, command = parts.command) => ({ what, by, kind, command, admins }),
    bounded,
    run,
    runBounded: (act, trigger, work, tell) => bounded(act, () => run(act, trigger, work, tell), tell),
  };
  takeCommands(ways);
  takeClicks(ways);
  takeShortcuts(ways);
  takeForms(ways);
  takeEvents(ways);
}

/** Companies rename slash commands, so every command that Slack sends to this app is answered. */
function takeCommands({ app, desk, doing, bounded, run }: Ways): void {
  const { parts } = desk;
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
    const act = { ...doing('command', by, kindOf(read), command.command), ...(typed ? { typed } : {}) };
    const tell = (sentence: string) => answer({ response_type: 'ephemeral', text: sentence });
    const work = () => onCommand({ by, command: command.command, typed, triggerId }, read, desk, answer);
    // Slack waits three seconds. A request is stored before it is acknowledged, which takes one step. Every other command
    // is acknowledged first, since it may have much to read; one that reads nothing is answered with the acknowledgement.
    const acknowledgeAndRun = async (): Promise<void> => {
      if (act.kind !== 'request' && !readsNothing(read)) await answer();
      await run(act, triggerId, work, tell);
    };
    await bounded(act, acknowledgeAndRun, tell);
  });
}

function takeClicks({ app, desk, doing, runBounded }: Ways): void {
  const { client } = desk;
  app.action<BlockAction<ButtonAction | OverflowAction | StaticSelectAction>>(
    { type: 'block_actions', action_id: anyOf(BUTTONS) },
    async (args) => {
      const { body, action } = args;
      const row = rowOf(BUTTONS, action.action_id);
      if (!row) return;
      const by = body.user.id;
      const tell = async (sentence: string): Promise<void> => {
        // A click on Home has no message to answer beside.
        if (!body.response_url) await client.chat.postMessage({ channel: by, text: sentence });
        else await args.respond({ response_type: 'ephemeral', replace_original: false, text: sentence });
      };
      const value = action.type === 'button' ? action.value : action.selected_option.value;
      const onHome = body.view?.type === 'home' ? readPages(body.view.private_metadata) : undefined;
      const click: Click = { by, value, triggerId: body.trigger_id, view: body.view, onHome, tell };
      await args.ack();
      const act = doing(action.action_id, by, row.doing);
      const work = async () => {
        await row.run(click, desk);
        if (row.doing !== 'read') await redrawHome(by, desk, onHome);
      };
      await runBounded(act, body.trigger_id, work, tell);
    },
  );
}

function takeShortcuts({ app, desk, doing, bounded }: Ways): void {
  const { client, parts } = desk;
  app.shortcut(anyOf(SHORTCUTS), async ({ body, shortcut, ack }) => {
    const row = rowOf(SHORTCUTS, shortcut.callback_id);
    if (!row) return;
    const by = body.user.id;
    const tell = async (text: string): Promise<void> => {
      await client.chat.postMessage({ channel: by, text });
    };
    const click: Click = { by, value: undefined, triggerId: body.trigger_id, tell };
    await ack();
    const act = doing(shortcut.callback_id, by, row.doing);
    await bounded(act, () => guarded(parts, act, () => row.run(click, desk), tell), tell);
  });
}

function takeForms({ app, desk, doing, runBounded }: Ways): void {
  const { client, parts } = desk;
  app.view<ViewSubmitAction>(
    { type: 'view_submission', callback_id: anyOf(FORMS) },
    async ({ body, view, ack }) => {
      const row = rowOf(FORMS, view.callback_id);
      if (!row) return;
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
      // Slack shows no mentions under a field, so a fault in the request form names no admins.
      const { command } = readPrefill(view.private_metadata);
      const faceless = {
        ...doing(view.callback_id, by, row.doing, command),
        admins: row.doing === 'request' ? [] : parts.policy.admins,
      };
      await runBounded(
        faceless,
        body.trigger_id,
        () => row.run(submission, desk),
        async (text) => {
          if (!acknowledged && row.doing === 'request')
            return submission.refuse(faultUnderReason(plain(text)));
          // The other forms have no field for it.
          if (!acknowledged) await submission.close();
          await submission.tell(text);
        },
      );
    },
  );
}

function takeEvents({ app, desk, doing, bounded }: Ways): void {
  const { parts } = desk;
  /** Does work that no person waits for: a fault is in the log alone. */
  const quietly = (what: string, by: string, work: () => Promise<void>): Promise<void> => {
    const nobody = async () => {};
    const act = doing(what, by, 'read');
    return bounded(act, () => guarded(parts, act, work, nobody), nobody);
  };

  app.event('app_home_opened', async ({ event }) => {
    if (event.tab !== 'home') return;
    await quietly('app_home_opened', event.user, () => publishHome(event.user, desk));
  });

  const answered = new Set<string>();
  app.event('message', async ({ event, body }) => {
    // Only a person's own words are answered, which carry no subtype.
    if (event.channel_type !== 'im' || event.subtype !== undefined) return;
    // Slack sends an event again where the acknowledgement was lost.
    if (answered.has(body.event_id)) return;
    if (answered.size >= REMEMBERED_EVENTS) answered.clear();
    answered.add(body.event_id);
    await quietly('message.im', event.user, () => greet(event.channel, event.user, desk));
  });
}

/** Matches each id that a table has a row for. An event with another id is none of ours, and no listener takes it. */
function anyOf(table: Readonly<Record<string, unknown>>): RegExp {
  return new RegExp(`^(?:${Object.keys(table).join('|')})$`);
}

function rowOf<Row>(table: Readonly<Record<string, Row>>, id: string): Row | undefined {
  return Object.hasOwn(table, id) ? table[id] : undefined;
}
