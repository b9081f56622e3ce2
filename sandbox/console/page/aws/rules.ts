/** Shows the ingress rules: who made each, for whom, and how much time is left. */
import type { Rule } from '../../../aws/state/resources.js';
import { endOf, leasesOf } from '../../shown/leases.js';
import { weather } from '../ask.js';
import { clockTime, timeLeft } from '../clock.js';
import { byId, h, reconcile } from '../dom.js';
import { GONE_FOR_MS, type GoneRule, on, type Store } from '../store.js';
import { reachOf } from './reach.js';

/** A row of the table: a rule, or one that was just removed. The row's node stays as long as this object does. */
type Row = { rule: Rule; gone: GoneRule | undefined; reach: string };

export function showRules(store: () => Store): void {
  const body = byId('rules');
  let rows = new Map<string, Row>();
  on(['aws'], () => {
    const { rules, goneRules } = store();
    const all = [
      ...[...rules.values()].map((rule) => ({ rule, gone: undefined })),
      ...[...goneRules.values()].map((gone) => ({ rule: gone.rule, gone })),
    ];
    const next = new Map<string, Row>();
    for (const { rule, gone } of all) {
      const reach = reachOf(store(), rule.groupId);
      const before = rows.get(rule.ruleId);
      const isSame = before?.rule === rule && before.gone === gone && before.reach === reach;
      next.set(rule.ruleId, isSame ? before : { rule, gone, reach });
    }
    rows = next;
    const sorted = [...rows.values()].sort((a, b) => b.rule.createdAtMs - a.rule.createdAtMs);
    reconcile(
      body,
      sorted,
      ({ rule }) => rule.ruleId,
      (row, before) => rowNode(row, before !== undefined, store()),
    );
    const count = rules.size;
    byId('rule-count').textContent = String(count);
    byId('no-rules').hidden = sorted.length > 0;
    tick();
  });
  const tick = (): void => {
    const now = Date.now();
    for (const cell of body.querySelectorAll<HTMLElement>('[data-ends]')) {
      const left = Number(cell.dataset.ends) - now;
      const total = Number(cell.dataset.ends) - Number(cell.dataset.opened);
      const words = left > 0 ? `${timeLeft(left)} left` : 'over: closing';
      const text = cell.querySelector('.left');
      if (text && text.textContent !== words) text.textContent = words;
      const bar = cell.querySelector<HTMLProgressElement>('progress');
      if (bar) bar.value = Math.max(0, Math.min(1, left / total));
      cell.classList.toggle('is-short', left < Math.min(600_000, total * 0.3));
    }
  };
  setInterval(tick, 500);
}

function rowNode({ rule, gone, reach }: Row, isChange: boolean, { fresh, town }: Store): HTMLElement {
  const leases = leasesOf(rule);
  const endsAtMs = endOf(rule);
  const look = gone ? 'is-gone' : isChange ? 'is-changed' : fresh.has(rule.ruleId) ? 'is-new' : '';
  const people = leases.map(({ user }) => town.people.find(({ id }) => id === user)?.name ?? user);
  const requests = leases.map(({ requestId }) => requestId).join(', ');
  const port =
    rule.protocol === '-1'
      ? 'everything'
      : `${rule.protocol}/${rule.fromPort}${rule.toPort === rule.fromPort ? '' : `–${rule.toPort}`}`;
  const owner =
    leases.length === 0
      ? h('span', { class: 'owner owner-other' }, 'somebody else’s')
      : rule.manual
        ? h('span', { class: 'owner owner-other' }, 'forged by hand')
        : h('span', { class: 'owner owner-bot' }, 'the bot’s');
  const tags = Object.entries(rule.tags);
  return h(
    'tr',
    { class: `rule ${look}`, 'data-rule': rule.ruleId, 'data-source': rule.cidr },
    h(
      'td',
      {},
      h('strong', { class: 'source', title: rule.cidr }, rule.cidr || rule.sourceGroupId || ''),
      h('div', { class: 'small' }, `${port} · ${rule.ruleId}`),
      tags.length > 0 &&
        h(
          'details',
          { class: 'tags' },
          h('summary', {}, tags.length === 1 ? '1 tag' : `${tags.length} tags`),
          h('dl', {}, ...tags.flatMap(([key, value]) => [h('dt', {}, key), h('dd', {}, value)])),
        ),
    ),
    h('td', {}, h('span', { title: rule.groupId }, reach)),
    h(
      'td',
      {},
      owner,
      leases.length > 0
        ? h('div', { class: 'small' }, `${requests} · ${people.join(', ')}`)
        : h('div', { class: 'small' }, rule.description),
    ),
    gone
      ? h('td', { class: 'time-cell' }, h('strong', { class: 'left' }, goneWords(gone, endsAtMs)))
      : timeCell(rule, endsAtMs),
  );
}

function timeCell(rule: Rule, endsAtMs: number | undefined): HTMLElement {
  const remove = h(
    'button',
    {
      type: 'button',
      class: 'by-hand',
      'aria-label': `Delete ${rule.cidr} by hand`,
      'data-spot': `delete ${rule.ruleId}`,
    },
    'Delete by hand',
  );
  remove.addEventListener('click', () => void weather({ id: 'rule-deleted', on: true, target: rule.ruleId }));
  if (endsAtMs === undefined)
    return h('td', { class: 'time-cell' }, h('span', { class: 'left' }, 'no end'), remove);
  const openedAtMs = Math.min(...leasesOf(rule).map((lease) => lease.openedAtMs));
  return h(
    'td',
    {
      class: 'time-cell',
      'data-ends': endsAtMs,
      'data-opened': openedAtMs,
      title: `until ${clockTime(endsAtMs, true)}`,
    },
    h('strong', { class: 'left' }, ''),
    h('progress', { max: 1, value: 1, 'aria-label': 'Time left' }),
    remove,
  );
}

/** The words on a removed rule, with how late it was removed, since the bot is there to remove rules on time. */
function goneWords({ atMs }: GoneRule, endsAtMs: number | undefined): string {
  if (endsAtMs === undefined) return 'removed';
  const late = (atMs - endsAtMs) / 1000;
  return late < 0 ? 'removed' : `removed, ${late.toFixed(1)} s after its end`;
}

// Tells the stylesheet how long a removed rule fades.
document.documentElement.style.setProperty('--gone-for', `${GONE_FOR_MS}ms`);
