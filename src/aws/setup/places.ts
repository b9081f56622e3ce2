/** Reads of AWS that only a set-up needs: whether directories are registered, room in quotas, what a VPC blocks. */
import {
  DescribeAccountAttributesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcBlockPublicAccessOptionsCommand,
} from '@aws-sdk/client-ec2';
import { DescribeWorkspaceDirectoriesCommand } from '@aws-sdk/client-workspaces';
import { type AwsClients, allPages } from '../clients.js';

export interface SetupReads {
  /** WorkSpaces' state of a directory, such as `REGISTERED`; undefined where WorkSpaces does not know the directory. */
  directoryState(directoryId: string): Promise<string | undefined>;
  /** How many security groups an interface may carry in this account and Region; undefined where AWS does not say. */
  groupsPerInterface(): Promise<number | undefined>;
  /** How many security groups there are in the account and Region, anybody's. */
  countGroups(): Promise<number>;
  /** What VPC Block Public Access does in this Region: `off`, `block-ingress` or `block-bidirectional`. */
  blockPublicAccess(): Promise<string | undefined>;
}

/** The calls need the permissions of deploy/iam-doctor.json, and the bot itself does without them. */
export function createSetupReads(clients: AwsClients): SetupReads {
  const { ec2, workspaces } = clients.read;
  return {
    async directoryState(directoryId) {
      const { Directories = [] } = await clients.call((within) =>
        workspaces.send(new DescribeWorkspaceDirectoriesCommand({ DirectoryIds: [directoryId] }), within),
      );
      return Directories.find(({ DirectoryId }) => DirectoryId === directoryId)?.State;
    },

    async groupsPerInterface() {
      const name = 'vpc-max-security-groups-per-interface';
      const { AccountAttributes = [] } = await clients.call((within) =>
        // The name is missing in the SDK's own list of names.
        ec2.send(new DescribeAccountAttributesCommand({}), within),
      );
      const attribute = AccountAttributes.find(({ AttributeName }) => AttributeName === name);
      const value = Number(attribute?.AttributeValues?.[0]?.AttributeValue);
      return Number.isInteger(value) && value > 0 ? value : undefined;
    },

    async countGroups() {
      const groups = await allPages(async (NextToken) => {
        const page = await clients.call((within) =>
          ec2.send(new DescribeSecurityGroupsCommand({ MaxResults: 1000, NextToken }), within),
        );
        return { items: page.SecurityGroups?.map(() => undefined), nextToken: page.NextToken };
      });
      return groups.length;
    },

    async blockPublicAccess() {
      const { VpcBlockPublicAccessOptions } = await clients.call((within) =>
        ec2.send(new DescribeVpcBlockPublicAccessOptionsCommand({}), within),
      );
      return VpcBlockPublicAccessOptions?.InternetGatewayBlockMode;
    },
  };
}
