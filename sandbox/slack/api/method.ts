/** Describes a method of the Web API by the scopes that it needs, how often it may be called, and what it does. */
import type { Town } from '../state/town.js';
import type { Args } from './arguments.js';

export interface Method {
  /** The scopes of which any one is enough, as for `conversations.info`. Empty where no scope is needed. */
  scopes: string[] | ((town: Town, args: Args) => string[]);
  rate: 'none' | 'post' | 'tier2' | 'tier3' | 'tier4';
  /** @throws Refusal */
  run(town: Town, args: Args): Record<string, unknown>;
}
