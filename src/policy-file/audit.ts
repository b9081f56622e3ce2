/** `audit`: how much of the audit log Redis keeps; the log lines are the durable copy. */
import { z } from 'zod';
import { capital, keys, like, quoted, wholeNumber } from './values.js';

/** A number of days, since durations that people ask for end at 365 days. */
const days = z
  .string({ error: ({ input }) => notDays(input) })
  .regex(/^[1-9]\d{0,3}d$/, { error: ({ input }) => notDays(input) })
  .transform((given) => Number.parseInt(given, 10) * 86_400_000);

function notDays(input: unknown): string {
  return `${capital(quoted(input))} is not a number of days. Write 400d.`;
}

export const audit = keys(
  { keep: days.prefault('400d'), records: wholeNumber('records', 1000, 100_000_000).default(1_000_000) },
  like('audit: { keep: 400d, records: 1000000 }'),
);
