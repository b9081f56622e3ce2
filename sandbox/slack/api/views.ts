/** The Web API's methods for modals and Home tabs, with triggers that work once, hashes, and stacks of three. */

import { viewObject } from '../state/objects.js';
import type { Town } from '../state/town.js';
import { type Args, optional, required, viewArgument } from './arguments.js';
import type { Method } from './method.js';
import { Refusal } from './refusal.js';

/** One modal and two that are pushed over the first. */
const DEEPEST_STACK = 3;

export const viewMethods: Record<string, Method> = {
  'views.open': {
    scopes: [],
    rate: 'tier4',
    run(town, args) {
      const view = viewArgument(args, 'modal');
      refuseTakenExternalId(town, view.external_id);
      const { userId } = exchange(town, args);
      return { view: viewObject(town, town.board.open(userId, view)) };
    },
  },
  'views.push': {
    scopes: [],
    rate: 'tier4',
    run(town, args) {
      const view = viewArgument(args, 'modal');
      refuseTakenExternalId(town, view.external_id);
      const trigger = exchange(town, args);
      const under = trigger.fromView === undefined ? undefined : town.board.find({ id: trigger.fromView });
      if (under?.view.type !== 'modal') throw new Refusal('not_found');
      if (town.board.stack(under.userId).length >= DEEPEST_STACK) throw new Refusal('push_limit_reached');
      return { view: viewObject(town, town.board.push(under, view)) };
    },
  },
  'views.update': {
    scopes: [],
    rate: 'tier4',
    run(town, args) {
      const id = optional(args, 'view_id');
      const externalId = optional(args, 'external_id');
      const record = town.board.find({
        ...(id === undefined ? {} : { id }),
        ...(externalId === undefined ? {} : { externalId }),
      });
      if (!record) throw new Refusal('not_found');
      const view = viewArgument(args, record.view.type);
      const hash = optional(args, 'hash');
      if (hash !== undefined && hash !== record.hash) throw new Refusal('hash_conflict');
      town.board.update(record, view);
      return { view: viewObject(town, record) };
    },
  },
  'views.publish': {
    scopes: [],
    rate: 'tier4',
    run(town, args) {
      const userId = required(args, 'user_id');
      if (!town.member(userId)) throw new Refusal('user_not_found');
      const view = viewArgument(args, 'home');
      const hash = optional(args, 'hash');
      const shown = town.board.home(userId);
      if (hash !== undefined && shown && hash !== shown.hash) throw new Refusal('hash_conflict');
      return { view: viewObject(town, town.board.publish(userId, view)) };
    },
  },
};

function exchange(town: Town, args: Args): { userId: string; fromView?: string } {
  const trigger = town.triggers.exchange(required(args, 'trigger_id'));
  if (typeof trigger === 'string') throw new Refusal(trigger);
  return trigger;
}

function refuseTakenExternalId(town: Town, externalId: string | undefined): void {
  if (externalId && town.board.find({ externalId })) throw new Refusal('duplicate_external_id');
}
