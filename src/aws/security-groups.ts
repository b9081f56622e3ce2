/** The workflow's firewall, made of EC2 security groups. */
import type { Firewall } from '../workflow/ports-firewall.js';
import { createAccessGroups } from './groups/access-groups.js';
import { createGroupMarks, type Ours } from './groups/group-marks.js';
import { createOwnGroups } from './groups/own-groups.js';
import { createIngressRules } from './ingress-rules.js';
import { createInterfaces } from './interfaces.js';

/** The firewall of one installation, which owns only groups and rules with a tag of the installation that verifies. */
export function createFirewall(ours: Ours): Firewall {
  const marks = createGroupMarks(ours);
  const accessGroups = createAccessGroups(ours, marks);
  const { accessGroup, standingGroup } = accessGroups;
  return {
    ...createInterfaces(ours.clients),
    ...createIngressRules(ours, accessGroups),
    ...createOwnGroups(ours.clients, marks),
    accessGroup,
    standingGroup,
  };
}
