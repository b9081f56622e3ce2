/** Counts every call through a bot's ports, so that a trial can stop the process at each call. */
import type { Rooms } from '../../src/app.js';

/** The call at which the process dies: before the call has an effect, or after. */
export interface Stop {
  /** The call's number, or a name, which stands for the first call of that name. */
  call: string;
  side: 'before' | 'after';
}

/**
 * Calls that change nothing. A bot that dies at such a call leaves the same behind as a bot that dies after the call
 * before, which is a stop already. The same is true of taking a lock.
 */
const READS = new Set([
  ...named(
    'store',
    'load',
    'look',
    'loadRule',
    'ruleOf',
    'rulesOf',
    'ofPerson',
    'owed',
    'loadPosted',
    'exclusively',
    'telling',
    'atRequest',
    'atRequests',
    'lookAtOpening',
  ),
  ...named('store', 'live', 'countLive', 'loadPause', 'taken', 'countingOn', 'groupsUsed'),
  ...named('people', 'person', 'profileField', 'groupMembers', 'byEmail'),
  ...named('desktops', 'byIds', 'byOwner', 'inDirectory', 'netbios', 'tags'),
  ...named(
    'firewall',
    'interfaceAt',
    'interfacesById',
    'carriersOf',
    'standingGroup',
    'rules',
    'tagged',
    'ownGroups',
    'carriers',
  ),
]);

function named(port: string, ...methods: string[]): string[] {
  return methods.map((method) => `${port}.${method}`);
}

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
  const wrap = <T extends object>(port: string, real: T): T =>
    new Proxy(real, {
      get(target, method) {
        const value: unknown = Reflect.get(target, method);
        const name = `${port}.${String(method)}`;
        if (typeof value !== 'function' || (which === 'changes' && READS.has(name))) return value;
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
