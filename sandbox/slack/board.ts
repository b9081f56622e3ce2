/** The modals and Home tabs on people's screens: stacks, hashes, and what survives when the app changes a form under somebody's hands. */
import { type Block, type Element, elementsOf, type View, withIds } from './block-kit.js';
import type { OpenView, StateValue, StateValues, TownEvent } from './types.js';
import { initialValue } from './values.js';

/** A view as Slack keeps it. */
export interface ViewRecord extends OpenView {
  hash: string;
  view: View;
  values: StateValues;
  errors: Record<string, string>;
  open: boolean;
  readonly rootId: string;
  readonly previousId: string | null;
}

export interface ViewBoard {
  /** Replaces whatever modals the person had open. */
  open(userId: string, view: View): ViewRecord;
  push(under: ViewRecord, view: View): ViewRecord;
  update(record: ViewRecord, view: View): void;
  publish(userId: string, view: View): ViewRecord;
  /** Takes one modal from the screen; the one below shows again. */
  close(record: ViewRecord): void;
  clear(userId: string): void;
  enter(record: ViewRecord, blockId: string, actionId: string, value: StateValue): void;
  showErrors(record: ViewRecord, errors: Record<string, string>): void;
  find(by: { id?: string; externalId?: string }): ViewRecord | undefined;
  stack(userId: string): ViewRecord[];
  home(userId: string): ViewRecord | undefined;
}

export function createBoard(newId: (prefix: string) => string, emit: (event: TownEvent) => void): ViewBoard {
  const records = new Map<string, ViewRecord>();
  const homes = new Map<string, ViewRecord>();
  const changed = (record: ViewRecord): ViewRecord => {
    emit({ type: 'view', view: record });
    return record;
  };
  const newHash = (): string => `${Math.floor(Date.now() / 1000)}.${newId('').toLowerCase()}`;
  const blockId = (): string => newId('').slice(0, 5);

  function create(userId: string, view: View, under?: ViewRecord): ViewRecord {
    const id = newId('V');
    const complete = { ...view, blocks: withIds(view.blocks, blockId) };
    const record: ViewRecord = {
      id,
      hash: newHash(),
      userId,
      view: complete,
      values: valuesOf(complete.blocks),
      errors: {},
      open: true,
      rootId: under?.rootId ?? id,
      previousId: under?.id ?? null,
    };
    records.set(id, record);
    return record;
  }

  const stack = (userId: string): ViewRecord[] =>
    [...records.values()].filter((r) => r.userId === userId && r.open && r.view.type === 'modal');

  const board: ViewBoard = {
    open(userId, view) {
      board.clear(userId);
      return changed(create(userId, view));
    },
    push: (under, view) => changed(create(under.userId, view, under)),
    update(record, view) {
      const blocks = withIds(view.blocks, blockId);
      record.values = valuesOf(blocks, { values: record.values, blocks: record.view.blocks });
      record.view = { ...view, blocks };
      record.hash = newHash();
      record.errors = {};
      changed(record);
    },
    publish(userId, view) {
      const shown = homes.get(userId);
      if (shown) {
        board.update(shown, view);
        return shown;
      }
      const record = create(userId, view);
      homes.set(userId, record);
      return changed(record);
    },
    close(record) {
      record.open = false;
      changed(record);
    },
    clear(userId) {
      for (const record of stack(userId)) board.close(record);
    },
    enter(record, block, action, value) {
      record.values = { ...record.values, [block]: { ...record.values[block], [action]: value } };
      changed(record);
    },
    showErrors(record, errors) {
      record.errors = errors;
      changed(record);
    },
    find: ({ id, externalId }) =>
      [...records.values()].find(
        (record) =>
          record.open &&
          (id === undefined
            ? record.view.external_id !== undefined && record.view.external_id === externalId
            : record.id === id),
      ),
    stack,
    home: (userId) => homes.get(userId),
  };
  return board;
}

/**
 * The state of a set of blocks. What a person entered stays where block_id, action_id and type stay the same.
 */
export function valuesOf(blocks: Block[], before?: { values: StateValues; blocks: Block[] }): StateValues {
  const values: StateValues = {};
  for (const block of blocks) {
    for (const element of elementsOf(block)) {
      const initial = initialValue(element);
      if (initial === undefined) continue; // a button and an overflow menu hold nothing
      const [blockId, actionId] = [block.block_id ?? '', element.action_id ?? ''];
      const kept = before?.values[blockId]?.[actionId];
      const value = kept?.type === element.type && stillOffered(element, kept) ? kept : initial;
      values[blockId] = { ...values[blockId], [actionId]: value };
    }
  }
  return values;
}

/** A chosen option that the new form does not offer any more cannot stay chosen. */
function stillOffered(element: Element, kept: StateValue): boolean {
  if (!('options' in element) || element.options === undefined) return true;
  const offered = new Set(element.options.map((option) => option.value));
  const chosen = [kept.selected_option ?? [], kept.selected_options ?? []].flat();
  return chosen.every((option) => offered.has(option.value));
}
