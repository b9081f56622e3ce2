/** User names of a directory: which name a person of Slack has by their e-mail address, and which names are the same. */
import type { PeopleMapping } from './policy.js';

type ByEmail = Extract<PeopleMapping['from'], { domains: unknown }>;

/** What is known of a person. `foreign`: a member of another Slack workspace. */
export interface Known {
  email?: string;
  guest: boolean;
  foreign: boolean;
}

/**
 * The user name by the e-mail address. Undefined for a guest, for somebody of another Slack workspace and for an address of
 * a domain that the policy does not name: such an address may be anybody's, and must never name somebody of the directory.
 */
export function userNameByEmail(from: ByEmail, { email = '', guest, foreign }: Known): string | undefined {
  const at = email.lastIndexOf('@');
  const domain = email.slice(at + 1).toLowerCase();
  if (guest || foreign || at < 1 || !from.domains.includes(domain)) return undefined;
  return (from.kind === 'email' ? email : email.slice(0, at)).normalize('NFC');
}

/** Whether both name one user: a directory knows neither case nor the two spellings that Unicode has for é. */
export function sameUserName(one: string, other: string): boolean {
  return one.normalize('NFC').toLowerCase() === other.normalize('NFC').toLowerCase();
}
