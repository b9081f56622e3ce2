/** Types, chooses and presses inside a modal or the Home tab, and delivers the actions that follow. */
import { z } from 'zod';
import type { Block, Element, Option, Spot } from '../block-kit/blocks.js';
import { choiceOption } from '../block-kit/composition.js';
import type { FieldInput } from '../slack-town.js';
import type { ViewRecord } from '../state/board.js';
import type { Delivery } from '../state/mail.js';
import type { Town } from '../state/town.js';
import type { StateValue } from '../state/values.js';
import type { SlackUser } from '../world.js';
import { enteredValue } from './entered-value.js';
import { actionOf, suggestionPayload, viewActionPayload } from './payloads.js';
import { chosenIn, confirmationOf, findElement } from './screen.js';

/** Slack's default for `min_query_length`. */
const QUERY_LENGTH = 3;

const offers = z.object({ options: z.array(choiceOption).max(100) });
const suggested = z.union([offers, z.object({ option_groups: z.array(offers).max(100) })]);

/** Fills fields one after the other. Fields that dispatch actions are delivered as they change. */
export async function fillFields(
  town: Town,
  user: SlackUser,
  record: ViewRecord,
  fields: Record<string, FieldInput>,
): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  for (const [field, input] of Object.entries(fields)) {
    const { block, element } = findElement(record.view.blocks, field, town.world);
    const offered = await offeredFor(town, user, record, field, element, input);
    const value = enteredValue(element, input, town.world, offered);
    town.board.enter(record, block.block_id ?? '', element.action_id ?? '', value);
    if (dispatches(block))
      deliveries.push(await deliverAction(town, user, record, { block, element }, value));
  }
  return deliveries;
}

/** Presses a button, an overflow option or an option of a choice. */
export async function pressInView(
  town: Town,
  user: SlackUser,
  record: ViewRecord,
  what: string | Spot,
  choice?: FieldInput,
): Promise<Delivery> {
  const found = findElement(record.view.blocks, what, town.world);
  const { block, element } = found;
  const chosen = chosenIn(found, choice, town.world);
  if (chosen.type !== undefined) {
    town.board.enter(record, block.block_id ?? '', element.action_id ?? '', { ...chosen, type: chosen.type });
  }
  if (!dispatches(block))
    return { acked: false, ackMs: 0, problem: 'this field tells the app nothing until it is submitted' };
  return deliverAction(town, user, record, { block, element }, chosen);
}

/** Asks the app for the options that an external_select shows below the typed words. */
export async function suggestionsFor(
  town: Town,
  user: SlackUser,
  record: ViewRecord,
  field: string,
  query: string,
): Promise<Option[]> {
  const { block, element } = findElement(record.view.blocks, field, town.world);
  if (element.type !== 'external_select' && element.type !== 'multi_external_select') {
    throw new Error(`${field} is a ${element.type}, whose options are in the view`);
  }
  if (query.length < (element.min_query_length ?? QUERY_LENGTH)) return [];
  const delivery = await town.mail.deliver({
    name: 'block_suggestion',
    by: user.id,
    kind: 'interactive',
    payload: suggestionPayload(town, user, record, {
      blockId: block.block_id ?? '',
      actionId: element.action_id ?? '',
      query,
    }),
    wantsResponse: true,
  });
  const answer = suggested.safeParse(delivery.response);
  // Slack shows "No result" for an answer that it cannot read.
  if (!answer.success) return [];
  const { data } = answer;
  return 'options' in data ? data.options : data.option_groups.flatMap((group) => group.options);
}

async function offeredFor(
  town: Town,
  user: SlackUser,
  record: ViewRecord,
  field: string,
  element: Element,
  input: FieldInput,
): Promise<Option[] | undefined> {
  if (element.type !== 'external_select' && element.type !== 'multi_external_select') return undefined;
  const queries = input === null ? [] : Array.isArray(input) ? input : [String(input)];
  const lists = await Promise.all(queries.map((query) => suggestionsFor(town, user, record, field, query)));
  return lists.flat();
}

/** Whether the app hears of a change at once: always outside an input, and for an input with `dispatch_action`. */
const dispatches = (block: Block): boolean => block.type !== 'input' || block.dispatch_action === true;

async function deliverAction(
  town: Town,
  user: SlackUser,
  record: ViewRecord,
  { block, element }: { block: Block; element: Element },
  chosen: Partial<StateValue>,
): Promise<Delivery> {
  const action = actionOf(town, element, block.block_id ?? '', chosen);
  const delivery = await town.mail.deliver({
    name: 'block_actions',
    by: user.id,
    kind: 'interactive',
    payload: viewActionPayload(town, user, record, action),
    wantsResponse: false,
  });
  return { ...delivery, ...confirmationOf(element, town.world) };
}
