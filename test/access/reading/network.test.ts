import { describe, expect, test } from '@jest/globals';
import {
  networkAround,
  networkNamed,
  readNetwork,
  readSourceOrName,
} from '../../../src/access/reading/network.js';
import type { SourceLimits } from '../../../src/access/reading/source.js';

const networks = [
  { name: 'Office', cidr: '198.51.100.0/24' },
  { name: 'VPN', cidr: '10.8.0.0/16' },
  { name: 'Lab', cidr: '10.8.7.0/24' },
];
const limits: SourceLimits = {
  widestIpv4: 24,
  widestIpv6: 56,
  allowPrivate: true,
  allowDocumentation: true,
  denied: [],
  allowed: [],
};

test('a network is found by its name, in either case, and by nothing else', () => {
  expect(networkNamed('office', networks)?.cidr).toBe('198.51.100.0/24');
  expect(networkNamed('OFFICE', networks)?.name).toBe('Office');
  expect(networkNamed('offices', networks)).toBeUndefined();
  expect(networkNamed('', networks)).toBeUndefined();
});

test.each([
  ['198.51.100.7/32', 'Office'],
  ['198.51.100.0/24', 'Office'],
  ['198.51.0.0/16', undefined],
  ['10.8.1.1/32', 'VPN'],
  ['10.8.7.1/32', 'Lab'],
  ['2001:db8::1/128', undefined],
])('%s is in %s: the smallest network that holds the whole source', (cidr, name) => {
  expect(networkAround(cidr, networks)?.name).toBe(name);
});

describe('a source that a person names', () => {
  test('may be a network of the policy that is wider than a range that people may type', () => {
    expect(readSourceOrName(' vpn ', limits, networks)).toMatchObject({
      ok: true,
      source: { cidr: '10.8.0.0/16', addresses: '65,536', isPrivate: true },
    });
    expect(readSourceOrName('10.8.0.0/16', limits, networks)).toMatchObject({
      ok: false,
      problem: 'too-wide',
    });
  });

  test('must be a network of the policy, or the refusal lists the names of its networks', () => {
    expect(readSourceOrName('Home', limits, networks)).toMatchObject({
      ok: false,
      sentence: '`Home` is no network that the policy names (`Office`, `VPN`, `Lab`).',
    });
  });

  test('may not be the name of a computer', () => {
    expect(readSourceOrName('localhost', limits, networks)).toMatchObject({
      sentence: expect.stringMatching(/^`localhost` is the name of a computer/),
    });
  });

  test('must keep to every other limit of the policy', () => {
    const vpn = { name: 'VPN', cidr: '10.8.0.0/16' };
    expect(readNetwork(vpn, { ...limits, allowPrivate: false })).toMatchObject({ problem: 'private' });
    expect(readNetwork(vpn, { ...limits, denied: ['10.8.3.0/24'] })).toMatchObject({ problem: 'denied' });
    expect(readNetwork({ name: 'All', cidr: '0.0.0.0/0' }, limits)).toMatchObject({ problem: 'everything' });
  });
});
