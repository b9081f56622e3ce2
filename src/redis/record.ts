/**
 * How a request, a rule and a pause are written to Redis and believed when they are read. A record is signed over the
 * installation, its own key, its version and its body, so one that was written or altered by hand opens nothing. Its
 * body names its schema: several versions of the bot run side by side during an upgrade, and none of them may guess at
 * what another one wrote.
 */

import { isWaiting } from '../access/request/duties.js';
import type { Need, NeedAsks, NeedDue, NeedHears } from '../access/request/need.js';
import type { PauseRecord } from '../access/request/pause.js';
import type { Phase, Request } from '../access/request/request.js';
import { type KnownStage, type RuleRecord, ruleKey } from '../access/rules/rule.js';
import { type SigningKeys, sign, verify } from '../access/rules/signature.js';

/** A record in Redis that was not signed with our keys for this place. */
export class UnverifiedRecord extends Error {
  constructor(readonly key: string) {
    super(`the record ${key} does not verify: it was not written by this installation`);
  }
}

/** A record as it is stored in its hash. */
export interface Sealed {
  version: number;
  body: string;
  sig: string;
}

/** The kind of record that a signature is for; a pause is signed as `brake`. */
type Kind = 'request' | 'rule' | 'brake';
type Content = StoredRequest | StoredRule | PauseRecord;
/** A request as its record holds it. */
type StoredRequest = Omit<Request, 'phase'> & { phase: StoredPhase<Phase> };
type StoredPhase<P> = P extends { state: string } ? ('need' extends keyof P ? WithStoredNeed<P> : P) : never;
type WithStoredNeed<P> =
  | (Omit<P, 'need'> & { need: StoredNeed })
  | (P extends { need: Need } ? never : Omit<P, 'need'>);

/** A need as the record holds it: in one piece and without empty lists, as versions before the needs had parts wrote it. */
type StoredNeed = Pick<Need, 'rule'> &
  Pick<NeedAsks, 'approvers' | 'selfApproval'> &
  Partial<Omit<NeedAsks, 'approvers' | 'selfApproval'>> &
  NeedDue &
  Partial<Omit<NeedHears, 'alsoAsked'> & { asked: NeedHears['alsoAsked'] }>;
/** A rule as its record holds it, where the stage is called `rule`. */
type StoredRule = Omit<RuleRecord, 'stage'> & { rule: KnownStage };

/** The schema of the records of rules and of a pause. */
const SCHEMA = 1;
/**
 * The schemas of requests. `fits` says which requests are of a schema: a version of the bot that does not know the schema
 * may only end such a request. A request gets the last schema that fits. Versions read the schemas that they know, so a new
 * kind of request is a new row at the end.
 */
const REQUEST_SCHEMAS: readonly { schema: number; fits(request: Request): boolean }[] = [
  { schema: 1, fits: () => true },
  // A request of a chain, which follows another one or was taken over from: an older version would open it by itself.
  {
    schema: 2,
    fits: ({ ask, phase }) =>
      ask.follows !== undefined || ('cause' in phase && phase.cause.kind === 'continued'),
  },
  // A request that is to open later, and has not begun to: an older version would open it at once.
  { schema: 3, fits: (request) => request.ask.later !== undefined && isWaiting(request) },
];
/** The schema of a record that names none: it was written before records named theirs. */
const FIRST_SCHEMA = 1;

/** Signs and reads the records of one installation. */
export interface Seal {
  request(request: Request): Sealed;
  rule(rule: RuleRecord): Sealed;
  pause(pause: PauseRecord): Sealed;
  /** `newer`: the record is of a schema that this version does not know. @throws UnverifiedRecord */
  openRequest(id: string, fields: Fields, key: string): Request | 'newer' | undefined;
  /** A record of a schema that this version does not know is in the stage `newer`. @throws UnverifiedRecord */
  openRule(groupId: string, source: string, fields: Fields, key: string): RuleRecord | undefined;
  /** `newer`: the record is of a schema that this version does not know. @throws UnverifiedRecord */
  openPause(fields: Fields, key: string): PauseRecord | 'newer' | undefined;
}

/** `version`, `body` and `sig` as Redis gave them. */
export type Fields = (string | null)[];
/** The fields that a reader asks for, in the order of {@link Fields}. */
export const FIELDS = ['version', 'body', 'sig'] as const;

/** The seal of an installation: its name is part of every signature. */
export function createSeal(installation: string, keys: SigningKeys): Seal {
  function seal(kind: Kind, name: string, version: number, content: object, schema = SCHEMA): Sealed {
    const body = JSON.stringify({ schema, ...content });
    return { version, body, sig: sign(keys, kind, [installation, name, version, body]) };
  }

  function open<T extends Content>(
    kind: Kind,
    name: string,
    fields: Fields,
    key: string,
  ): { content: T | 'newer'; version: number } | undefined {
    const [version, body, sig] = fields;
    if (!version && !body && !sig) return undefined;
    if (!version || !body || !sig || !/^[1-9]\d{0,14}$/.test(version)) throw new UnverifiedRecord(key);
    if (!verify(keys, kind, [installation, name, Number(version), body], sig))
      throw new UnverifiedRecord(key);
    const known = kind === 'request' ? REQUEST_SCHEMAS.map(({ schema }) => schema) : [SCHEMA];
    return { content: bodyOf<T>(body, known), version: Number(version) };
  }

  return {
    request: (request) =>
      seal('request', request.id, request.version, storedRequest(request), schemaOf(request)),
    rule: (rule) => seal('rule', ruleKey(rule.groupId, rule.source), rule.version, stored(rule)),
    pause: (pause) => seal('brake', 'brake', pause.version, pause),

    openRequest(id, fields, key) {
      const opened = open<StoredRequest>('request', id, fields, key);
      if (!opened) return undefined;
      const { content, version } = opened;
      if (content === 'newer') return content;
      if (content.id !== id || content.version !== version) throw new UnverifiedRecord(key);
      return { ...content, phase: phaseOf(content.phase) };
    },

    openRule(groupId, source, fields, key) {
      const opened = open<StoredRule>('rule', ruleKey(groupId, source), fields, key);
      if (!opened) return undefined;
      const { content, version } = opened;
      if (content === 'newer') return { groupId, source, version, stage: { state: 'newer' }, leases: [] };
      if (content.groupId !== groupId || content.source !== source || content.version !== version) {
        throw new UnverifiedRecord(key);
      }
      const { rule: stage, ...rest } = content;
      return { ...rest, stage };
    },

    openPause(fields, key) {
      const opened = open<PauseRecord>('brake', 'brake', fields, key);
      if (!opened) return undefined;
      const { content, version } = opened;
      if (content !== 'newer' && content.version !== version) throw new UnverifiedRecord(key);
      return content;
    },
  };
}

function schemaOf(request: Request): number {
  return REQUEST_SCHEMAS.findLast(({ fits }) => fits(request))?.schema ?? SCHEMA;
}

function storedRequest({ phase, ...rest }: Request): object {
  if (!('need' in phase) || phase.need === undefined) return { ...rest, phase };
  const { rule, asks, due, hears } = phase.need;
  const { approvers, selfApproval, ...others } = asks;
  const { alsoAsked, ...heard } = hears;
  const need = {
    ...{ rule, approvers, selfApproval },
    ...withoutEmpty({ ...others, ...heard, asked: alsoAsked }),
    ...due,
  };
  return { ...rest, phase: { ...phase, need } };
}

function withoutEmpty(lists: object): object {
  const isThere = ([, list]: [string, unknown]) =>
    typeof list !== 'object' || list === null || Object.keys(list).length > 0;
  return Object.fromEntries(Object.entries(lists).filter(isThere));
}

function phaseOf(phase: StoredPhase<Phase>): Phase {
  return 'need' in phase ? { ...phase, need: needOf(phase.need) } : phase;
}

function needOf(stored: StoredNeed): Need {
  const { rule, approvers, selfApproval, parts = [], reviews = [], shorterMs = [], ...rest } = stored;
  const { channel, told = [], asked: alsoAsked = [], handedOver = [], away = {}, ...due } = rest;
  return {
    rule,
    asks: { parts, approvers, reviews, shorterMs, selfApproval },
    due,
    hears: { ...(channel === undefined ? {} : { channel }), told, alsoAsked, handedOver, away },
  };
}

function stored({ stage, ...rest }: RuleRecord): StoredRule {
  if (stage.state === 'newer') {
    throw new Error(`the record of the rule for ${rest.source} in ${rest.groupId} is a newer version's`);
  }
  return { ...rest, rule: stage };
}

/**
 * The content of a record whose signature verified. Only this installation's own code can have written the record, and for
 * this schema it wrote a value of this type. Nowhere else is a type taken on trust.
 */
function bodyOf<T extends Content>(verified: string, known: readonly number[]): T | 'newer' {
  const content: T & { schema?: number } = JSON.parse(verified);
  const { schema = FIRST_SCHEMA } = content;
  if (!known.includes(schema)) return 'newer';
  delete content.schema;
  return content;
}
