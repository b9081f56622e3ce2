/**
 * The floor of approving: only the calls that an opening can't do without, side by side where no call needs the answer
 * of another.
 */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
  RevokeSecurityGroupEgressCommand,
} from '@aws-sdk/client-ec2';
import { DescribeWorkspacesCommand, WorkSpacesClient } from '@aws-sdk/client-workspaces';
import { WebClient } from '@slack/web-api';
import { z } from 'zod';

const asked = z.object({
  workspaceId: z.string(),
  interfaceId: z.string(),
  vpcId: z.string(),
  groups: z.array(z.string()),
  name: z.string(),
});
type Asked = z.infer<typeof asked>;

const { SLACK_BOT_TOKEN, SLACK_API_URL, PORT, BENCH_CHANNEL = '' } = process.env;
const ec2 = new EC2Client({ maxAttempts: 1 });
const workspaces = new WorkSpacesClient({ maxAttempts: 1 });
const slack = new WebClient(SLACK_BOT_TOKEN, SLACK_API_URL ? { slackApiUrl: SLACK_API_URL } : {});
/** The groups that were made, by name. */
const made = new Map<string, string>();
let sources = 0;

const server = createServer(async (request, response) => {
  if (request.method !== 'POST') return void response.end('{}');
  const what = asked.parse(JSON.parse(await text(request)));
  response.end();
  await open(what);
});
server.listen(Number(PORT), '127.0.0.1');

async function open(what: Asked): Promise<void> {
  const known = made.get(what.name);
  await Promise.all([
    workspaces.send(new DescribeWorkspacesCommand({ WorkspaceIds: [what.workspaceId] })),
    ec2.send(
      new DescribeNetworkInterfacesCommand({
        Filters: [{ Name: known ? 'group-id' : 'network-interface-id', Values: [known ?? what.interfaceId] }],
      }),
    ),
    ec2.send(new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-name', Values: [what.name] }] })),
  ]);
  const groupId = known ?? (await make(what));
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: groupId,
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: `192.0.2.${++sources}/32` }] },
      ],
    }),
  );
  await ec2.send(rulesOf(groupId));
  await slack.chat.postMessage({ channel: BENCH_CHANNEL, text: 'bare: it is open' });
}

async function make({ name, vpcId, interfaceId, groups }: Asked): Promise<string> {
  const { GroupId = '' } = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName: name, VpcId: vpcId, Description: name }),
  );
  made.set(name, GroupId);
  await ec2.send(
    new RevokeSecurityGroupEgressCommand({
      GroupId,
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    }),
  );
  await ec2.send(rulesOf(GroupId));
  await ec2.send(
    new ModifyNetworkInterfaceAttributeCommand({
      NetworkInterfaceId: interfaceId,
      Groups: [...groups, GroupId],
    }),
  );
  await ec2.send(
    new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'group-id', Values: [GroupId] }] }),
  );
  return GroupId;
}

function rulesOf(groupId: string): DescribeSecurityGroupRulesCommand {
  return new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [groupId] }] });
}
