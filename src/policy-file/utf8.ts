/**
 * Files that people write are UTF-8, or they are refused. A decoder that puts a replacement where it meets a wrong byte
 * makes another name of a name: the rule on that name then matches nothing, and the rule below it decides.
 */

export type Decoded = { ok: true; text: string } | { ok: false; problem: string };

/**
 * The text of a file, without the byte order mark that some editors put before it. A problem is one line, with the place
 * where the text stops being UTF-8: `policy.yml:6:58 This is not UTF-8: …`.
 */
export function decodeUtf8(bytes: Uint8Array, fileName: string): Decoded {
  const refused = (before: string, sentence: string): Decoded => {
    const lines = before.split('\n');
    const column = (lines.at(-1)?.length ?? 0) + 1;
    return { ok: false, problem: `${fileName}:${lines.length}:${column} ${sentence}` };
  };
  if (isUtf16(bytes)) return refused('', 'This file is UTF-16. Save it as UTF-8.');
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    const text = decoder.decode(bytes);
    const nul = text.indexOf('\0');
    if (nul < 0) return { ok: true, text };
    return refused(text.slice(0, nul), 'A NUL byte stands here: this file is no text.');
  } catch {
    const sentence = 'This is not UTF-8: the file is probably Latin-1 (Windows-1252). Save it as UTF-8.';
    return refused(rightBeginning(bytes), sentence);
  }
}

/** By the byte order mark, or by the NUL that stands beside each ASCII letter. */
function isUtf16([first, second]: Uint8Array): boolean {
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  return first !== undefined && second !== undefined && (first === 0) !== (second === 0);
}

/** The text before the first byte that is not UTF-8. */
function rightBeginning(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  try {
    for (const byte of bytes) text += decoder.decode(Uint8Array.of(byte), { stream: true });
  } catch {
    // The decoder has kept the bytes of a character that is only begun.
  }
  return text;
}
