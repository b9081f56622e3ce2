/** Answers for AWS Directory Service, which the bot asks for the NetBIOS names of directories. */
import { z } from 'zod';
import { AwsError } from '../errors.js';
import { pageOf } from '../pages.js';
import type { State } from '../state/state.js';
import type { Directory } from '../world.js';
import { checked, type Json } from './json-body.js';

const DescribeDirectories = z.object({
  DirectoryIds: z.array(z.string().regex(/^d-[0-9a-f]{8,63}$/)).optional(),
  Limit: z.number().int().min(0).optional(),
  NextToken: z.string().optional(),
});

const invalid = (message: string) => new AwsError('InvalidParameterException', message);

/**
 * Directory Service's names of the types. It does not know directories of other types (CUSTOMER_MANAGED, Identity
 * Center).
 */
const TYPES: Partial<Record<Directory['type'], string>> = {
  SIMPLE_AD: 'SimpleAD',
  MICROSOFT_AD: 'MicrosoftAD',
  AD_CONNECTOR: 'ADConnector',
  SHARED_MICROSOFT_AD: 'SharedMicrosoftAD',
};

export const DIRECTORY_ACTIONS: Record<string, (state: State, body: Json) => Json> = {
  DescribeDirectories(state, body) {
    const { DirectoryIds, Limit, NextToken } = checked(DescribeDirectories, body);
    if (DirectoryIds?.length === 0) throw invalid('The list of directory ids must not be empty.');
    const known = state.world.directories.filter(({ type }) => TYPES[type] !== undefined);
    const missing = DirectoryIds?.find((id) => !known.some((one) => one.id === id));
    if (missing !== undefined) {
      throw new AwsError('EntityDoesNotExistException', `Directory ${missing} does not exist`);
    }
    const found = known.filter(({ id }) => DirectoryIds?.includes(id) ?? true);
    const limit = Math.min(Limit || found.length, state.settings.pageSize);
    const page = pageOf(found, ({ id }) => id, limit, NextToken);
    if (page === undefined)
      throw new AwsError('InvalidNextTokenException', 'The NextToken value is not valid.');
    return { DirectoryDescriptions: page.things.map(directoryJson), NextToken: page.nextToken };
  },
};

function directoryJson(one: Directory): Json {
  const network = { VpcId: one.vpcId, SubnetIds: one.subnetIds };
  return {
    DirectoryId: one.id,
    Name: one.name,
    ShortName: one.shortName,
    Alias: one.alias,
    Type: TYPES[one.type],
    Stage: 'Active',
    SsoEnabled: false,
    ...(one.type === 'AD_CONNECTOR' ? { ConnectSettings: network } : { VpcSettings: network }),
  };
}
