import { createServer, type Server } from 'node:http';
import { DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import { afterEach, expect, test } from '@jest/globals';
import type { AwsClients } from '../../src/aws/clients.js';
import { callAws } from '../../src/aws/faults.js';
import { AwsRefused, AwsUnavailable } from '../../src/workflow/ports.js';
import { calls, clientsOf, closeTowns, leaping, lease, replica, SHARED, SOURCE, startTown } from './town.js';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await closeTowns();
});

test('a read that AWS throttles twice succeeds within its deadline', async () => {
  const town = await startTown();
  town.faults.add({ action: 'DescribeSecurityGroupRules', times: 2, kind: 'throttle' });
  await expect(replica(town).rules(SHARED)).resolves.toEqual([]);
  expect(calls(town, 'DescribeSecurityGroupRules')).toHaveLength(3);
});

test("calls wait for a turn at EC2's rate", async () => {
  const town = await startTown({}, [], leaping());
  const firewall = replica(town);
  for (let n = 0; n < 150; n += 1) await firewall.rules(SHARED);
  expect(calls(town, 'DescribeSecurityGroupRules').every(({ code }) => code === 'OK')).toBe(true);
});

test('a call that rests on a read that would be too old by its turn fails at once', async () => {
  const town = await startTown({}, [], leaping());
  const firewall = replica(town);
  const authorize = () => firewall.authorize(SHARED, SOURCE, [], 'x');
  for (let n = 0; n < 49; n += 1) await authorize();
  await expect(authorize()).rejects.toThrow(AwsUnavailable);
  expect(calls(town, 'AuthorizeSecurityGroupIngress')).toHaveLength(49);
});

test('each attempt that is sent to AWS is counted with how it went, and a call that only waited for its turn is not counted', async () => {
  const town = await startTown();
  const heard: string[] = [];
  const called = (operation: string, outcome: string) => heard.push(`${operation} ${outcome}`);
  const look = (clients: AwsClients, GroupIds?: string[]) =>
    clients.call((within) =>
      clients.read.ec2.send(new DescribeSecurityGroupsCommand(GroupIds ? { GroupIds } : {}), within),
    );
  const clients = clientsOf(town, 10_000, { called });
  for (const kind of ['throttle', '500'] as const) {
    town.faults.add({ action: 'DescribeSecurityGroups', times: 1, kind });
    await look(clients);
  }
  await expect(look(clients, ['sg-00000000000000000'])).rejects.toThrow(AwsRefused);
  const outcomes = ['throttled', 'answered', 'unanswered', 'answered', 'refused'];
  expect(heard.splice(0)).toEqual(outcomes.map((outcome) => `DescribeSecurityGroups ${outcome}`));
  // One call at once, and the next 2.5 s later, which is more than half of the deadline.
  const slow = clientsOf(town, 4_000, { called, rate: 0.02 });
  await look(slow);
  await expect(look(slow)).rejects.toThrow('Paced');
  expect(heard).toEqual(['DescribeSecurityGroups answered']);
});

test.each(['throttle', '500', 'lost-answer'] as const)(
  'a read that always meets %s is AwsUnavailable',
  async (kind) => {
    const town = await startTown();
    town.faults.add({ action: '*', times: 'always', kind });
    await expect(replica(town).rules(SHARED)).rejects.toThrow(AwsUnavailable);
    expect(calls(town, 'DescribeSecurityGroupRules')).toHaveLength(3);
  },
);

test.each(['throttle', '500', 'lost-answer'] as const)(
  'a write that meets %s is tried once',
  async (kind) => {
    const town = await startTown();
    town.faults.add({ action: 'AuthorizeSecurityGroupIngress', times: 'always', kind });
    const failure = await replica(town)
      .authorize(SHARED, SOURCE, [lease('AAAAA')], 'x')
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AwsUnavailable);
    expect(failure).toHaveProperty('cause');
    expect(calls(town, 'AuthorizeSecurityGroupIngress')).toHaveLength(1);
  },
);

test('a call without an answer ends at its deadline', async () => {
  const town = await startTown();
  town.faults.add({ action: '*', times: 'always', kind: 'timeout' });
  await expect(replica(town, { awsTimeoutMs: 300 }).rules(SHARED)).rejects.toThrow(
    'AWS did not answer within 300 ms',
  );
});

test('retries of a read end at the deadline too', async () => {
  const town = await startTown();
  town.faults.add({ action: '*', times: 'always', kind: 'slow', ms: 5000 });
  await expect(replica(town, { awsTimeoutMs: 200 }).rules(SHARED)).rejects.toThrow(AwsUnavailable);
});

test('a call without a connection to AWS is AwsUnavailable', async () => {
  const town = await startTown();
  town.down = true;
  await expect(replica(town).rules(SHARED)).rejects.toThrow(AwsUnavailable);
  process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:9';
  await expect(replica(town).rules(SHARED)).rejects.toThrow(AwsUnavailable);
});

test("a gateway's error page is AwsUnavailable", async () => {
  const server = createServer((_, response) => response.writeHead(502).end('<html><body>Bad gateway'));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const town = await startTown();
  process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const { call, read, write } = clientsOf(town);
  const command = () => new DescribeSecurityGroupsCommand({});
  await expect(call((within) => read.ec2.send(command(), within))).rejects.toThrow(AwsUnavailable);
  await expect(call((within) => write.ec2.send(command(), within))).rejects.toThrow(AwsUnavailable);
});

test('an answer that breaks off is AwsUnavailable', async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-length': 1000 }).write('<Descri', () => response.destroy());
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const town = await startTown();
  process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  await expect(replica(town).rules(SHARED)).rejects.toThrow(AwsUnavailable);
});

test('an error of AWS that is not known to be temporary is AwsRefused, with its code and the action that was called', async () => {
  const town = await startTown();
  await expect(replica(town).rules('sg-0000000*')).resolves.toEqual([]);
  const failure = await replica(town)
    .authorize(SHARED, 'nowhere', [lease('AAAAA')], '')
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(AwsRefused);
  expect(failure).toMatchObject({
    action: 'ec2:AuthorizeSecurityGroupIngress',
    code: 'InvalidParameterValue',
    name: 'InvalidParameterValue',
  });
});

test.each([
  ['DescribeSecurityGroupRules', 'ec2:DescribeSecurityGroupRules'],
  ['CreateTags', 'ec2:CreateTags'],
])('a lack of the right to %s is AwsRefused, and names the right', async (denied, action) => {
  const town = await startTown({ denied: [denied] });
  const ask = () =>
    denied === 'CreateTags'
      ? replica(town).authorize(SHARED, SOURCE, [lease('AAAAA')], '')
      : replica(town).rules(SHARED);
  await expect(ask()).rejects.toMatchObject({ action, code: 'UnauthorizedOperation' });
});

test('a signature that AWS refuses for the wrong time is AwsUnavailable: the SDK corrects its clock', async () => {
  const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
  const server = createServer((_, response) => {
    const errors = '<Errors><Error><Code>AuthFailure</Code><Message>no</Message></Error></Errors>';
    response.writeHead(401, { date: inAnHour }).end(`<Response>${errors}<RequestID>1</RequestID></Response>`);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const town = await startTown();
  process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const ask = () => replica(town).authorize(SHARED, SOURCE, [lease('AAAAA')], '');
  await expect(ask()).rejects.toThrow(AwsUnavailable);
});

test('a call ends at its deadline also where the SDK does not obey the signal', async () => {
  await expect(callAws(() => new Promise(() => {}), 50)).rejects.toThrow(AwsUnavailable);
});

test('missing credentials are AwsUnavailable, since they may come back', async () => {
  const lost = Object.assign(new Error('no providers'), { name: 'CredentialsProviderError' });
  await expect(callAws(() => Promise.reject(lost), 50)).rejects.toThrow(AwsUnavailable);
});
