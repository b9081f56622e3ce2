/** Gives out trigger ids, each of which lets the app open one form within seconds after a person did something. */
import { randomBytes } from 'node:crypto';
import type { SlackSettings } from '../settings.js';

type TriggerProblem = 'invalid_trigger_id' | 'expired_trigger_id' | 'exchanged_trigger_id';
export interface Triggers {
  create(userId: string, fromView?: string): string;
  /** Uses a trigger up: each works once, even if the call that brings the trigger then fails. */
  exchange(id: string): { userId: string; fromView?: string } | TriggerProblem;
}

export function createTriggers(settings: SlackSettings): Triggers {
  const born = new Map<string, { at: number; userId: string; fromView?: string; used: boolean }>();
  return {
    create(userId, fromView) {
      const id = `${Date.now()}.${Math.floor(Math.random() * 1e12)}.${randomBytes(16).toString('hex')}`;
      born.set(id, { at: Date.now(), userId, used: false, ...(fromView === undefined ? {} : { fromView }) });
      return id;
    },
    exchange(id) {
      const trigger = born.get(id);
      if (!trigger) return 'invalid_trigger_id';
      if (trigger.used) return 'exchanged_trigger_id';
      if (Date.now() - trigger.at > settings.triggerLifeMs) return 'expired_trigger_id';
      trigger.used = true;
      return trigger;
    },
  };
}
