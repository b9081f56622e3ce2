/** The floor of a sweep: a program that lists the rules with the installation's tag, page by page, and keeps nothing. */
import { DescribeSecurityGroupRulesCommand, EC2Client } from '@aws-sdk/client-ec2';

const ec2 = new EC2Client({ maxAttempts: 1 });
const Filters = [{ Name: `tag:${process.env.BENCH_TAG}`, Values: [process.env.INSTALLATION ?? ''] }];
let NextToken: string | undefined;
do {
  const page = await ec2.send(
    new DescribeSecurityGroupRulesCommand({ Filters, MaxResults: 1_000, NextToken }),
  );
  NextToken = page.NextToken;
} while (NextToken);
setInterval(() => {}, 1_000);
