/** The floor of ending: a BullMQ worker that does nothing but revoke the rule of its job. */
import { EC2Client, RevokeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { Worker } from 'bullmq';

const ec2 = new EC2Client({ maxAttempts: 1 });
new Worker<{ groupId: string; ruleId: string }>(
  'ends',
  async ({ data: { groupId, ruleId } }) => {
    await ec2.send(
      new RevokeSecurityGroupIngressCommand({ GroupId: groupId, SecurityGroupRuleIds: [ruleId] }),
    );
  },
  {
    prefix: process.env.BENCH_PREFIX ?? '',
    connection: { url: process.env.REDIS_URL ?? '', maxRetriesPerRequest: null },
    concurrency: 50,
  },
);
