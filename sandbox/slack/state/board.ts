/** Keeps the modals and Home tabs on people's screens: their stacks, their hashes, and the values in their fields. */

import { type View, withIds } from '../block-kit/blocks.js';
import { type StateValue, type StateValues, valuesOf } from './values.js';

/** A modal or a Home tab on somebody's screen. Reading a property gives the present state. */
export interface OpenView {
  readonly id: string;
  readonly hash: string;
  readonly userId: string;
  /** The view as the app sent it, with the ids that Slack fills in. */
  readonly view: View;
  readonly values: StateValues;
  /** The sentences under the fields since the last submission, by block_id. */
  readonly errors: Record<string, string>;
  /** False once the view was closed, submitted or cleared away. */
  readonly open: boolean;
}

/** A view as Slack keeps it, with the parts for API answers and payloads that no person sees. */
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
  /** Takes one modal from the screen, so that the modal below shows again. */
  close(record: ViewRecord): void;
  clear(userId: string): void;
  enter(record: ViewRecord, blockId: string, actionId: string, value: StateValue): void;
  showErrors(record: ViewRecord, errors: Record<string, string>): void;
  find(by: { id?: string; externalId?: string }): ViewRecord | undefined;
  stack(userId: string): ViewRecord[];
  home(userId: string): ViewRecord | undefined;
}

/** @param shown called after a view opened, changed or closed */
export function createBoard(newId: (prefix: string) => string, shown: (view: OpenView) => void): ViewBoard {
  const records = new Map<string, ViewRecord>();
  const homes = new Map<string, ViewRecord>();
  const changed = (record: ViewRecord): ViewRecord => {
    shown(record);
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
