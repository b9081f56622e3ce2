/**
 * Parts for listeners, with just enough of the world: requests in a Map, one WorkSpace, and no timer that ever fires.
 */

import type { Desktop } from '../../src/access/connecting/found.js';
import type { Policy } from '../../src/access/policy/policy.js';
import { isOver, waitsUntilMs } from '../../src/access/request/duties.js';
import { nextPause, type PauseRecord, pauseOf } from '../../src/access/request/pause.js';
import type { Request } from '../../src/access/request/request.js';
import { createMemory } from '../../src/workflow/memory.js';
import { AwsUnavailable, type Parts } from '../../src/workflow/ports.js';
import { type Step, StoreUnreachable } from '../../src/workflow/ports-store.js';

const HOUR = 3_600_000;

export const policy: Policy = {
  hash: 'a'.repeat(64),
  admins: ['U0ADA'],
  directories: {
    'd-90670a1b2c': {
      startStopped: false,
      people: { table: {}, from: { kind: 'email-local-part', domains: ['example.com'] } },
    },
  },
  managers: { table: { UJANE00001: 'UMARIA0001', U0JANE: 'U0MARIA' } },
  limits: {
    sources: {
      widestIpv4: 24,
      widestIpv6: 64,
      allowPrivate: false,
      allowDocumentation: true,
      denied: [],
      allowed: [],
    },
    networks: [],
    durations: {
      choicesMs: [HOUR, 2 * HOUR],
      defaultMs: 2 * HOUR,
      shortestMs: 5_000,
      longestMs: 8 * HOUR,
      longestTotalMs: 8 * HOUR,
    },
    perPerson: { waiting: 20 },
    unansweredMs: 4 * HOUR,
    laterMs: 7 * 24 * HOUR,
  },
  audit: { keepMs: 400 * 24 * HOUR, records: 1_000_000 },
  rules: [
    {
      name: 'own',
      target: {
        kind: 'own',
        directories: undefined,
        workspaces: undefined,
        systems: undefined,
        tags: undefined,
        owner: undefined,
      },
      requester: undefined,
      source: undefined,
      upToMs: undefined,
      when: undefined,
      emergency: undefined,
      extends: undefined,
      moves: undefined,
      outcome: { ask: [{ kind: 'manager' }] },
      notify: 'approvers',
      selfApproval: false,
    },
  ],
  firewall: { kind: 'access-group', keep: 500 },
};

const desktop: Desktop = {
  workspaceId: 'ws-janedoe01',
  directoryId: 'd-90670a1b2c',
  userName: 'jane',
  state: 'AVAILABLE',
  operatingSystem: 'UBUNTU_22_04',
  stopsByItself: false,
  subnetId: 'subnet-1',
  privateAddress: '10.0.0.7',
};

/** The levers by which a test breaks the world, and the state that it looks at. */
export interface Fake {
  requests: Map<string, Request>;
  store: 'up' | 'down' | 'unsure';
  /** The store waits with its answers until this promise resolves. */
  holds?: Promise<void>;
  aws: 'up' | 'down';
  faults: object[];
  pause?: PauseRecord;
}

/** @returns the parts, and the levers of their world */
export function fakeParts(): { parts: Parts; fake: Fake } {
  const fake: Fake = { requests: new Map(), store: 'up', aws: 'up', faults: [] };
  const deliveries = new Map<string, string>();
  const turns = new Set<string>();
  let drawn = 0;
  const unused = (): never => {
    throw new Error('no listener may call this');
  };
  const answering = async (): Promise<void> => {
    await fake.holds;
    if (fake.store !== 'up') throw new StoreUnreachable(fake.store === 'down');
  };
  const aws = async (): Promise<Desktop[]> => {
    if (fake.aws === 'down') throw new AwsUnavailable('AWS is down');
    return [desktop];
  };
  const parts: Parts = {
    installation: 'test',
    command: '/ssh-here',
    policy,
    times: {
      sweepMs: 1000,
      openByMs: 1000,
      absentFirstMs: 1000,
      absentAgainMs: 1000,
      alertMs: 1000,
      nudgeMs: 600_000,
      lateYesMs: 30 * 60_000,
      faultMs: 60_000,
      awsMs: 1000,
      lookMs: 1000,
      groupAgeMs: 86_400_000,
    },
    store: {
      async load(id) {
        await answering();
        return fake.requests.get(id);
      },
      async look(id) {
        await answering();
        return fake.requests.get(id);
      },
      async lookAll(ids) {
        await answering();
        return new Map(ids.map((id) => [id, fake.requests.get(id)]));
      },
      loadRule: async () => undefined,
      ruleOf: async () => undefined,
      rulesAt: async (places) => places.map(() => undefined),
      rulesOf: async () => [],
      mark: unused,
      async turn(name) {
        await answering();
        const isFirst = !turns.has(name);
        turns.add(name);
        return isFirst;
      },
      hold: unused,
      taken: unused,
      async change({ request, also = [], delivery, mostWaiting, unlessPaused }: Step) {
        await answering();
        const pause = pauseOf(fake.pause);
        if (pause && unlessPaused) return { outcome: 'paused', pause };
        const before = delivery === undefined ? undefined : deliveries.get(delivery);
        if (before) return { outcome: 'repeated', requestId: before };
        if (!request) return { outcome: 'done' };
        const isNext = ({ id, version }: Request) => (fake.requests.get(id)?.version ?? 0) === version - 1;
        if (![request, ...also].every(isNext)) return { outcome: 'conflict' };
        const waiting = [...fake.requests.values()].filter(
          (one) => one.ask.requester === request.ask.requester && waitsUntilMs(one) !== undefined,
        ).length;
        if (mostWaiting !== undefined && waiting >= mostWaiting) return { outcome: 'too-many', waiting };
        for (const one of [request, ...also]) fake.requests.set(one.id, one);
        if (delivery !== undefined) deliveries.set(delivery, request.id);
        return { outcome: 'done' };
      },
      async ofPerson(userId) {
        await answering();
        const theirs = [...fake.requests.values()].filter(({ ask }) => ask.requester === userId).reverse();
        const requests = [...theirs.filter((r) => !isOver(r)), ...theirs.filter(isOver)];
        return { requests, newer: [] };
      },
      owed: async () => ({ work: [], telling: [] }),
      loadPosted: unused,
      savePosted: unused,
      telling: unused,
      atRequest: unused,
      lookAtOpening: unused,
      exclusively: unused,
      heldAmong: unused,
      atRequests: unused,
      endsDue: unused,
      forgetEnds: unused,
      liveIds: async () => [...fake.requests.keys()],
      async live(most) {
        await answering();
        const requests = [...fake.requests.values()].filter((request) => !isOver(request));
        return { requests: requests.slice(0, most), newer: [] };
      },
      async countLive() {
        await answering();
        return [...fake.requests.values()].filter((request) => !isOver(request)).length;
      },
      async loadPause() {
        await answering();
        return pauseOf(fake.pause);
      },
      async changePause(next) {
        await answering();
        const before = pauseOf(fake.pause);
        if (Boolean(before) === next.paused)
          return { outcome: 'unchanged', ...(before ? { pause: before } : {}) };
        fake.pause = nextPause(fake.pause, next);
        const pause = pauseOf(fake.pause);
        return { outcome: 'done', ...(pause ? { pause } : {}) };
      },
      countingOn: unused,
      groupsUsed: unused,
      audit: async () => {},
      trimAudit: async () => {},
    },
    timers: { set: async () => {}, tell: async () => {} },
    people: {
      person: async (id) => ({
        id,
        name: id,
        email: `${id.slice(2).toLowerCase()}@example.com`,
        active: true,
        human: true,
        guest: false,
        foreign: false,
        timeZone: 'UTC',
      }),
      profileField: async () => undefined,
      groupMembers: async () => undefined,
      byEmail: async () => undefined,
    },
    desktops: {
      byIds: aws,
      byOwner: aws,
      inDirectory: aws,
      netbios: async () => 'CORP',
      tags: async () => ({}),
      start: async () => [],
    },
    firewall: {
      interfaceAt: unused,
      interfacesById: unused,
      accessGroup: unused,
      standingGroup: unused,
      attach: unused,
      detach: unused,
      ownGroups: unused,
      carriers: unused,
      deleteGroup: unused,
      carriersOf: unused,
      rules: unused,
      prefixList: unused,
      authorize: unused,
      revoke: unused,
      tag: unused,
      untag: unused,
      tagged: unused,
    },
    messenger: { post: unused, edit: unused, notify: unused },
    log: { info: () => {}, warn: () => {}, error: (fields) => fake.faults.push(fields) },
    memory: createMemory(),
    now: Date.now,
    sleep: async () => {},
    newId: () => {
      drawn += 1;
      return `K7QF${drawn + 1}`;
    },
  };
  return { parts, fake };
}
