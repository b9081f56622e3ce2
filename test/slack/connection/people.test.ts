/** Tells people of the bot's own Slack from others, and makes up nothing that Slack does not say of somebody. */
import { createServer } from 'node:http';
import { expect, test } from '@jest/globals';
import { WebClient } from '@slack/web-api';
import { createPeople } from '../../../src/slack/connection/people.js';
import type { Person } from '../../../src/workflow/ports.js';

/** Looks somebody up at a Slack that says this of the bot and of them. */
async function lookedUp(bot: object, user: object): Promise<Person | undefined> {
  const server = createServer((request, response) => {
    const said = request.url?.endsWith('/auth.test')
      ? bot
      : { user: { id: 'U0JANE', name: 'jane', ...user } };
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ ok: true, ...said }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const client = new WebClient('xoxb-1', { slackApiUrl: `http://127.0.0.1:${port}/api/` });
  try {
    return await createPeople(client).person('U0JANE');
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const workspace = { team_id: 'T0OURS', enterprise_id: 'E0OURS' };
const organization = { team_id: null, enterprise_id: 'E0OURS', is_enterprise_install: true };
const inOrganization = (id: string, ...teams: string[]) => ({
  enterprise_user: { enterprise_id: id, teams },
});

test.each([
  ['a member of the workspace', workspace, { team_id: 'T0OURS' }, false],
  ['a member of several', workspace, { team_id: 'T0OTHER', ...inOrganization('E0OURS', 'T0OURS') }, false],
  [
    'a member of another one of the organization',
    workspace,
    { team_id: 'T0OTHER', ...inOrganization('E0OURS', 'T0OTHER') },
    true,
  ],
  ['somebody of another company', workspace, { team_id: 'T0OTHER' }, true],
  ['a member of the organization', organization, { team_id: 'T0ANY', ...inOrganization('E0OURS') }, false],
  [
    'somebody of another organization',
    organization,
    { team_id: 'T0ANY', ...inOrganization('E0OTHER') },
    true,
  ],
  ['somebody of none', organization, { team_id: 'T0OTHER' }, true],
])('%s is rightly taken for own or foreign', async (_, bot, user, is) => {
  expect((await lookedUp(bot, user))?.foreign).toBe(is);
});

test('where Slack does not say which workspace is the bot’s, nobody is taken for own or foreign', async () => {
  await expect(lookedUp({}, { team_id: 'T0OURS' })).rejects.toThrow('Slack did not name our workspace');
});

test.each([{}, { tz: null }, { tz: '' }])(
  'no time zone is made up for a person of whom Slack says none: %j',
  async (user) => {
    expect(await lookedUp(workspace, { team_id: 'T0OURS', ...user })).not.toHaveProperty('timeZone');
    const known = await lookedUp(workspace, { team_id: 'T0OURS', ...user, tz: 'Asia/Kathmandu' });
    expect(known?.timeZone).toBe('Asia/Kathmandu');
  },
);
