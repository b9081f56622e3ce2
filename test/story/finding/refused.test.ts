import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AwsWorld, WorkspaceSeed } from '../../../sandbox/aws/world.js';
import { awsWorld, type PersonName } from '../../../sandbox/world.js';
import { filledForm, typesAddress } from '../asking/asking.js';
import { type Story, startStory } from '../story.js';

const DIRECTORY_ID = 'd-90670a1b2c';
const CUSTOMER = 'd-90670000c1';
const NAMELESS = 'd-90670000c2';
const STRANGE = 'd-90670000c3';
const SIX = 'd-90670000c6';
const FROM = '203.0.113.25 1h fixing the build';
const MAPPED = 'people: { from: email-local-part, domains: [example.com] }';
const POLICY = `
version: 1
admins: [U0ADA]
directories:
  ${DIRECTORY_ID}: { ${MAPPED} }
  ${CUSTOMER}: { netbios: OWNNAME, ${MAPPED} }
  ${NAMELESS}: { ${MAPPED} }
  ${SIX}: { ${MAPPED} }
managers: { profile-field: Xf0MANAGER }
limits:
  sources: { private: true, documentation: true }
rules:
  - { name: own WorkSpace, target: own, ask: [manager] }
  - { name: another one, target: any, ask: [{ any-of: [U0SAM, U0ADA] }] }
  - { name: whole directory, target: directory, ask: [admins] }
`;

let story: Story;
beforeAll(async () => {
  story = await startStory({ policy: POLICY, world: world() });
});
afterAll(() => story.end());

function world(): AwsWorld {
  const base = awsWorld();
  const [corp] = base.directories;
  const [jane] = base.workspaces;
  if (!corp || !jane) throw new Error('an empty world');
  const { shortName: _, ...nameless } = corp;
  const more = (id: string, last: number, changes: Partial<WorkspaceSeed>): WorkspaceSeed => {
    const { publicIp: _public, ...rest } = { ...jane, id, userName: 'nobody', ip: `10.20.1.${last}` };
    return { ...rest, ...changes };
  };
  const { ip: _ip, ...pending } = more('ws-withoutnic', 30, { publicIp: '198.51.100.30' });
  return {
    ...base,
    vpcs: [...base.vpcs, { id: 'vpc-0ffffffffffffffff', cidr: '10.20.0.0/16' }],
    subnets: [
      ...base.subnets,
      { id: 'subnet-0ffffffffffffffff', vpcId: 'vpc-0ffffffffffffffff', cidr: '10.20.1.0/24' },
    ],
    // Somebody else's interface with jane's private address.
    interfaces: [
      { subnetId: 'subnet-0ffffffffffffffff', ip: '10.20.1.11', publicIp: '198.51.100.99', groups: [] },
    ],
    directories: [
      corp,
      { ...nameless, id: CUSTOMER, type: 'CUSTOMER_MANAGED' },
      { ...nameless, id: NAMELESS, type: 'CUSTOMER_MANAGED' },
      { ...corp, id: STRANGE },
      { ...corp, id: SIX },
    ],
    workspaces: [
      ...base.workspaces,
      pending,
      more('ws-twoofsam1', 31, { userName: 'maria', publicIp: '198.51.100.31' }),
      more('ws-newsystem', 32, { os: 'HAIKU_R2', publicIp: '198.51.100.32' }),
      more('ws-dualstack', 33, { ipv6: '2001:db8::33', publicIp: '198.51.100.33' }),
      more('ws-ipv6only1', 37, { directoryId: SIX, ipv6: '2001:db8::37' }),
      more('ws-customer1', 34, { directoryId: CUSTOMER, publicIp: '198.51.100.34' }),
      more('ws-nameless1', 35, { directoryId: NAMELESS, publicIp: '198.51.100.35' }),
      more('ws-strangedir', 36, { directoryId: STRANGE, publicIp: '198.51.100.36' }),
    ],
  };
}

async function asks(name: PersonName, text: string) {
  const id = await story.asks(name, text);
  return { id, card: await story.sees(name, new RegExp(`(Waiting for @|Not allowed).*${id}`)) };
}

describe('a request for what cannot be opened is refused with a sentence, and nobody is asked:', () => {
  test.each<[string, PersonName, string, RegExp]>([
    ['several WorkSpaces', 'maria', FROM, /You have several WorkSpaces: `ws-mariaprv1`, `ws-twoofsam1`/],
    ['no WorkSpace', 'lee', FROM, /I find no WorkSpace of yours/],
    ['Windows', 'sam', FROM, /Your WorkSpace runs Windows/],
    ['Windows by its id', 'jane', `ws-samwindow ${FROM}`, /ws-samwindow runs Windows/],
    ['a WorkSpace that is REBOOTING', 'ada', FROM, /ws-adanovak1 is REBOOTING/],
    ['one without an interface', 'jane', `ws-withoutnic ${FROM}`, /no network interface for ws-withoutnic/],
    ['an id that nobody knows', 'jane', `ws-unknown01 ${FROM}`, /I find no WorkSpace ws-unknown01/],
    ['a directory that the policy does not name', 'jane', `ws-strangedir ${FROM}`, /not name directory/],
    [
      'one without a public address',
      'jane',
      `ws-mariaprv1 ${FROM}`,
      /no public address, so 203\.0\.113\.25 can't reach it\. Connect to your VPN/,
    ],
    [
      'an IPv4 address where there is IPv6 alone',
      'jane',
      `ws-ipv6only1 ${FROM}`,
      /no public IPv4 address, so 203\.0\.113\.25 can't reach it\. Ask again with your IPv6 address: `curl -6 /,
    ],
    [
      'an IPv6 address where there is none',
      'jane',
      '2001:db8::7 1h fixing',
      /is IPv6, and ws-janedoe01 has none\. Ask again with your IPv4 address: `curl -4 /,
    ],
    [
      'an IPv6 address where there is a private one alone',
      'jane',
      'ws-mariaprv1 2001:db8::7 1h fixing',
      /is IPv6, and ws-mariaprv1 has none\. Connect to your VPN/,
    ],
    [
      'a directory with IPv6 alone',
      'jane',
      `${SIX} ${FROM}`,
      /No Linux WorkSpace of d-\w+ can be reached from 203\.0\.113\.25\. Ask again with your IPv6 address: `curl -6 /,
    ],
  ])('%s', async (_, name, text, sentence) => {
    const { id, card } = await asks(name, text);
    expect(card).toContain('*Not allowed*');
    expect(card).toMatch(sentence);
    expect(card).not.toMatch(/undefined/);
    for (const approver of ['maria', 'sam', 'ada'] as const) {
      if (approver !== name) expect(story.reads(approver).join('\n')).not.toContain(id);
    }
  });

  test('a form in which none of several WorkSpaces is chosen is refused at once, under the choice', async () => {
    const maria = story.person('maria');
    await maria.command('');
    const view = await filledForm(story, 'maria');
    await typesAddress(story, 'maria', view, '203.0.113.25');
    await maria.fill(view, { reason: 'fixing the build' });
    expect(Object.keys((await maria.submit(view)).errors ?? {})).toEqual(['workspace']);
    await maria.fill(view, { workspace: 'Another one: its id below' });
    const problem = { workspace: 'Choose a WorkSpace, or name another one.' };
    expect((await maria.submit(view)).errors).toEqual(problem);
    await maria.fill(view, { workspace: 'ws-twoofsam1' });
    expect((await maria.submit(view)).errors).toBeUndefined();
    await story.sees('maria', /Waiting for[\s\S]*ws-twoofsam1/);
  });

  test('the admins are told as well where a directory has no NetBIOS name anywhere', async () => {
    const { id, card } = await asks('jane', `ws-nameless1 ${FROM}`);
    expect(card).toMatch(new RegExp(`Directory ${NAMELESS} has no NetBIOS name`));
    expect(await story.sees('ada', id)).toMatch(/no NetBIOS name/);
  });
});

test('a request for somebody else’s WorkSpace goes to the approvers whom the rule names, and they read whose it is', async () => {
  const { id } = await asks('jane', `ws-tombecker1 ${FROM}`);
  const card = await story.sees('sam', id);
  expect(card).toMatch(/Not @jane's own WorkSpace \(it is @tom's\)/);
  expect(card).toContain('ws-tombecker1');
});

test('an operating system that AWS had not invented yet is taken for a Linux', async () => {
  const { card, id } = await asks('jane', `ws-newsystem ${FROM}`);
  expect(card).toContain('*Waiting for @sam or @ada*');
  expect(await story.sees('sam', id)).toMatch(/Haiku R2/);
});

test.each([
  ['a private source', 'ws-janedoe01', '10.20.9.9', 'CORP\\jane@10.20.1.11', 'maria'],
  [
    'a public source, never the same private address elsewhere',
    'ws-janedoe01',
    '203.0.113.26',
    'CORP\\jane@198.51.100.7',
    'maria',
  ],
  ['an IPv6 source', 'ws-dualstack', '2001:db8::8', 'CORP\\jane@2001:db8::33', 'sam'],
  [
    'a directory whose NetBIOS name only the policy knows',
    'ws-customer1',
    '203.0.113.27',
    'OWNNAME\\jane@198.51.100.34',
    'sam',
  ],
] as const)(
  'for %s the ssh line has the address that can be reached from there',
  async (_, workspaceId, source, expected, approver) => {
    const id = await story.asks('jane', `${workspaceId} ${source} 1h fixing the build`);
    await story.presses(approver, id, 'Approve');
    const told = await story.sees('jane', new RegExp(`Open until.*${id}`));
    expect(told).toContain(`ssh "${expected}"`);
    expect(story.town.aws.opens(workspaceId, source)).toHaveLength(1);
  },
);
