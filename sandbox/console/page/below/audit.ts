/** Shows the audit log, newest record first. */
import type { AuditShown } from '../../shown/shapes.js';
import { clockTime } from '../clock.js';
import { byId, h, reconcile } from '../dom.js';
import { on, type Store } from '../store.js';

const SHOWN = 200;

export function showAudit(store: () => Store): void {
  const list = byId('audit');
  on(['audit'], () => {
    const { audit, town } = store();
    const newest = audit.slice(-SHOWN).reverse();
    const name = (who: string): string => town.people.find(({ id }) => id === who)?.name ?? who;
    reconcile(
      list,
      newest,
      ({ seq, atMs, what, ids }) => `${seq ?? `${what} ${JSON.stringify(ids)}`} ${atMs}`,
      (record) => recordNode(record, name),
    );
    byId('no-audit').hidden = newest.length > 0;
  });
}

function recordNode(record: AuditShown, name: (who: string) => string): HTMLElement {
  const { seq, atMs, who, what, why, ids } = record;
  const { request, ...others } = ids;
  return h(
    'li',
    { class: 'record' },
    h(
      'details',
      {},
      h(
        'summary',
        {},
        h('span', { class: 'seq' }, seq === undefined ? 'not in Redis' : `#${seq}`),
        h('time', { datetime: new Date(atMs).toISOString() }, clockTime(atMs, true)),
        h('strong', {}, what),
        request !== undefined && h('span', { class: 'request-id' }, request),
        h('span', { class: 'detail', title: why }, [`by ${name(who)}`, why].filter(Boolean).join(' · ')),
      ),
      h(
        'dl',
        {},
        ...[...Object.entries(others), ['why', why]].flatMap(([key = '', value = '']) =>
          value === '' ? [] : [h('dt', {}, key), h('dd', {}, value)],
        ),
      ),
    ),
  );
}
