/** Policy files of the stories' company. */

/** Everybody's own WorkSpace, asked of the manager, through groups that are there. */
export function existingGroups(...groupIds: string[]): string {
  return policyWith(`
limits: { sources: { documentation: true } }
rules:
  - { name: own WorkSpace, target: own, ask: [manager] }
firewall: { existing-group: [${groupIds.join(', ')}] }
`);
}

/** @param rest the limits, the rules and whatever else the story is about, as they stand in the file */
export function policyWith(rest: string): string {
  return `version: 1
admins: [U0ADA]
directories:
  d-90670a1b2c: { people: { from: email-local-part, domains: [example.com] } }
managers: { profile-field: Xf0MANAGER }
${rest.trimStart()}`;
}
