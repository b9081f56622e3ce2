/** Writes times, and how much time is left, as people read them. */
import { byId } from './dom.js';

/** The zone of every time on the page, the visitor's own. In Slack each reader has a zone; here one visitor is everybody. */
export const ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Shows the clock that every time on the page goes by. */
export function showClock(): void {
  const clock = byId('clock');
  const draw = (): void => {
    clock.textContent = `${clockTime(Date.now(), true)} · ${ZONE}`;
  };
  draw();
  setInterval(draw, 1_000);
}

/** `14:05` or `14:05:09`. */
export function clockTime(atMs: number, withSeconds = false): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: ZONE,
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
