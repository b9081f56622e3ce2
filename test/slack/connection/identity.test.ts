import { expect, test } from '@jest/globals';
import { whyNotForUs } from '../../../src/slack/connection/identity.js';

const us = { appId: 'A0OURS', teamId: 'T0OURS' };
const org = { appId: 'A0OURS', teamId: 'E0OURS', organizationId: 'E0OURS' };
const from = (appId?: string, teamId?: string, organizationId?: string) => ({
  appId,
  teamId,
  organizationId,
});

test.each([
  [us, from('A0OURS', 'T0OURS')],
  [us, from('A0OURS', 'T0OURS', 'E0OURS')],
  // The app is in all of an organization: its workspaces have teams of their own.
  [org, from('A0OURS', 'T0ANY', 'E0OURS')],
  [{ teamId: 'T0OURS' }, from('A0UNKNOWN', 'T0OURS')],
  // Slack has not said who the bot is.
  [undefined, from('A0OURS', 'T0OURS')],
])('a payload is for the bot: %j, from %j', (known, origin) => {
  expect(whyNotForUs(known, origin)).toBeUndefined();
});

test.each([
  [us, from('A0OURS', 'T0OTHER'), 'workspace T0OTHER'],
  [us, from('A0OTHER', 'T0OURS'), 'app A0OTHER'],
  [us, from(undefined, 'T0OURS'), 'app without an id'],
  [us, from('A0OURS'), 'workspace without an id'],
  [org, from('A0OURS', 'T0ANY', 'E0OTHER'), 'organization E0OTHER'],
  [org, from('A0OURS', 'E0OURS'), 'organization without an id'],
])('a payload is for another: %j, from %j', (known, origin, why) => {
  expect(whyNotForUs(known, origin)).toContain(why);
});
