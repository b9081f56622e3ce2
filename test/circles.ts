/**
 * Finds files and folders that import each other in a circle, so that each can be read after the files that it imports.
 */
import { findingsOf } from './house.js';

export interface SourceFile {
  /** Relative to the repository, with slashes: `sandbox/slack/server.ts`. */
  path: string;
  source: string;
}

/**
 * Looks at every import, of types as well, among `files`.
 * @returns a sentence for each file from which imports lead back to the file itself, by the shortest way
 */
export function circlesIn(files: readonly SourceFile[]): string[] {
  return circles(new Map(files.map(({ path, source }) => [path, importedBy(path, source)])));
}

/**
 * A sentence for each folder in a circle of imports. A folder may import from, and be imported by, the folders above it
 * and inside of it.
 */
export function folderCirclesIn(files: readonly SourceFile[]): string[] {
  const imports = new Map<string, string[]>();
  for (const { path, source } of files) {
    const from = folderOf(path);
    const others = importedBy(path, source)
      .map(folderOf)
      .filter((to) => !`${to}/`.startsWith(`${from}/`) && !`${from}/`.startsWith(`${to}/`));
    imports.set(from, [...(imports.get(from) ?? []), ...others]);
  }
  return circles(imports);
}

function circles(imports: ReadonlyMap<string, readonly string[]>): string[] {
  return [...imports.keys()].flatMap((start) => {
    const way = wayBack(start, imports);
    return way ? [`${way.join(' imports ')}: move what they share to a place of its own`] : [];
  });
}

function importedBy(path: string, source: string): string[] {
  return findingsOf(source)
    .imports.filter((name) => name.startsWith('.'))
    .map((name) => new URL(name, `file:///${path}`).pathname.slice(1).replace(/\.js$/, '.ts'));
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

function wayBack(start: string, imports: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const ways = (imports.get(start) ?? []).map((first) => [start, first]);
  const seen = new Set<string>();
  for (const way of ways) {
    const last = way.at(-1) ?? '';
    if (last === start) return way;
    if (seen.has(last)) continue;
    seen.add(last);
    ways.push(...(imports.get(last) ?? []).map((next) => [...way, next]));
  }
  return undefined;
}
