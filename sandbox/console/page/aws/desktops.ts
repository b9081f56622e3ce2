/** Shows the WorkSpaces with their interfaces, and the security groups. */
import type { Group, Interface, Workspace } from '../../../aws/state/resources.js';
import { byId, h, reconcile } from '../dom.js';
import { on, type Store } from '../store.js';
import { carriersOf, isAccessGroup } from './reach.js';

interface DesktopRow {
  workspace: Workspace;
  at: Interface | undefined;
  /** The groups on the interface, whose names the row shows. */
  groups: Group[];
}

interface GroupRow {
  group: Group;
  carriers: string;
  rules: number;
}

export function showDesktops(store: () => Store): void {
  let desktops = new Map<string, DesktopRow>();
  let groups = new Map<string, GroupRow>();
  const [desktopBody, groupBody] = [byId('workspaces'), byId('groups')];
  on(['aws'], () => {
    const now = store();
    const nextDesktops = [...now.workspaces.values()].map((workspace): [string, DesktopRow] => {
      const at = now.interfaces.get(workspace.interfaceId ?? '');
      const carried = (at?.groups ?? []).flatMap((id) => now.groups.get(id) ?? []);
      const before = desktops.get(workspace.id);
      const isSame = before?.workspace === workspace && before.at === at && sameItems(before.groups, carried);
      return [workspace.id, isSame ? before : { workspace, at, groups: carried }];
    });
    desktops = new Map(nextDesktops);
    reconcile(
      desktopBody,
      [...desktops.values()],
      ({ workspace }) => workspace.id,
      (row, before) => desktopNode(row, before !== undefined),
    );

    const counts = new Map<string, number>();
    for (const { groupId } of now.rules.values()) counts.set(groupId, (counts.get(groupId) ?? 0) + 1);
    const nextGroups = [...now.groups.values()].map((group): [string, GroupRow] => {
      const carriers = carriersOf(now, group.id).join(', ');
      const rules = counts.get(group.id) ?? 0;
      const before = groups.get(group.id);
      const isSame = before?.group === group && before.carriers === carriers && before.rules === rules;
      return [group.id, isSame ? before : { group, carriers, rules }];
    });
    groups = new Map(nextGroups);
    const sorted = [...groups.values()].sort(
      (a, b) => Number(isAccessGroup(b.group)) - Number(isAccessGroup(a.group)),
    );
    reconcile(
      groupBody,
      sorted,
      ({ group }) => group.id,
      (row, before) => groupNode(row, before !== undefined, now.fresh),
    );
    byId('directory').textContent = now.town.directories
      .map(({ id, name, shortName }) => `${id} · ${name} (${shortName})`)
      .join(', ');
    byId('region').textContent = now.town.region;
  });
}

const sameItems = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index]);

function desktopNode({ workspace, at, groups }: DesktopRow, isChange: boolean): HTMLElement {
  const { id, userName, os, state } = workspace;
  const calm = state === 'AVAILABLE' ? 'state-good' : state === 'STOPPED' ? 'state-off' : 'state-busy';
  return h(
    'tr',
    { class: isChange ? 'is-changed' : '', 'data-workspace': id },
    h('td', {}, h('strong', {}, id), h('div', { class: 'small' }, `${userName} · ${systemName(os)}`)),
    h('td', {}, h('span', { class: `state ${calm}` }, state.toLowerCase().replaceAll('_', ' '))),
    h('td', {}, h('div', {}, at?.ip ?? '—'), h('div', { class: 'small' }, at?.publicIp ?? 'none public')),
    h(
      'td',
      {},
      at && h('div', { class: 'small' }, at.id),
      h(
        'div',
        { class: 'chips' },
        ...groups.map((group) =>
          h(
            'span',
            { class: isAccessGroup(group) ? 'chip chip-bot' : 'chip', title: `${group.id} ${group.name}` },
            group.name,
          ),
        ),
      ),
    ),
  );
}

function groupNode({ group, carriers, rules }: GroupRow, isChange: boolean, fresh: Set<string>): HTMLElement {
  return h(
    'tr',
    { class: isChange ? 'is-changed' : fresh.has(group.id) ? 'is-new' : '' },
    h(
      'td',
      {},
      h('strong', { class: 'group-name', title: group.name }, group.name),
      h('div', { class: 'small' }, group.id),
    ),
    h(
      'td',
      {},
      isAccessGroup(group)
        ? h('span', { class: 'owner owner-bot' }, 'the bot’s')
        : h('span', { class: 'owner owner-other' }, 'others’'),
    ),
    h('td', {}, carriers || '—'),
    h('td', {}, rules === 1 ? '1 rule' : `${rules} rules`),
  );
}

/** AWS's name of a system as people write it: `Ubuntu 22.04` for `UBUNTU_22_04`. */
function systemName(os: string): string {
  const [name = '', ...version] = os.split('_');
  const word = name.length <= 4 ? name : name.charAt(0) + name.slice(1).toLowerCase();
  return `${word} ${version
    .map((part) => (/^\d+$/.test(part) ? part : part.charAt(0) + part.slice(1).toLowerCase()))
    .join('.')
    .replace('Linux.', 'Linux ')}`.trim();
}
