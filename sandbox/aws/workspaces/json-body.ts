/** What WorkSpaces and Directory Service share: JSON bodies that are checked against a shape. */
import type { z } from 'zod';
import { AwsError } from '../errors.js';

export type Json = Record<string, unknown>;

/** Throws ValidationException, as AWS does for what breaks the constraints of its service model. */
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
