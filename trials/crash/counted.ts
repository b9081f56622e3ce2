/** The ports of a bot with a counter around every call, so that a trial can stop the process at each of them. */
import type { Rooms } from '../../src/app.js';

/** Which call the process dies at, and whether the call still has its effect. */
export interface Stop {
  /** Its number, or a name: the first call of that name. */
  call: string;
  side: 'before' | 'after';
}

/**
 * Calls that leave nothing behind: who dies at one of them leaves what the call before it left, and that is a stop of
 * its own. So is every moment at which a lock is held.
 */
const READS = new Set([
  ...named('store', 'load', 'loadRule', 'rulesOf', 'ofPerson', 'owed', 'loadPosted', 'exclusively'),
  ...named('store', 'live', 'loadPause', 'taken', 'countingOn', 'groupsUsed'),
  ...named('people', 'person', 'profileField', 'groupMembers', 'byEmail'),
  ...named('desktops', 'byIds', 'byOwner', 'inDirectory', 'netbios', 'tags'),
  ...named('firewall', 'interfaceAt', 'interfacesById', 'reach', 'rules', 'tagged', 'ownGroups', 'carriers'),
]);

function named(port: string, ...methods: string[]): string[] {
  return methods.map((method) => `${port}.${method}`);
}

/**
 * The same rooms, every call through whose ports goes through `around`: those that may change something, or all.
 * @param around gets the call's number, from 1, its name and what does it
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
