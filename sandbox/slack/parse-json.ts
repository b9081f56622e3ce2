/** Reads JSON that somebody else wrote: text that cannot be read is no fault of the sandbox. */

/** @returns undefined for text that is no JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
