/** Collects what a run's trace and its bots' logs say about the request or the rule that a violation names. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const REQUEST_ID = /\b[2-9A-HJ-NP-Z]{5}\b/g;
const RULE_ID = /\bsgr-\w+/g;
/** Events of the whole run, which belong to a story if they happen during it. */
const WEATHER = ['outage', 'redis-loses', 'replica-gone'];
const AROUND_MS = 500;
const WIDEST = 150;

const line = z.looseObject({ atMs: z.number(), what: z.string(), text: z.string().optional() });
const auditLine = z.object({ audit: z.looseObject({ atMs: z.number() }) });

/**
 * @returns a line for each event, oldest first, with milliseconds since the first; nothing where the violation names
 *   neither a request nor a rule
 * @param traceFile see `openTrace`
 * @param logFiles the bots' logs, one JSON line each
 */
export function storyOf(violation: string, traceFile: string, logFiles: readonly string[]): string[] {
  const names = [...(violation.match(REQUEST_ID) ?? []), ...(violation.match(RULE_ID) ?? [])];
  if (names.length === 0) return [];
  const isAbout = (text: string) => names.some((name) => text.includes(name));
  const trace = jsonLines(traceFile).flatMap((one) => line.safeParse(one).data ?? []);
  const audit = logFiles.flatMap((file) =>
    jsonLines(file).flatMap((one) => auditLine.safeParse(one).data?.audit ?? []),
  );
  const own = [...trace, ...audit].filter((one) => isAbout(JSON.stringify(one)));
  const instants = own.map(({ atMs }) => atMs);
  const [fromMs, toMs] = [Math.min(...instants) - AROUND_MS, Math.max(...instants) + AROUND_MS];
  const weather = trace.filter(({ atMs, what }) => WEATHER.includes(what) && atMs >= fromMs && atMs <= toMs);
  return [...own, ...weather]
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, t: _since, at: _at, ...rest }) => {
      const said = JSON.stringify(rest, (_key, value) =>
        typeof value === 'string' ? value.split('\n')[0] : value,
      );
      return `${atMs - fromMs - AROUND_MS} ${said}`.slice(0, WIDEST);
    });
}

function jsonLines(file: string): unknown[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((text) => {
      try {
        return [JSON.parse(text) as unknown];
      } catch {
        return []; // The last line may be written only in part.
      }
    });
}
