/** Policy files of the stories' company. */

/** @param rest its limits, rules and what else the story is about, as they stand in the file */
export function policyWith(rest: string): string {
  return `version: 1
admins: [U0ADA]
directories:
  d-90670a1b2c: { people: { from: email-local-part, domains: [example.com] } }
managers: { profile-field: Xf0MANAGER }
${rest.trimStart()}`;
}
