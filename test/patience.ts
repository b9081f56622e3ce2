/**
 * How long a test waits before it fails: so long that no busy machine reaches the bound.
 * `npm run mutations` takes a shorter bound, since without a protection much never comes.
 */
export const PATIENCE_MS = Number(process.env.TEST_PATIENCE_MS ?? 90_000);

/** A gate that code under test waits at until the test opens it. */
export function gate(): { opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
