/** Describes the account itself: its limits, and what its VPCs block. */
import type { State } from '../state/state.js';
import type { Xml } from './xml.js';

type Answer = Record<string, Xml>;

export function describeAccountAttributes({ settings }: State): Answer {
  const values = {
    'max-instances': 20,
    'vpc-max-security-groups-per-interface': settings.quotas.groupsPerInterface,
  };
  return {
    accountAttributeSet: Object.entries(values).map(([attributeName, attributeValue]) => ({
      attributeName,
      attributeValueSet: [{ attributeValue }],
    })),
  };
}

export function describeBlockPublicAccess({ world, settings }: State): Answer {
  return {
    vpcBlockPublicAccessOptions: {
      awsAccountId: world.accountId,
      awsRegion: world.region,
      state: settings.blockPublicAccess === 'off' ? 'default-state' : 'update-complete',
      internetGatewayBlockMode: settings.blockPublicAccess,
      exclusionsAllowed: 'allowed',
    },
  };
}
