/** Writes times, and how much time is left, as people read them. */

/** `14:05` or `14:05:09` in a time zone. Default: the browser's own zone. */
export function clockTime(atMs: number, zone?: string, withSeconds = false): string {
  return new Intl.DateTimeFormat('en-GB', {
    ...(zone === undefined ? {} : { timeZone: zone }),
    hour: '2-digit',
    minute: '2-digit',
    ...(withSeconds ? { second: '2-digit' as const } : {}),
  }).format(atMs);
}

/** `42 s`, `3:05 min`, `2 h 10 min`. */
export function timeLeft(ms: number): string {
  const s = Math.max(0, Math.ceil(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')} min`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}
