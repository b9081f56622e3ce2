/** Reads the arguments of a Web API call, which arrive as JSON, or as a form that has JSON inside, with loose types. */
import type { Block, View } from '../block-kit/blocks.js';
import { checkMessageBlocks, checkView } from '../block-kit/check.js';
import { parseJson } from '../parse-json.js';
import { Refusal, refuseWith } from './refusal.js';

export type Args = Record<string, unknown>;

/** Slack refuses longer messages with `msg_too_long`. */
const LONGEST_TEXT = 40_000;
const LARGEST_VIEW_BYTES = 250_000;

export function optional(args: Args, name: string): string | undefined {
  const value = args[name];
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function required(args: Args, name: string): string {
  const value = optional(args, name);
  if (value === undefined) throw refuseWith('invalid_arguments', [`[ERROR] missing required field: ${name}`]);
  return value;
}

export function flag(args: Args, name: string): boolean {
  return [true, 1, 'true', '1'].some((yes) => args[name] === yes);
}

/** Reads an argument that a form carries as JSON text and a JSON body carries as it is. */
export function structured(args: Args, name: string): unknown {
  const value = args[name];
  return typeof value === 'string' ? parseJson(value) : value;
}

/**
 * @returns the parts of a message; `undefined` for each part that the call leaves out, which `chat.update` then keeps
 */
export function messageContent(args: Args): {
  text: string | undefined;
  blocks: Block[] | undefined;
  attachments: unknown;
} {
  const text = typeof args.text === 'string' ? args.text : undefined;
  if ((text?.length ?? 0) > LONGEST_TEXT) throw new Refusal('msg_too_long');
  const attachments = structured(args, 'attachments');
  if (args.blocks === undefined || args.blocks === '') return { text, blocks: undefined, attachments };
  const given = structured(args, 'blocks');
  if (!Array.isArray(given)) throw new Refusal('invalid_blocks_format');
  const checked = checkMessageBlocks(given);
  if (!checked.ok) throw refuseWith('invalid_blocks', checked.messages);
  return { text, blocks: checked.value, attachments };
}

export function viewArgument(args: Args, type: View['type']): View {
  const given = structured(args, 'view');
  if (JSON.stringify(given ?? null).length > LARGEST_VIEW_BYTES) throw new Refusal('view_too_large');
  const checked = checkView(given);
  if (!checked.ok) throw refuseWith('invalid_arguments', checked.messages);
  if (checked.value.type !== type) {
    throw refuseWith('invalid_arguments', [
      `[ERROR] unsupported type: ${checked.value.type} [json-pointer:/view/type]`,
    ]);
  }
  return checked.value;
}
