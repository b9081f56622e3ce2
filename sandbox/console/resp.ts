/** Reads Redis' protocol from passing bytes, so that the time line can show calls and replies. */

export type RespValue = string | number | null | RespValue[] | { error: string };

export interface RespReader {
  /** Takes bytes in pieces of any size. @returns the values that are complete now */
  push(chunk: Buffer): RespValue[];
}

const CR = 13;

export function respReader(): RespReader {
  let rest: Buffer = Buffer.alloc(0);
  return {
    push(chunk) {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const values: RespValue[] = [];
      let at = 0;
      for (;;) {
        const read = valueAt(rest, at);
        if (!read) break;
        values.push(read.value);
        at = read.next;
      }
      rest = rest.subarray(at);
      return values;
    },
  };
}

interface Read {
  value: RespValue;
  next: number;
}

function valueAt(bytes: Buffer, at: number): Read | undefined {
  const end = bytes.indexOf(CR, at);
  if (end < 0 || end + 2 > bytes.length) return undefined;
  const kind = String.fromCharCode(bytes[at] ?? 0);
  const line = bytes.toString('utf8', at + 1, end);
  const next = end + 2;
  switch (kind) {
    case ':':
      return { value: Number(line), next };
    case '-':
      return { value: { error: line }, next };
    case '$':
      return bulkAt(bytes, next, Number(line));
    case '*':
      return listAt(bytes, next, Number(line));
    default:
      return { value: line, next };
  }
}

function bulkAt(bytes: Buffer, at: number, length: number): Read | undefined {
  if (length < 0) return { value: null, next: at };
  if (at + length + 2 > bytes.length) return undefined;
  return { value: bytes.toString('utf8', at, at + length), next: at + length + 2 };
}

function listAt(bytes: Buffer, at: number, length: number): Read | undefined {
  if (length < 0) return { value: null, next: at };
  const items: RespValue[] = [];
  let next = at;
  for (let index = 0; index < length; index++) {
    const item = valueAt(bytes, next);
    if (!item) return undefined;
    items.push(item.value);
    next = item.next;
  }
  return { value: items, next };
}
