/** Renders Slack's date tokens in a reader's time zone, because a time in the wrong zone is a wrong time. */

const FORMATS = new Map<string, Intl.DateTimeFormat>();

/**
 * @param markup the inside of `<!date^1392734382^Until {time}^https://…|fallback>` before its bar
 * @param zone the reader's IANA time zone
 * @returns undefined when Slack would show the fallback
 */
export function slackDate(markup: string, zone: string, now: Date = new Date()): string | undefined {
  const [, seconds = '', format = ''] = markup.split('^');
  if (!/^-?\d+$/.test(seconds) || format === '') return undefined;
  const at = new Date(Number(seconds) * 1000);
  let known = true;
  const text = format.replace(/\{(\w+)\}/g, (_, token: string) => {
    const shown = render(token, at, zone, now);
    if (shown === undefined) known = false;
    return shown ?? '';
  });
  return known ? text : undefined;
}

function render(token: string, at: Date, zone: string, now: Date): string | undefined {
  const part = (options: Intl.DateTimeFormatOptions): string =>
    formatOf('en-US', { timeZone: zone, ...options }).format(at);
  const ordinalDay = (month: 'long' | 'short'): string =>
    `${part({ month })} ${ordinal(Number(part({ day: 'numeric' })))}, ${part({ year: 'numeric' })}`;
  switch (token) {
    case 'date_num':
      return formatOf('en-CA', { timeZone: zone, dateStyle: 'short' }).format(at);
    case 'date_slash':
      return part({ month: '2-digit', day: '2-digit', year: 'numeric' });
    case 'date':
      return ordinalDay('long');
    case 'date_short':
      return part({ month: 'short', day: 'numeric', year: 'numeric' });
    case 'date_long':
      return `${part({ weekday: 'long' })}, ${ordinalDay('long')}`;
    case 'date_pretty':
      return nearDay(at, zone, now) ?? render('date', at, zone, now);
    case 'date_short_pretty':
      return nearDay(at, zone, now) ?? render('date_short', at, zone, now);
    case 'date_long_pretty':
      return nearDay(at, zone, now) ?? render('date_long', at, zone, now);
    case 'time':
      return part({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
    case 'time_secs':
      return part({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
    case 'ago':
      return `${Math.round((now.getTime() - at.getTime()) / 60_000)} minutes ago`;
    default:
      return undefined;
  }
}

/** Keeps each format: making one takes longer than rendering the rest of a message, and every look needs some. */
function formatOf(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  const format = FORMATS.get(key) ?? new Intl.DateTimeFormat(locale, options);
  FORMATS.set(key, format);
  return format;
}

function nearDay(at: Date, zone: string, now: Date): string | undefined {
  const day = (date: Date): string => formatOf('en-CA', { timeZone: zone }).format(date);
  const aDay = 86_400_000;
  if (day(at) === day(now)) return 'today';
  if (day(at) === day(new Date(now.getTime() - aDay))) return 'yesterday';
  return day(at) === day(new Date(now.getTime() + aDay)) ? 'tomorrow' : undefined;
}

function ordinal(day: number): string {
  const suffix = day % 100 >= 11 && day % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][day % 10] ?? 'th');
  return `${day}${suffix}`;
}
