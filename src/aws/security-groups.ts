/** The firewall of the story, made of EC2 security groups. */
import type { Firewall } from '../workflow/ports.js';
import { createAccessGroups, type Ours } from './access-groups.js';
import { createIngressRules } from './ingress-rules.js';
import { createInterfaces } from './interfaces.js';

/** Speaks to EC2 for one installation; what carries another one's tag, or none that verifies, is not its own. */
export function createFirewall(ours: Ours): Firewall {
  const accessGroups = createAccessGroups(ours);
  const { accessGroup } = accessGroups;
  return { ...createInterfaces(ours.clients), ...createIngressRules(ours, accessGroups), accessGroup };
}
