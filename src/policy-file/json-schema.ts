/** The policy file's form for editors, from the same definition that the bot reads it with. */
import { z } from 'zod';
import { policyFile } from './file.js';

/** A JSON Schema (draft 7, which YAML editors know best). Contradictions between two keys are found by the bot alone. */
export function policySchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(policyFile, { target: 'draft-7', io: 'input' });
  return { $schema, title: 'The policy of workspace-ssh', ...schema };
}
