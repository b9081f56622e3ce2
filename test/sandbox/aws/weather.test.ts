/**
 * Holds how the pretend AWS throttles, lags, fails on demand and refuses: without that, stories about outages show
 * nothing.
 */
import { request } from 'node:http';
import { DescribeDirectoriesCommand } from '@aws-sdk/client-directory-service';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  type EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { DescribeWorkspacesCommand } from '@aws-sdk/client-workspaces';
import { expect, test } from '@jest/globals';
import { startAws } from '../../../sandbox/aws/server.js';
import type { FaultKind } from '../../../sandbox/aws/wire/faults.js';
import { ADA, CONTROLLERS, clientsOf, codeOf, MEMBERS, SHARED, smallWorld, visit } from './world.js';

function authorize(cidr: string, GroupId = SHARED) {
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: cidr }] }];
  return new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions });
}

async function listed(ec2: EC2Client, GroupId = SHARED): Promise<(string | undefined)[]> {
  const Filters = [{ Name: 'group-id', Values: [GroupId] }];
  const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
  return SecurityGroupRules.filter(({ IsEgress }) => !IsEgress).map(({ CidrIpv4 }) => CidrIpv4);
}

/**
 * The message of a broken connection. The SDK loses its `code` (ECONNRESET) inside jest, where Node's own errors are not
 * `instanceof Error`.
 */
const BROKEN = /socket hang up|ECONNRESET|EPIPE/;

/** Gives up on a call without an answer, late enough that the call was surely sent. */
function briefly(): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(600) };
}

test('each action has a bucket of its own, which empties and refills', async () => {
  await visit(async ({ town, clock, ec2, workspaces, directories }) => {
    town.settings.buckets.mutate = { size: 3, refillPerSecond: 2 };
    town.settings.buckets.modifyInterface = { size: 1, refillPerSecond: 1 };
    town.settings.buckets.describe = { size: 2, refillPerSecond: 1 };
    town.settings.buckets.workspaces = { size: 1, refillPerSecond: 1 };
    const tries = async (count: number, call: (n: number) => Promise<unknown>) => {
      const codes: string[] = [];
      for (let n = 0; n < count; n++) codes.push(await codeOf(call(n)));
      return codes;
    };
    const full = 'RequestLimitExceeded';
    const mutate = (n: number) => ec2.send(authorize(`203.0.113.${town.rules().length}/${32 - n}`));
    expect(await tries(4, mutate)).toEqual(['OK', 'OK', 'OK', full]);
    expect(await tries(3, () => listed(ec2))).toEqual(['OK', 'OK', full]);
    const NetworkInterfaceId = town.interfaceOf(ADA)?.id;
    const attach = new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: [SHARED] });
    expect(await tries(2, () => ec2.send(attach))).toEqual(['OK', full]);
    const desktops = () => workspaces.send(new DescribeWorkspacesCommand({}));
    expect(await tries(2, desktops)).toEqual(['OK', 'ThrottlingException']);
    expect(await tries(1, () => directories.send(new DescribeDirectoriesCommand({})))).toEqual(['OK']);

    clock.ms += 500;
    expect(await tries(2, mutate)).toEqual(['OK', full]);
    clock.ms += 60_000;
    expect(await tries(4, mutate)).toEqual(['OK', 'OK', 'OK', full]);
    const error = await ec2.send(authorize('198.51.100.1/32')).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      name: full,
      $metadata: { httpStatusCode: 503, requestId: expect.any(String) },
    });

    town.settings.buckets.on = false;
    expect(await tries(2, mutate)).toEqual(['OK', 'OK']);
  });
});

test('for a while after a change reads answer with the state before', async () => {
  await visit(
    async ({ town, clock, ec2, workspaces }) => {
      const rule = town.addRule(SHARED, { cidr: '203.0.113.1/32' });
      town.setState(ADA, 'STOPPED');
      const named = new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [rule.ruleId] });
      const state = async () =>
        (await workspaces.send(new DescribeWorkspacesCommand({ WorkspaceIds: [ADA] }))).Workspaces?.[0]
          ?.State;
      clock.ms += 999;
      expect(await listed(ec2)).toEqual([]);
      expect(await codeOf(ec2.send(named))).toBe('InvalidSecurityGroupRuleId.NotFound');
      expect(await state()).toBe('AVAILABLE');
      expect(await codeOf(ec2.send(authorize('203.0.113.1/32')))).toBe('InvalidPermission.Duplicate');
      clock.ms += 1;
      expect(await listed(ec2)).toEqual(['203.0.113.1/32']);
      expect(await state()).toBe('STOPPED');

      const SecurityGroupRuleIds = [rule.ruleId];
      await ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: SHARED, SecurityGroupRuleIds }));
      expect(await listed(ec2)).toEqual(['203.0.113.1/32']);
      expect(town.opens(ADA, '203.0.113.1')).toEqual([]);
      clock.ms += 1000;
      expect(await listed(ec2)).toEqual([]);

      const NetworkInterfaceId = town.interfaceOf(ADA)?.id ?? '';
      await ec2.send(
        new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: [CONTROLLERS] }),
      );
      const groups = async () => {
        const find = new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [NetworkInterfaceId] });
        return (await ec2.send(find)).NetworkInterfaces?.[0]?.Groups?.map(({ GroupId }) => GroupId);
      };
      expect(await groups()).toEqual([MEMBERS, SHARED]);
      town.settings.staleMs = 0;
      expect(await groups()).toEqual([CONTROLLERS]);
    },
    { settings: { staleMs: 1000 } },
  );
});

test('a group that was just created is not found for a while, although its name is taken', async () => {
  await visit(
    async ({ clock, ec2 }) => {
      const make = new CreateSecurityGroupCommand({ GroupName: 'new', Description: 'd', VpcId: 'vpc-main' });
      const { GroupId = '' } = await ec2.send(make);
      expect(await codeOf(ec2.send(authorize('203.0.113.1/32', GroupId)))).toBe('InvalidGroup.NotFound');
      expect(await codeOf(ec2.send(make))).toBe('InvalidGroup.Duplicate');
      clock.ms += 1000;
      expect(await codeOf(ec2.send(authorize('203.0.113.1/32', GroupId)))).toBe('OK');
    },
    { settings: { staleMs: 1000 } },
  );
});

test('with a seed, reads of the pretend EC2 show changes out of order, and each time in the same order', async () => {
  const seenOverTime = async () => {
    const seen: number[][] = [];
    await visit(
      async ({ town, clock, ec2 }) => {
        for (let n = 0; n < 6; n++) town.addRule(SHARED, { cidr: `203.0.113.${n}/32` });
        for (let step = 0; step <= 10; step++, clock.ms += 100) {
          seen.push((await listed(ec2)).map((cidr) => Number(/(\d+)\/32/.exec(cidr ?? '')?.[1])).toSorted());
        }
      },
      { settings: { staleMs: 1000, staleSeed: 7 } },
    );
    return seen;
  };
  const seen = await seenOverTime();
  expect(seen.at(-1)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(seen.some((some) => some.length > 0 && some.length <= Math.max(...some))).toBe(true);
  expect(await seenOverTime()).toEqual(seen);
});

const EFFECT: [FaultKind, boolean, string][] = [
  ['throttle', false, 'RequestLimitExceeded'],
  ['500', false, 'InternalError'],
  ['timeout', false, 'AbortError'],
  ['timeout-after-effect', true, 'AbortError'],
];

test.each(EFFECT)('a call that the fault %s strikes has an effect: %s', async (kind, hasEffect, code) => {
  await visit(async ({ town, ec2 }) => {
    town.faults.add({ action: 'AuthorizeSecurityGroupIngress', times: 1, kind });
    expect(await codeOf(ec2.send(authorize('203.0.113.1/32'), briefly()))).toBe(code);
    expect(town.opens(ADA, '203.0.113.1')).toHaveLength(hasEffect ? 1 : 0);
    const again = await codeOf(ec2.send(authorize('203.0.113.1/32')));
    expect(again).toBe(hasEffect ? 'InvalidPermission.Duplicate' : 'OK');
  });
});

test('after an authorize whose answer was lost the rule is there, and the retry is refused as a duplicate', async () => {
  await visit(async ({ town, ec2 }) => {
    town.faults.add({ action: 'AuthorizeSecurityGroupIngress', times: 1, kind: 'lost-answer' });
    await expect(ec2.send(authorize('203.0.113.1/32'))).rejects.toThrow(BROKEN);
    expect(await codeOf(ec2.send(authorize('203.0.113.1/32')))).toBe('InvalidPermission.Duplicate');
    expect(town.journal.map(({ action, code }) => [action, code])).toEqual([
      ['AuthorizeSecurityGroupIngress', 'lost-answer'],
      ['AuthorizeSecurityGroupIngress', 'InvalidPermission.Duplicate'],
    ]);
  });
});

test('a slow call has its effect even if its caller no longer waits', async () => {
  await visit(async ({ town, ec2 }) => {
    town.faults.add({ action: '*', times: 1, kind: 'slow', ms: 1500 });
    const added = new Promise<void>((resolve) => {
      town.onEvent((event) => event.kind === 'change' && event.change.kind === 'rule-added' && resolve());
    });
    expect(await codeOf(ec2.send(authorize('203.0.113.1/32'), briefly()))).toBe('AbortError');
    expect(town.opens(ADA, '203.0.113.1')).toEqual([]);
    await added;
    expect(town.opens(ADA, '203.0.113.1')).toHaveLength(1);
  });
});

test('a fault strikes the named action as often as asked, or until the fault is removed', async () => {
  await visit(async ({ town, ec2, workspaces, directories }) => {
    const desktops = () => codeOf(workspaces.send(new DescribeWorkspacesCommand({})));
    const known = () => codeOf(directories.send(new DescribeDirectoriesCommand({})));
    town.faults.add({ action: 'DescribeWorkspaces', times: 2, kind: 'throttle' });
    expect(await known()).toBe('OK');
    expect([await desktops(), await desktops(), await desktops()]).toEqual([
      'ThrottlingException',
      'ThrottlingException',
      'OK',
    ]);
    const remove = town.faults.add({ action: '*', times: 'always', kind: '500' });
    expect([await desktops(), await known()]).toEqual(['InternalFailure', 'ServiceException']);
    expect(await codeOf(listed(ec2))).toBe('InternalError');
    remove();
    expect(await known()).toBe('OK');
    town.faults.add({ action: '*', times: 'always', kind: '500' });
    town.faults.clear();
    expect(await known()).toBe('OK');
  });
});

test('while AWS is down, new and open connections break, and no call has an effect', async () => {
  await visit(async ({ town, ec2 }) => {
    await listed(ec2);
    town.down = true;
    await expect(ec2.send(authorize('203.0.113.1/32'))).rejects.toThrow(BROKEN);
    await expect(listed(ec2)).rejects.toThrow(BROKEN);
    expect(town.opens(ADA, '203.0.113.1')).toEqual([]);
    town.down = false;
    expect(await codeOf(ec2.send(authorize('203.0.113.1/32')))).toBe('OK');
  });
});

test('a call must be signed with the key of the world and for its Region', async () => {
  await visit(async ({ town }) => {
    for (const [key, region] of [
      ['AKIASTRANGER', 'eu-central-1'],
      ['AKIASANDBOX', 'us-east-1'],
    ] as const) {
      const { ec2, workspaces, directories } = clientsOf(town, key, region);
      expect(await codeOf(listed(ec2))).toBe('AuthFailure');
      const desktops = workspaces.send(new DescribeWorkspacesCommand({}));
      expect(await codeOf(desktops)).toBe('UnrecognizedClientException');
      const known = directories.send(new DescribeDirectoriesCommand({}));
      expect(await codeOf(known)).toBe('UnrecognizedClientException');
      for (const client of [ec2, workspaces, directories]) client.destroy();
    }
    const unsigned = await fetch(town.url, { method: 'POST', body: 'Action=DescribeSecurityGroups' });
    expect(unsigned.status).toBe(401);
    expect(await unsigned.text()).toContain('<Code>AuthFailure</Code>');
  });
});

test('an action that IAM forbids is refused by each service in its own words', async () => {
  await visit(async ({ town, ec2, workspaces }) => {
    town.settings.denied = ['AuthorizeSecurityGroupIngress', 'DescribeWorkspaces'];
    expect(await codeOf(ec2.send(authorize('203.0.113.1/32')))).toBe('UnauthorizedOperation');
    expect(await codeOf(workspaces.send(new DescribeWorkspacesCommand({})))).toBe('AccessDeniedException');
  });
});

test('the journal lists each call, and the history each change, with their instants', async () => {
  await visit(async ({ town, clock, ec2 }) => {
    const events: string[] = [];
    const stop = town.onEvent((event) => events.push(event.kind));
    await ec2.send(authorize('203.0.113.1/32'));
    clock.ms += 5000;
    const [rule] = town.opens(ADA, '203.0.113.1');
    town.removeRule(rule?.ruleId ?? '');
    stop();
    town.setState(ADA, 'STOPPED');
    const at = clock.ms - 5000;
    expect(town.history).toMatchObject([
      { kind: 'rule-added', at, rule: { cidr: '203.0.113.1/32', createdAtMs: at } },
      { kind: 'rule-removed', at: clock.ms, rule: { ruleId: rule?.ruleId } },
      { kind: 'workspace-changed', workspace: { state: 'STOPPED' }, before: { state: 'AVAILABLE' } },
    ]);
    expect(town.journal).toMatchObject([
      {
        at,
        service: 'ec2',
        action: 'AuthorizeSecurityGroupIngress',
        code: 'OK',
        request: { 'IpPermissions.1.FromPort': '22' },
      },
    ]);
    expect(events).toEqual(['change', 'call', 'change']);
  });
});

test('a manual change must keep EC2’s limits, and a town returns copies', async () => {
  await visit(async ({ town }) => {
    const rule = town.addRule(SHARED, { cidr: '203.0.113.77/24' });
    expect(rule).toMatchObject({
      cidr: '203.0.113.0/24',
      protocol: 'tcp',
      fromPort: 22,
      toPort: 22,
      tags: {},
    });
    expect(() => town.addRule(SHARED, { cidr: '203.0.113.0/24' })).toThrow('already exists');
    expect(() => town.addRule(SHARED, { cidr: 'everywhere' })).toThrow('malformed');
    rule.tags.mine = 'x';
    town.rules().pop();
    expect(town.rules(SHARED)).toContainEqual({ ...rule, tags: {} });
  });
});

test('a town that closes does not wait for calls that hang', async () => {
  const town = await startAws(smallWorld());
  const { ec2 } = clientsOf(town);
  town.faults.add({ action: 'DescribeSecurityGroupRules', times: 1, kind: 'timeout' });
  town.faults.add({ action: 'AuthorizeSecurityGroupIngress', times: 1, kind: 'slow', ms: 60_000 });
  const hung = new Promise<void>((resolve) => town.onEvent(({ kind }) => kind === 'call' && resolve()));
  const calls = [codeOf(listed(ec2)), codeOf(ec2.send(authorize('203.0.113.1/32')))];
  await hung;
  await town.close();
  for (const call of calls) expect(await call).not.toBe('OK');
  ec2.destroy();
});

test('a town listens on 127.0.0.1 alone, on the given port', async () => {
  const first = await startAws(smallWorld());
  const port = Number(new URL(first.url).port);
  await expect(startAws(smallWorld(), { port })).rejects.toThrow('EADDRINUSE');
  const elsewhere = new Promise((resolve, reject) => {
    request({ host: '127.0.0.2', port }, resolve).on('error', reject).end();
  });
  await expect(elsewhere).rejects.toThrow('ECONNREFUSED');
  await first.close();
  const again = await startAws(smallWorld(), { port });
  expect(again.url).toBe(first.url);
  await again.close();
});
