/**
 * How a request, a rule and a pause are written to Redis and believed when they are read. A record is signed over the
 * installation, its own key, its version and its body, so one that was written or altered by hand opens nothing. Its
 * body names its schema: several versions of the bot run side by side during an upgrade, and none of them may guess at
 * what another one wrote.
 */

import type { PauseRecord } from '../access/request/pause.js';
import type { Request } from '../access/request/request.js';
import { type KnownStage, type RuleRecord, ruleKey } from '../access/rules/rule.js';
import { type SigningKeys, sign, verify } from '../access/rules/signature.js';

/** A record in Redis that was not signed with our keys for this place. */
export class UnverifiedRecord extends Error {
  constructor(readonly key: string) {
    super(`the record ${key} does not verify: it was not written by this installation`);
  }
}

/** A record as it goes into its hash. */
export interface Sealed {
  version: number;
  body: string;
  sig: string;
}

/** Of each signature; a pause is signed as `brake`. */
type Kind = 'request' | 'rule' | 'brake';
type Content = Request | StoredRule | PauseRecord;
/** A rule record as it is written: its stage is called `rule` there. */
type StoredRule = Omit<RuleRecord, 'stage'> & { rule: KnownStage };

/** The schema that this version writes, and the only one that it reads. A record without a number is of this one. */
const SCHEMA = 1;

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
  function seal(kind: Kind, name: string, version: number, content: Content): Sealed {
    const body = JSON.stringify({ schema: SCHEMA, ...content });
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
    return { content: bodyOf<T>(body), version: Number(version) };
  }

  return {
    request: (request) => seal('request', request.id, request.version, request),
    rule: (rule) => seal('rule', ruleKey(rule.groupId, rule.source), rule.version, stored(rule)),
    pause: (pause) => seal('brake', 'brake', pause.version, pause),

    openRequest(id, fields, key) {
      const opened = open<Request>('request', id, fields, key);
      if (!opened) return undefined;
      const { content, version } = opened;
      if (content === 'newer') return content;
      if (content.id !== id || content.version !== version) throw new UnverifiedRecord(key);
      return content;
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

function stored({ stage, ...rest }: RuleRecord): StoredRule {
  if (stage.state === 'newer') {
    throw new Error(`the record of the rule for ${rest.source} in ${rest.groupId} is a newer version's`);
  }
  return { ...rest, rule: stage };
}

/**
 * The content of a record whose signature held. Only this installation's own code can have written it, and one of this
 * schema from a value of this type: this is the one place where that is taken on trust.
 */
function bodyOf<T extends Content>(verified: string): T | 'newer' {
  const content: T & { schema?: number } = JSON.parse(verified);
  const { schema = SCHEMA } = content;
  if (schema !== SCHEMA) return 'newer';
  delete content.schema;
  return content;
}
