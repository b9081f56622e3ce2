import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fileOf } from '../../../sandbox/town.js';
import { type Story, startStory } from '../story.js';
import { answered } from './asking.js';

const CURL = 'curl -4 https://checkip.amazonaws.com';
const CURL6 = 'curl -6 https://checkip.global.api.aws';
const lenient = readFileSync(fileOf('sandbox/policy.yml'), 'utf8');
const strict = lenient
  .replace(/sources: .*/, 'sources: { widest-ipv4: 24, widest-ipv6: 64 }')
  .replace(/ {2}networks: .*\n/, '');

let story: Story;
afterAll(() => story.end());

describe('where the policy is strict, an address', () => {
  beforeAll(async () => {
    story = await startStory({ policy: strict });
  });
  afterAll(() => story.end());

  test.each([
    ['too wide', '8.8.0.0/16', '65,536 addresses; the policy allows at most /24 (256)'],
    ['too wide for IPv6', '2a00:1450:4000::/48', 'the policy allows at most /64'],
    ['the whole Internet', '0.0.0.0/0', 'the whole Internet, which is never opened'],
    ['the whole IPv6 Internet', '::/0', 'the whole Internet, which is never opened'],
    ['loopback', '127.0.0.1', 'loopback'],
    ['IPv6 loopback', '::1', 'loopback'],
    ['link-local', '169.254.169.254', 'link-local'],
    ['IPv6 link-local', 'fe80::1', 'link-local'],
    ['multicast', '224.0.0.251', 'multicast'],
    ['IPv6 multicast', 'ff02::1', 'multicast'],
    ['broadcast', '255.255.255.255', 'broadcast'],
    ['documentation', '203.0.113.25', 'reserved for documentation'],
    ['IPv6 documentation', '2001:db8::1', 'reserved for documentation'],
    ['private', '10.1.2.3', 'private'],
    ['private, the provider’s', '100.64.0.7', 'CGNAT'],
    ['IPv6 private', 'fd00::1', 'private'],
    ['IPv4-mapped', '::ffff:8.8.8.8', 'an IPv4 address wrapped in IPv6'],
    ['IPv4-mapped in hexadecimal', '::ffff:808:808', 'IPv4-mapped'],
    ['NAT64', '64:ff9b::808:808', 'NAT64'],
    ['with a zone', 'fe80::1%eth0', 'zone'],
    ['out of range', '8.8.8.999', 'not an IP address'],
    ['with a prefix that cannot be', '8.8.8.8/33', 'not an IP address'],
    ['with leading zeros', '008.8.8.8', 'leading zeros'],
    ['a name', 'laptop.example.com', '`laptop.example.com` is the name of a computer'],
    ['unknown to the person', 'my ip', "I can't see your address"],
  ])('is refused at once: %s', async (_, address, words) => {
    const answer = await answered(story, 'jane', `ws-janedoe01 ${address} 1h fixing the build`);
    expect(answer).toContain(words);
    // The address behind an IPv4 address in IPv6 clothes is found out over IPv4.
    const isIpv6 = address.includes(':') && !/IPv4|NAT64/.test(words);
    if (words !== 'leading zeros') expect(answer).toContain(isIpv6 ? CURL6 : CURL);
    expect(answer).not.toContain('address is missing');
    expect(answer).toContain('[Open the form, filled in]');
  });

  test('that was refused leaves no request in the store', async () => {
    expect(await answered(story, 'jane', 'list')).toMatch(/no requests yet/);
    expect(story.reads('maria')).toEqual([]);
  });
});

describe('where the policy allows ranges,', () => {
  beforeAll(async () => {
    story = await startStory({ policy: lenient });
  });

  test('a person who typed host bits reads the range that they ask for', async () => {
    const answer = await answered(story, 'jane', 'ws-janedoe01 203.0.113.25/24 1h the whole office');
    expect(answer).toMatch(/the whole range 203\.0\.113\.0\/24, 256 addresses/);
    const id = answer.match(/\b[2-9A-HJ-NP-Z]{5}\b/)?.[0] ?? 'none';
    expect(answer).toContain(`\`/workspace-ssh end ${id}\``);
    expect(await story.sees('jane', /Waiting for/)).toContain('the whole range 203.0.113.0/24');
    const card = await story.sees('maria', id);
    expect(card).toContain('From 203.0.113.0/24 (256 addresses');
    const delivery = await story.presses('maria', id, 'Approve');
    expect(delivery.confirmed?.text).toContain('256 addresses');
    await story.rulesBecome(1);
    expect(story.rules()[0]?.cidr).toBe('203.0.113.0/24');
  });

  test('a range without host bits needs no explanation', async () => {
    const answer = await answered(story, 'jane', '203.0.113.0/30 1h two of us');
    expect(answer).toContain('*Checking*');
    expect(answer).not.toContain('whole range');
  });

  test('an IPv6 source is told that the WorkSpace has no IPv6 address, and has a way out behind one button', async () => {
    const id = await story.asks('jane', 'ws-janedoe01 2001:DB8:0::7 1h from IPv6');
    const card = await story.sees('jane', /Not allowed/);
    expect(card).toContain(id);
    expect(card).toContain('Your address is IPv6, and ws-janedoe01 has none.');
    expect(card).toContain(CURL);
    expect(card).toContain('[Open the form, filled in]');
    expect(story.reads('maria').join()).not.toContain('from IPv6');
  });
});
