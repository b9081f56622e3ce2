/** Holds that the pretend EC2 answers the real SDK as EC2 does, refusals included: stories rely on each of these. */
import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  type AuthorizeSecurityGroupIngressCommandInput,
  CreateSecurityGroupCommand,
  type CreateSecurityGroupCommandInput,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DeleteTagsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeVpcsCommand,
  type EC2Client,
  ModifyNetworkInterfaceAttributeCommand,
  paginateDescribeSecurityGroupRules,
  paginateDescribeSecurityGroups,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
  UpdateSecurityGroupRuleDescriptionsIngressCommand,
} from '@aws-sdk/client-ec2';
import { expect, test } from '@jest/globals';
import { ADA, CONTROLLERS, codeOf, ELSEWHERE, MEMBERS, SHARED, visit } from './world.js';

const UNKNOWN_RULE = 'sgr-0123456789abcdef0';
const UNKNOWN_GROUP = 'sg-0123456789abcdef0';

function ssh(cidr: string, description?: string) {
  return {
    IpProtocol: 'tcp',
    FromPort: 22,
    ToPort: 22,
    IpRanges: [{ CidrIp: cidr, Description: description }],
  };
}

function ssh6(cidr: string) {
  return { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, Ipv6Ranges: [{ CidrIpv6: cidr }] };
}

function ruleTags(Tags: { Key: string; Value: string }[]) {
  return [{ ResourceType: 'security-group-rule' as const, Tags }];
}

async function open(ec2: EC2Client, cidr: string, groupId = SHARED): Promise<string> {
  const answer = await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions: [ssh(cidr)] }),
  );
  return answer.SecurityGroupRules?.[0]?.SecurityGroupRuleId ?? '';
}

test('a group is created, emptied, attached, opened, found by its tag, closed, detached and deleted', async () => {
  await visit(async ({ town, ec2 }) => {
    const made = await ec2.send(
      new CreateSecurityGroupCommand({
        GroupName: 'workspace-ssh ada',
        Description: 'access of ada',
        VpcId: 'vpc-main',
        TagSpecifications: [
          { ResourceType: 'security-group', Tags: [{ Key: 'ours', Value: 'v1 <&"\'> x' }] },
        ],
      }),
    );
    const GroupId = made.GroupId ?? '';
    expect(GroupId).toMatch(/^sg-[0-9a-f]{17}$/);
    expect(made.Tags).toEqual([{ Key: 'ours', Value: 'v1 <&"\'> x' }]);

    const egress = town.rules(GroupId).map(({ cidr, isEgress, protocol }) => ({ cidr, isEgress, protocol }));
    expect(egress).toEqual([
      { cidr: '0.0.0.0/0', isEgress: true, protocol: '-1' },
      { cidr: '::/0', isEgress: true, protocol: '-1' },
    ]);
    const SecurityGroupRuleIds = town.rules(GroupId).map(({ ruleId }) => ruleId);
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, SecurityGroupRuleIds }));
    expect(town.rules(GroupId)).toEqual([]);

    const before = town.interfaceOf(ADA)?.groups ?? [];
    const NetworkInterfaceId = town.interfaceOf(ADA)?.id ?? '';
    const attach = { NetworkInterfaceId, Groups: [...before, GroupId] };
    await ec2.send(new ModifyNetworkInterfaceAttributeCommand(attach));
    expect(town.interfaceOf(ADA)?.groups).toEqual([MEMBERS, SHARED, GroupId]);

    const authorize = new AuthorizeSecurityGroupIngressCommand({
      GroupId,
      IpPermissions: [ssh('203.0.113.25/32', 'for ada')],
      TagSpecifications: ruleTags([{ Key: 'lease:1', Value: 'v1 99' }]),
    });
    const { SecurityGroupRules: [rule] = [] } = await ec2.send(authorize);
    expect(rule).toMatchObject({
      SecurityGroupRuleId: expect.stringMatching(/^sgr-[0-9a-f]{17}$/),
      GroupId,
      GroupOwnerId: '123456789012',
      IsEgress: false,
      IpProtocol: 'tcp',
      FromPort: 22,
      ToPort: 22,
      CidrIpv4: '203.0.113.25/32',
      Description: 'for ada',
      Tags: [{ Key: 'lease:1', Value: 'v1 99' }],
    });
    expect(town.opens(ADA, '203.0.113.25')).toHaveLength(1);
    expect(town.opens(ADA, '203.0.113.26')).toEqual([]);
    expect(town.opens(ADA, '203.0.113.25', 80)).toEqual([]);
    expect(await codeOf(ec2.send(authorize))).toBe('InvalidPermission.Duplicate');

    const byTag = new DescribeSecurityGroupRulesCommand({
      Filters: [{ Name: 'tag-key', Values: ['lease:*'] }],
    });
    expect((await ec2.send(byTag)).SecurityGroupRules).toEqual([rule]);

    const ids = [rule?.SecurityGroupRuleId ?? ''];
    const revoked = await ec2.send(
      new RevokeSecurityGroupIngressCommand({ GroupId, SecurityGroupRuleIds: ids }),
    );
    expect(revoked).toMatchObject({
      Return: true,
      RevokedSecurityGroupRules: [{ SecurityGroupRuleId: ids[0] }],
    });
    expect((await ec2.send(byTag)).SecurityGroupRules).toEqual([]);

    const remove = new DeleteSecurityGroupCommand({ GroupId });
    expect(await codeOf(ec2.send(remove))).toBe('DependencyViolation');
    await ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: before }));
    expect(await ec2.send(remove)).toMatchObject({ Return: true, GroupId });
    expect(town.history.map(({ kind }) => kind)).toEqual([
      'group-made',
      'rule-added',
      'rule-added',
      'rule-removed',
      'rule-removed',
      'interface-changed',
      'rule-added',
      'rule-removed',
      'interface-changed',
      'group-deleted',
    ]);
  });
});

test('a private address finds interfaces in every VPC, and together with a subnet only one', async () => {
  await visit(async ({ town, ec2 }) => {
    const byAddress = { Name: 'addresses.private-ip-address', Values: ['10.0.1.20'] };
    const find = async (...Filters: { Name: string; Values: string[] }[]) =>
      (await ec2.send(new DescribeNetworkInterfacesCommand({ Filters }))).NetworkInterfaces ?? [];
    expect(await find(byAddress)).toHaveLength(2);

    const [found, ...others] = await find(byAddress, { Name: 'subnet-id', Values: ['subnet-a'] });
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      NetworkInterfaceId: town.interfaceOf(ADA)?.id,
      VpcId: 'vpc-main',
      SubnetId: 'subnet-a',
      Status: 'in-use',
      PrivateIpAddress: '10.0.1.20',
      Association: { PublicIp: '203.0.113.7' },
      Ipv6Addresses: [{ Ipv6Address: '2001:db8:1::20' }],
      PrivateIpAddresses: [
        { PrivateIpAddress: '10.0.1.20', Primary: true, Association: { PublicIp: '203.0.113.7' } },
      ],
      Groups: [
        { GroupId: MEMBERS, GroupName: 'd-90670000aa_workspacesMembers' },
        { GroupId: SHARED, GroupName: 'shared ssh' },
      ],
      TagSet: [],
    });
    for (const [name, value, count] of [
      ['group-id', MEMBERS, 2],
      ['vpc-id', 'vpc-other', 1],
      ['network-interface-id', found?.NetworkInterfaceId ?? '', 1],
      ['association.public-ip', '203.0.113.7', 1],
      ['attachment.status', 'attached', 3],
      ['private-ip-address', '10.0.1.2?', 3],
    ] as const) {
      expect([name, (await find({ Name: name, Values: [value] })).length]).toEqual([name, count]);
    }
  });
});

test('a Describe call for an id that is not there, or with an unknown filter, is refused', async () => {
  await visit(async ({ ec2 }) => {
    const rules = (input: object) => ec2.send(new DescribeSecurityGroupRulesCommand(input));
    const groups = (input: object) => ec2.send(new DescribeSecurityGroupsCommand(input));
    const interfaces = (input: object) => ec2.send(new DescribeNetworkInterfacesCommand(input));
    const bad = [{ Name: 'no-such-filter', Values: ['x'] }];
    for (const [call, code] of [
      [rules({ SecurityGroupRuleIds: [UNKNOWN_RULE] }), 'InvalidSecurityGroupRuleId.NotFound'],
      [rules({ SecurityGroupRuleIds: ['sgr-1'] }), 'InvalidSecurityGroupRuleId.Malformed'],
      [rules({ Filters: bad }), 'InvalidParameterValue'],
      [rules({ Filters: [{ Name: 'constructor', Values: ['x'] }] }), 'InvalidParameterValue'],
      [rules({ MaxResults: 4 }), 'InvalidParameterValue'],
      [rules({ MaxResults: 1001 }), 'InvalidParameterValue'],
      [rules({ NextToken: 'nonsense' }), 'InvalidParameterValue'],
      [groups({ GroupIds: [UNKNOWN_GROUP] }), 'InvalidGroup.NotFound'],
      [groups({ GroupIds: ['sg-1'] }), 'InvalidGroupId.Malformed'],
      [groups({ Filters: bad }), 'InvalidParameterValue'],
      [interfaces({ NetworkInterfaceIds: ['eni-0123456789abcdef0'] }), 'InvalidNetworkInterfaceID.NotFound'],
      [
        interfaces({ NetworkInterfaceIds: ['eni-0123456789abcdef0'], MaxResults: 5 }),
        'InvalidParameterCombination',
      ],
      [ec2.send(new DescribeVpcsCommand({})), 'InvalidAction'],
    ] as const) {
      expect(await codeOf(call)).toBe(code);
    }
  });
});

test('groups and rules are found by filters, with wildcards', async () => {
  await visit(async ({ town, ec2 }) => {
    const rule = town.addRule(SHARED, { cidr: '198.51.100.0/24', tags: { 'ssh:lease:a*b': 'x' } });
    town.addRule(MEMBERS, { cidr: '198.51.100.0/24', tags: { 'ssh:lease:ab': 'X' } });
    const groups = async (Name: string, ...Values: string[]) => {
      const answer = await ec2.send(new DescribeSecurityGroupsCommand({ Filters: [{ Name, Values }] }));
      return answer.SecurityGroups?.map(({ GroupId }) => GroupId);
    };
    const rules = async (Name: string, ...Values: string[]) => {
      const answer = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters: [{ Name, Values }] }));
      return answer.SecurityGroupRules?.filter(({ IsEgress }) => !IsEgress).map(({ GroupId }) => GroupId);
    };
    expect(await groups('group-name', 'd-*_workspacesMembers')).toEqual([MEMBERS]);
    expect(await groups('group-id', MEMBERS, CONTROLLERS)).toEqual([MEMBERS, CONTROLLERS]);
    expect(await groups('vpc-id', 'vpc-other')).toEqual([ELSEWHERE]);
    expect(await groups('tag:team', 'plat*')).toEqual([SHARED]);
    expect(await groups('tag-key', 'Team')).toEqual([]);
    expect(await groups('ip-permission.cidr', '198.51.100.0/24')).toEqual([MEMBERS, SHARED]);
    expect((await rules('tag-key', 'ssh:lease:*'))?.toSorted()).toEqual([MEMBERS, SHARED]);
    expect(await rules('tag-key', 'ssh:lease:a\\*b')).toEqual([SHARED]);
    expect(await rules('tag:ssh:lease:ab', 'X')).toEqual([MEMBERS]);
    expect(await rules('group-id', SHARED)).toEqual([SHARED]);
    expect(await rules('security-group-rule-id', rule.ruleId)).toEqual([SHARED]);

    const { SecurityGroups: [shared] = [] } = await ec2.send(
      new DescribeSecurityGroupsCommand({ GroupIds: [SHARED] }),
    );
    expect(shared).toMatchObject({
      GroupName: 'shared ssh',
      VpcId: 'vpc-main',
      Tags: [{ Key: 'team', Value: 'platform' }],
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '198.51.100.0/24' }] },
      ],
      IpPermissionsEgress: [
        { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }], Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
      ],
    });
  });
});

test('the pages of a call list every rule once, even while rules are removed', async () => {
  await visit(
    async ({ town, ec2 }) => {
      const made = Array.from(
        { length: 12 },
        (_, n) => town.addRule(SHARED, { cidr: `198.51.100.${n}/32` }).ruleId,
      );
      const Filters = [{ Name: 'group-id', Values: [SHARED] }];
      const listed: string[] = [];
      let pages = 0;
      for await (const page of paginateDescribeSecurityGroupRules(
        { client: ec2, pageSize: 5 },
        { Filters },
      )) {
        const ids = (page.SecurityGroupRules ?? []).map(({ SecurityGroupRuleId: id }) => id ?? '');
        expect(ids.length).toBeLessThanOrEqual(3);
        if (pages++ === 0) ids.filter((id) => made.includes(id)).forEach(town.removeRule);
        listed.push(...ids);
      }
      expect(pages).toBe(5);
      expect(listed.filter((id) => made.includes(id)).toSorted()).toEqual(made.toSorted());

      const groups: unknown[] = [];
      for await (const page of paginateDescribeSecurityGroups({ client: ec2 }, {})) {
        groups.push(...(page.SecurityGroups ?? []).map(({ GroupId }) => GroupId));
      }
      expect(groups).toEqual(town.groups().map(({ id }) => id));
    },
    { settings: { pageSize: 3 } },
  );
});

test('a group is created only with a name, a description and a VPC that EC2 accepts', async () => {
  await visit(async ({ town, ec2 }) => {
    const make = (input: Partial<CreateSecurityGroupCommandInput>) =>
      codeOf(
        ec2.send(
          new CreateSecurityGroupCommand({ GroupName: 'new', Description: 'd', VpcId: 'vpc-main', ...input }),
        ),
      );
    const tag = (ResourceType: 'security-group' | 'security-group-rule') => [
      { ResourceType, Tags: [{ Key: 'k', Value: 'v' }] },
    ];
    expect(await make({ GroupName: 'shared ssh' })).toBe('InvalidGroup.Duplicate');
    expect(await make({ GroupName: 'sg-mine' })).toBe('InvalidParameterValue');
    expect(await make({ GroupName: 'café' })).toBe('InvalidParameterValue');
    expect(await make({ GroupName: 'x'.repeat(256) })).toBe('InvalidParameterValue');
    expect(await make({ GroupName: 'default' })).toBe('InvalidGroup.Reserved');
    expect(await make({ Description: '' })).toBe('MissingParameter');
    expect(await make({ Description: 'a < b' })).toBe('InvalidParameterValue');
    expect(await make({ VpcId: 'vpc-none' })).toBe('InvalidVpcID.NotFound');
    expect(await make({ TagSpecifications: tag('security-group-rule') })).toBe('InvalidParameterValue');
    expect(town.history).toEqual([]);

    expect(await make({ GroupName: 'shared ssh', VpcId: 'vpc-other' })).toBe('OK');
    const made = town.groups().at(-1);
    expect(town.rules(made?.id).map(({ cidr }) => cidr)).toEqual(['0.0.0.0/0']);

    town.settings.quotas.groupsPerRegion = town.groups().length + 1;
    expect(await make({ TagSpecifications: tag('security-group') })).toBe('OK');
    expect(await make({ GroupName: 'one more' })).toBe('SecurityGroupLimitExceeded');
  });
});

test('a group that a rule of another group names as its source is not deleted', async () => {
  await visit(async ({ ec2 }) => {
    const fromControllers = {
      GroupId: SHARED,
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, UserIdGroupPairs: [{ GroupId: CONTROLLERS }] },
      ],
    };
    const remove = () => codeOf(ec2.send(new DeleteSecurityGroupCommand({ GroupId: CONTROLLERS })));
    const made = await ec2.send(new AuthorizeSecurityGroupIngressCommand(fromControllers));
    expect(made.SecurityGroupRules?.[0]?.ReferencedGroupInfo?.GroupId).toBe(CONTROLLERS);
    expect(await remove()).toBe('DependencyViolation');
    await ec2.send(new RevokeSecurityGroupIngressCommand({ ...fromControllers }));
    expect(await remove()).toBe('OK');
    expect(await remove()).toBe('InvalidGroup.NotFound');
  });
});

const REFUSED: [string, Partial<AuthorizeSecurityGroupIngressCommandInput>, string][] = [
  ['an address without a prefix', { IpPermissions: [ssh('203.0.113.25')] }, 'InvalidParameterValue'],
  ['a prefix beyond 32', { IpPermissions: [ssh('203.0.113.25/33')] }, 'InvalidParameterValue'],
  ['IPv6 among IPv4', { IpPermissions: [ssh('2001:db8::/64')] }, 'InvalidParameterValue'],
  ['a zone id', { IpPermissions: [ssh6('fe80::1%eth0/64')] }, 'InvalidParameterValue'],
  [
    'a backslash in the description',
    { IpPermissions: [ssh('203.0.113.25/32', 'CORP\\ada')] },
    'InvalidParameterValue',
  ],
  [
    'a long description',
    { IpPermissions: [ssh('203.0.113.25/32', 'x'.repeat(256))] },
    'InvalidParameterValue',
  ],
  ['no permission', {}, 'MissingParameter'],
  [
    'no ports',
    { IpPermissions: [{ IpProtocol: 'tcp', IpRanges: [{ CidrIp: '203.0.113.25/32' }] }] },
    'InvalidParameterValue',
  ],
  [
    'ports upside down',
    { IpPermissions: [{ ...ssh('203.0.113.25/32'), ToPort: 21 }] },
    'InvalidPermission.Malformed',
  ],
  [
    'a port beyond 65,535',
    { IpPermissions: [{ ...ssh('203.0.113.25/32'), ToPort: 65_536 }] },
    'InvalidPermission.Malformed',
  ],
  [
    'an unknown protocol',
    { IpPermissions: [{ ...ssh('203.0.113.25/32'), IpProtocol: 'ssh' }] },
    'InvalidParameterValue',
  ],
  [
    'the same rule twice',
    { IpPermissions: [ssh('203.0.113.25/24'), ssh('203.0.113.99/24', 'b')] },
    'InvalidParameterValue',
  ],
  [
    'a new rule and one that is there',
    { IpPermissions: [ssh('203.0.113.1/32'), ssh('198.51.100.9/24')] },
    'InvalidPermission.Duplicate',
  ],
  [
    'a group that is not there',
    { GroupId: UNKNOWN_GROUP, IpPermissions: [ssh('203.0.113.25/32')] },
    'InvalidGroup.NotFound',
  ],
  [
    'a tag value of 257',
    {
      TagSpecifications: ruleTags([{ Key: 'k', Value: 'x'.repeat(257) }]),
      IpPermissions: [ssh('203.0.113.25/32')],
    },
    'InvalidParameterValue',
  ],
  [
    'a tag key of 129',
    {
      TagSpecifications: ruleTags([{ Key: 'x'.repeat(129), Value: '' }]),
      IpPermissions: [ssh('203.0.113.25/32')],
    },
    'InvalidParameterValue',
  ],
  [
    "AWS's own tag",
    { TagSpecifications: ruleTags([{ Key: 'aws:x', Value: '' }]), IpPermissions: [ssh('203.0.113.25/32')] },
    'InvalidParameterValue',
  ],
  [
    '51 tags',
    {
      TagSpecifications: ruleTags(Array.from({ length: 51 }, (_, n) => ({ Key: `k${n}`, Value: '' }))),
      IpPermissions: [ssh('203.0.113.25/32')],
    },
    'TagLimitExceeded',
  ],
];

test.each(REFUSED)('an authorize call is refused for %s, and adds no rule', async (_name, input, code) => {
  await visit(async ({ town, ec2 }) => {
    town.addRule(SHARED, { cidr: '198.51.100.0/24' });
    const before = town.rules();
    const call = new AuthorizeSecurityGroupIngressCommand({ GroupId: SHARED, ...input });
    expect(await codeOf(ec2.send(call))).toBe(code);
    expect(town.rules()).toEqual(before);
  });
});

test('CIDR blocks become canonical, and the same rule with another description is a duplicate', async () => {
  await visit(async ({ town, ec2 }) => {
    const add = (...IpPermissions: object[]) =>
      codeOf(ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: SHARED, IpPermissions })));
    expect(await add(ssh('100.68.0.18/18', 'a'), ssh6('2001:0DB8:0:0::F00/64'))).toBe('OK');
    const ingress = town.rules(SHARED).filter(({ isEgress }) => !isEgress);
    expect(ingress.map(({ cidr }) => cidr)).toEqual(['100.68.0.0/18', '2001:db8::/64']);
    expect(await add(ssh('100.68.0.0/18', 'b'))).toBe('InvalidPermission.Duplicate');
    expect(await add({ ...ssh('100.68.0.0/18'), IpProtocol: '6' })).toBe('InvalidPermission.Duplicate');
    expect(await add({ ...ssh('100.68.0.0/18'), ToPort: 23 })).toBe('OK');
    expect(town.opens(ADA, '2001:db8::1')).toHaveLength(1);
  });
});

test('a group holds 60 rules of each family, and a call that goes beyond adds none of its rules', async () => {
  await visit(async ({ town, ec2 }) => {
    const v4 = (count: number, from = 0) =>
      Array.from({ length: count }, (_, n) => ssh(`198.51.100.${from + n}/32`));
    const add = (IpPermissions: object[]) =>
      codeOf(ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: SHARED, IpPermissions })));
    expect(await add(v4(59))).toBe('OK');
    expect(await add(v4(2, 100))).toBe('RulesPerSecurityGroupLimitExceeded');
    expect(await add(v4(1, 100))).toBe('OK');
    expect(await add([ssh6('2001:db8::1/128')])).toBe('OK');
    expect(town.rules(SHARED).filter(({ isEgress }) => !isEgress)).toHaveLength(61);
  });
});

test('a call revokes many rules by id, and none if one id is unknown', async () => {
  await visit(async ({ town, ec2 }) => {
    const ids = [await open(ec2, '203.0.113.1/32'), await open(ec2, '203.0.113.2/32')];
    const revoke = (...SecurityGroupRuleIds: string[]) =>
      codeOf(ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: SHARED, SecurityGroupRuleIds })));
    const egress = town.rules(SHARED).find(({ isEgress }) => isEgress)?.ruleId ?? '';
    const elsewhere = town.addRule(MEMBERS, { cidr: '203.0.113.1/32' }).ruleId;
    for (const other of [UNKNOWN_RULE, egress, elsewhere]) {
      expect(await revoke(...ids, other)).toBe('InvalidSecurityGroupRuleId.NotFound');
    }
    expect(town.opens(ADA, '203.0.113.2')).toHaveLength(1);
    expect(await revoke(...ids)).toBe('OK');
    expect(await revoke(...ids)).toBe('InvalidSecurityGroupRuleId.NotFound');
    const again = await open(ec2, '203.0.113.1/32');
    expect(ids).not.toContain(again);
  });
});

test('a revoke by properties that match no rule succeeds in the default VPC, and fails in any other', async () => {
  await visit(async ({ town, ec2 }) => {
    const IpPermissions = [ssh('203.0.113.1/32')];
    const inDefault = 'sg-00000000000000c01';
    const rule = town.addRule(inDefault, { cidr: '203.0.113.0/24' });
    const silent = await ec2.send(
      new RevokeSecurityGroupIngressCommand({ GroupId: inDefault, IpPermissions }),
    );
    expect(silent).toMatchObject({
      Return: true,
      RevokedSecurityGroupRules: [],
      UnknownIpPermissions: [{ IpRanges: [{ CidrIp: '203.0.113.1/32' }] }],
    });
    expect(town.rules(inDefault)).toContainEqual(rule);
    const elsewhere = new RevokeSecurityGroupIngressCommand({ GroupId: SHARED, IpPermissions });
    expect(await codeOf(ec2.send(elsewhere))).toBe('InvalidPermission.NotFound');
    await open(ec2, '203.0.113.1/32');
    expect(await codeOf(ec2.send(elsewhere))).toBe('OK');
    expect(town.opens(ADA, '203.0.113.1')).toEqual([]);
  });
});

test('the groups of an interface are replaced as a whole, within its VPC and the quota', async () => {
  await visit(async ({ town, ec2 }) => {
    const NetworkInterfaceId = town.interfaceOf(ADA)?.id ?? '';
    const set = (...Groups: string[]) =>
      codeOf(ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups })));
    expect(await set(CONTROLLERS)).toBe('OK');
    expect(town.interfaceOf(ADA)?.groups).toEqual([CONTROLLERS]);
    expect(await set(CONTROLLERS, UNKNOWN_GROUP)).toBe('InvalidGroup.NotFound');
    expect(await set(CONTROLLERS, ELSEWHERE)).toBe('InvalidGroup.NotFound');
    expect(await set()).toBe('MissingParameter');
    town.settings.quotas.groupsPerInterface = 2;
    expect(await set(CONTROLLERS, MEMBERS, SHARED)).toBe('SecurityGroupsPerInterfaceLimitExceeded');
    expect(town.interfaceOf(ADA)?.groups).toEqual([CONTROLLERS]);
    const nowhere = { NetworkInterfaceId: 'eni-0123456789abcdef0', Groups: [SHARED] };
    expect(await codeOf(ec2.send(new ModifyNetworkInterfaceAttributeCommand(nowhere)))).toBe(
      'InvalidNetworkInterfaceID.NotFound',
    );
  });
});

test('tags are set, replaced and deleted on rules, groups and interfaces', async () => {
  await visit(async ({ town, ec2 }) => {
    const rule = town.addRule(SHARED, { cidr: '203.0.113.1/32', tags: { a: '1', b: '2', c: '' } });
    const eni = town.interfaceOf(ADA)?.id ?? '';
    const tagsOf = () => town.rules(SHARED).find(({ ruleId }) => ruleId === rule.ruleId)?.tags;
    const Resources = [rule.ruleId, SHARED, eni];
    await ec2.send(
      new CreateTagsCommand({
        Resources,
        Tags: [
          { Key: 'a', Value: 'new' },
          { Key: 'z', Value: '' },
        ],
      }),
    );
    expect(tagsOf()).toEqual({ a: 'new', b: '2', c: '', z: '' });
    expect(town.groups().find(({ id }) => id === SHARED)?.tags).toEqual({
      team: 'platform',
      a: 'new',
      z: '',
    });
    expect(town.interfaceOf(ADA)?.tags).toEqual({ a: 'new', z: '' });

    await ec2.send(
      new DeleteTagsCommand({
        Resources,
        Tags: [{ Key: 'a', Value: 'old' }, { Key: 'b' }, { Key: 'c', Value: '' }],
      }),
    );
    expect(tagsOf()).toEqual({ a: 'new', z: '' });
    await ec2.send(new DeleteTagsCommand({ Resources: [rule.ruleId] }));
    expect(tagsOf()).toEqual({});

    const Tags = [{ Key: 'x', Value: 'y' }];
    const unknown = new CreateTagsCommand({ Resources: [rule.ruleId, UNKNOWN_RULE], Tags });
    expect(await codeOf(ec2.send(unknown))).toBe('InvalidSecurityGroupRuleId.NotFound');
    expect(tagsOf()).toEqual({});
    town.setTags(rule.ruleId, Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`k${n}`, ''])));
    const oneMore = new CreateTagsCommand({ Resources: [rule.ruleId], Tags });
    expect(await codeOf(ec2.send(oneMore))).toBe('TagLimitExceeded');
  });
});

test('the description of a rule changes without another rule id, and egress rules can be added', async () => {
  await visit(async ({ town, ec2 }) => {
    const rule = town.addRule(SHARED, { cidr: '203.0.113.1/32' });
    const SecurityGroupRuleDescriptions = [{ SecurityGroupRuleId: rule.ruleId, Description: 'later' }];
    await ec2.send(
      new UpdateSecurityGroupRuleDescriptionsIngressCommand({
        GroupId: SHARED,
        SecurityGroupRuleDescriptions,
      }),
    );
    expect(town.rules(SHARED)).toContainEqual({ ...rule, description: 'later' });
    const egress = { GroupId: SHARED, IpPermissions: [ssh('203.0.113.1/32')] };
    await ec2.send(new AuthorizeSecurityGroupEgressCommand(egress));
    expect(town.rules(SHARED).at(-1)).toMatchObject({ isEgress: true, cidr: '203.0.113.1/32' });
  });
});

test('a dry run answers whether the call would succeed, and changes nothing', async () => {
  await visit(async ({ town, ec2 }) => {
    const rule = town.addRule(SHARED, { cidr: '198.51.100.1/32' });
    const before = town.history.length;
    const eni = town.interfaceOf(ADA)?.id ?? '';
    const DryRun = true;
    const group = { GroupId: SHARED, DryRun };
    const calls = [
      ec2.send(
        new CreateSecurityGroupCommand({ GroupName: 'new', Description: 'd', VpcId: 'vpc-main', DryRun }),
      ),
      ec2.send(new DeleteSecurityGroupCommand({ GroupId: CONTROLLERS, DryRun })),
      ec2.send(
        new AuthorizeSecurityGroupIngressCommand({ ...group, IpPermissions: [ssh('203.0.113.1/32')] }),
      ),
      ec2.send(new RevokeSecurityGroupIngressCommand({ ...group, SecurityGroupRuleIds: [rule.ruleId] })),
      ec2.send(
        new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: eni, Groups: [SHARED], DryRun }),
      ),
      ec2.send(new CreateTagsCommand({ Resources: [SHARED], Tags: [{ Key: 'k', Value: 'v' }], DryRun })),
      ec2.send(new DeleteTagsCommand({ Resources: [SHARED], Tags: [{ Key: 'k' }], DryRun })),
    ];
    for (const call of calls) expect(await codeOf(call)).toBe('DryRunOperation');
    const real = new AuthorizeSecurityGroupIngressCommand({
      ...group,
      IpPermissions: [ssh('198.51.100.1/32')],
    });
    expect(await codeOf(ec2.send(real))).toBe('InvalidPermission.Duplicate');
    town.settings.denied = ['CreateTags'];
    const denied = new CreateTagsCommand({ Resources: [SHARED], Tags: [{ Key: 'k', Value: 'v' }], DryRun });
    expect(await codeOf(ec2.send(denied))).toBe('UnauthorizedOperation');
    expect(town.history).toHaveLength(before);
  });
});
