/** Counts every call through a bot's ports, so that a trial can stop the process at each call. */
import type { Rooms } from '../../src/app.js';
import type { Parts } from '../../src/workflow/ports.js';

/** The call at which the process dies: before the call has an effect, or after. */
export interface Stop {
  /** The call's number, or a name, which stands for the first call of that name. */
  call: string;
  side: 'before' | 'after';
}

type Ports = Pick<Parts, 'store' | 'timers' | 'people' | 'desktops' | 'firewall' | 'messenger'>;
type Calls = { readonly [P in keyof Ports]: Readonly<Record<keyof Ports[P], 'read' | 'change'>> };

/**
 * What each call of a port does. The compiler asks for a new call. A bot that dies at a call which only reads leaves the
 * same behind as a bot that dies after the call before, which is a stop already. The same is true of taking a lock, and of
 * what goes on inside calls that are counted by themselves.
 */
const CALLS: Calls = {
  store: {
    load: 'read',
    look: 'read',
    lookAll: 'read',
    loadRule: 'read',
    ruleOf: 'read',
    rulesOf: 'read',
    rulesAt: 'read',
    change: 'change',
    ofPerson: 'read',
    live: 'read',
    liveIds: 'read',
    countLive: 'read',
    owed: 'read',
    endsDue: 'read',
    forgetEnds: 'change',
    countingOn: 'read',
    groupsUsed: 'read',
    loadPause: 'read',
    changePause: 'change',
    loadPosted: 'read',
    lookAtOpening: 'read',
    atRequest: 'read',
    atRequests: 'read',
    telling: 'read',
    savePosted: 'change',
    mark: 'change',
    turn: 'change',
    hold: 'change',
    taken: 'read',
    exclusively: 'read',
    heldAmong: 'read',
    audit: 'change',
    trimAudit: 'change',
  },
  timers: { set: 'change', tell: 'change' },
  people: { person: 'read', profileField: 'read', groupMembers: 'read', byEmail: 'read' },
  desktops: {
    byIds: 'read',
    byOwner: 'read',
    inDirectory: 'read',
    netbios: 'read',
    tags: 'read',
    start: 'change',
  },
  firewall: {
    interfaceAt: 'read',
    standingGroup: 'read',
    accessGroup: 'change',
    attach: 'change',
    detach: 'change',
    ownGroups: 'read',
    carriers: 'read',
    deleteGroup: 'change',
    carriersOf: 'read',
    rules: 'read',
    prefixList: 'read',
    interfacesById: 'read',
    authorize: 'change',
    revoke: 'change',
    tag: 'change',
    untag: 'change',
    tagged: 'read',
  },
  messenger: { post: 'change', edit: 'change', notify: 'change' },
};
/**
 * Wraps the ports of the rooms, so that calls go through `around`.
 * @param which calls that may change something, or every call
 * @param around gets the call's number, from 1, its name, and the function that does the call
 */
export function counted(
  rooms: Rooms,
  which: 'changes' | 'every',
  around: (call: number, name: string, work: () => Promise<unknown>) => Promise<unknown>,
): Rooms {
  let calls = 0;
  const wrap = <P extends keyof Ports>(port: P, real: Ports[P]): Ports[P] =>
    new Proxy(real, {
      get(target, method) {
        const value: unknown = Reflect.get(target, method);
        const name = `${port}.${String(method)}`;
        const reads = Object.entries(CALLS[port]).some(([call, does]) => call === method && does === 'read');
        if (typeof value !== 'function' || (which === 'changes' && reads)) return value;
        return (...args: unknown[]) => {
          calls += 1;
          return around(calls, name, async () => Reflect.apply(value, target, args));
        };
      },
    });
  const { store, timers, people, desktops, firewall, messenger } = rooms.parts;
  const ports = {
    store: wrap('store', store),
    timers: wrap('timers', timers),
    people: wrap('people', people),
    desktops: wrap('desktops', desktops),
    firewall: wrap('firewall', firewall),
    messenger: wrap('messenger', messenger),
  };
  return { ...rooms, parts: { ...rooms.parts, ...ports } };
}
