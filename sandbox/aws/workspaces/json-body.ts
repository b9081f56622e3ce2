/** Checks the JSON bodies of calls to WorkSpaces and Directory Service against a shape. */
import type { z } from 'zod';
import { AwsError } from '../errors.js';

export type Json = Record<string, unknown>;

/** @throws AwsError ValidationException, as AWS does for a body that breaks the constraints of its service model */
export function checked<T>(shape: z.ZodType<T>, body: unknown): T {
  const result = shape.safeParse(body);
  if (result.success) return result.data;
  const [first] = result.error.issues;
  const at = first?.path.join('.') ?? '';
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value at '${at}' failed to satisfy constraint: ${first?.message}`,
  );
}
