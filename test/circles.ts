/** Finds files that import each other in a circle, so that every file can be read with only those that come before it. */
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
  const imports = new Map(files.map(({ path, source }) => [path, importedBy(path, source)]));
  return files.flatMap(({ path }) => {
    const way = wayBack(path, imports);
    return way ? [`${way.join(' imports ')}: move what they share into a file of its own`] : [];
  });
}

function importedBy(path: string, source: string): string[] {
  return findingsOf(source)
    .imports.filter((name) => name.startsWith('.'))
    .map((name) => new URL(name, `file:///${path}`).pathname.slice(1).replace(/\.js$/, '.ts'));
}

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
