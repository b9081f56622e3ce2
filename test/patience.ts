/**
 * How long a test waits for what it waits for: a bound for what never comes, so long that no busy machine reaches it.
 * `npm run mutations` takes a shorter one, since there much never comes.
 */
export const PATIENCE_MS = Number(process.env.TEST_PATIENCE_MS ?? 90_000);

/** Something that is waited for until the test opens it. */
export function gate(): { opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
