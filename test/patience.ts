/**
 * How long a test waits for what it waits for: a bound for what never comes, so long that no busy machine reaches it.
 * `npm run mutations` takes a shorter one, since there much never comes.
 */
export const PATIENCE_MS = Number(process.env.TEST_PATIENCE_MS ?? 90_000);
