/** Holds the Slack app's manifest to the bot: it asks for the scopes that the bot needs, and for no others. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { z } from 'zod';
import { manifest as manifestCommand } from '../src/commands/manifest.js';
import { linkOf, scopesOf, variantOf } from '../src/manifest.js';
import { working } from '../src/slack/answering/commands/subcommand.js';
import { SUBCOMMANDS } from '../src/slack/answering/commands/table.js';
import { SHORTCUT } from '../src/slack/words/ids.js';
import { COMMAND } from '../src/slack-settings.js';
import { runHere } from './commands/run.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const text = readFileSync(join(ROOT, 'manifest.yml'), 'utf8');

const manifest = z
  .object({
    features: z.object({
      slash_commands: z.array(
        z.object({ command: z.string(), usage_hint: z.string(), should_escape: z.boolean() }),
      ),
      shortcuts: z.array(z.object({ type: z.string(), callback_id: z.string() })),
      app_home: z.object({
        messages_tab_enabled: z.boolean(),
        messages_tab_read_only_enabled: z.boolean(),
      }),
    }),
    oauth_config: z.object({ scopes: z.strictObject({ bot: z.array(z.string()) }) }),
    settings: z.object({
      event_subscriptions: z.object({ bot_events: z.array(z.string()) }),
      interactivity: z.object({ is_enabled: z.boolean() }),
      socket_mode_enabled: z.boolean(),
    }),
  })
  .parse(parse(text));
const scopes = manifest.oauth_config.scopes.bot;
const events = manifest.settings.event_subscriptions.bot_events;

/**
 * The bot scopes that each Web API method needs for the bot's use of it. From https://docs.slack.dev/reference/methods
 */
const METHODS: Readonly<Record<string, readonly string[]>> = {
  // Takes the app-level token, which is not in the manifest.
  'apps.connections.open': [],
  'auth.test': [],
  'bots.info': ['users:read'],
  'chat.deleteScheduledMessage': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  // The bot posts to people by their ids, which opens their conversation with it as conversations.open does.
  'chat.postMessage': ['chat:write', 'im:write'],
  'chat.scheduleMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'conversations.open': ['im:write'],
  'team.profile.get': ['users.profile:read'],
  'users.info': ['users:read'],
  'users.lookupByEmail': ['users:read.email'],
  'usergroups.list': ['usergroups:read'],
  'users.profile.get': ['users.profile:read'],
  'views.open': [],
  'views.publish': [],
  'views.push': [],
  'views.update': [],
};

/** The bot scopes that each event needs. From https://docs.slack.dev/reference/events */
const EVENTS: Readonly<Record<string, readonly string[]>> = {
  app_home_opened: [],
  'message.im': ['im:history'],
};

/** Web API methods that a source calls: `client.chat.update(…)`, `client.apiCall('chat.update', …)`. */
function methodsIn(source: string): string[] {
  const calls = source.matchAll(/\bclient\s*\.\s*(?!apiCall\b)(\w+(?:\s*\.\s*\w+)+)\s*\(/g);
  const byName = source.matchAll(/\.apiCall\(\s*['"]([\w.]+)['"]/g);
  return [...calls, ...byName].map(([, name = '']) => name.replace(/\s/g, ''));
}

/** The scopes for a bot with these sources and events. Throws for a method or an event that is not listed above. */
function neededScopes(sources: readonly string[], subscribed: readonly string[]): Set<string> {
  const known = (table: typeof METHODS, name: string) => {
    const needed = table[name];
    if (!needed) throw new Error(`Which scopes does ${name} need? Add it to this test.`);
    return needed;
  };
  const methods = sources.flatMap(methodsIn);
  return new Set([
    'commands', // The scope of the slash command and the shortcut.
    ...subscribed.flatMap((name) => known(EVENTS, name)),
    ...methods.flatMap((name) => known(METHODS, name)),
    // Without this scope users.info leaves the e-mail address out.
    ...(methods.includes('users.info') && sources.some((source) => /profile\??\.email\b/.test(source))
      ? ['users:read.email']
      : []),
  ]);
}

function slackSources(): string[] {
  const folder = join(ROOT, 'src', 'slack');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}

function schemaProblems(candidate: unknown): string[] {
  const schema = JSON.parse(
    readFileSync(join(ROOT, 'test', 'fixtures', 'slack-manifest.schema.2.0.0.json'), 'utf8'),
  );
  // The schema has notes of its own, which strict Ajv would refuse.
  const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
  validate(candidate);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

test("the manifest satisfies Slack's schema, lengths included", () => {
  expect(schemaProblems(parse(text))).toEqual([]);
});

test("a manifest that Slack would refuse does not satisfy Slack's schema", () => {
  const refused = { display_information: { name: 'x'.repeat(36) }, features: { bot_user: {}, other: 1 } };
  expect(schemaProblems(refused)).toHaveLength(3);
});

test('the manifest asks for every scope that the bot needs, and for no other', () => {
  expect([...scopes].sort()).toEqual([...neededScopes(slackSources(), events)].sort());
});

test('the needed scopes follow from the Web API calls in the sources', () => {
  const source = `await client.chat\n  .update({ ts });\nconst f = () => slack.client.users.info({ user });
    await client.apiCall('conversations.open', {}); client.on('x'); await ec2.send(command);`;
  expect([...neededScopes([source], [])].sort()).toEqual([
    'chat:write',
    'commands',
    'im:write',
    'users:read',
  ]);
  expect(neededScopes([`${source} user.profile?.email`], []).has('users:read.email')).toBe(true);
  expect(() => neededScopes(['client.files.upload({})'], [])).toThrow('files.upload');
  expect(() => neededScopes([], ['reaction_added'])).toThrow('reaction_added');
});

test('the manifest names the command and the shortcut that the bot answers', () => {
  const { slash_commands, shortcuts } = manifest.features;
  expect(slash_commands.map(({ command }) => command)).toEqual([COMMAND]);
  expect(shortcuts).toEqual([expect.objectContaining({ type: 'global', callback_id: SHORTCUT })]);
});

test('the usage hint shows a request, and the words that the table of subcommands hints at', () => {
  const words = working(SUBCOMMANDS).flatMap(({ word, hinted }) => (hinted ? [word] : []));
  const [command] = manifest.features.slash_commands;
  expect(command?.usage_hint).toBe(['[ws-… address 2h why]', ...words].join(' | '));
});

test('Slack sends mentions as ids, so that nobody is taken for somebody of the same name', () => {
  expect(manifest.features.slash_commands.every(({ should_escape }) => should_escape)).toBe(true);
});

test('people can open the conversation with the bot and press buttons, without a public address', () => {
  expect(manifest.features.app_home).toEqual({
    messages_tab_enabled: true,
    messages_tab_read_only_enabled: false,
  });
  expect(manifest.settings.interactivity.is_enabled).toBe(true);
  expect(manifest.settings.socket_mode_enabled).toBe(true);
});

/** A variant as Slack would read it, and the sentence where there is none. */
function variant(wish: Parameters<typeof variantOf>[1]): unknown {
  const made = variantOf(text, wish);
  return 'problem' in made ? made.problem : parse(made.yaml);
}

test('without a wish the variant is the manifest itself', () => {
  expect(variant({})).toEqual(parse(text));
  expect(scopesOf(text)).toEqual(scopes);
});

test('over HTTP Slack is told where to send commands, events and clicks, and Socket Mode is off', () => {
  const made = variant({ http: 'https://ssh.example.com/' });
  const url = 'https://ssh.example.com/slack/events';
  expect(schemaProblems(made)).toEqual([]);
  expect(made).toMatchObject({
    features: { slash_commands: [{ command: COMMAND, url, should_escape: true }] },
    settings: {
      event_subscriptions: { request_url: url, bot_events: events },
      interactivity: { is_enabled: true, request_url: url },
      socket_mode_enabled: false,
    },
  });
  expect(variant({ http: url })).toEqual(made);
});

test('a company gives the command another name', () => {
  const made = variant({ command: '/ssh' });
  expect(schemaProblems(made)).toEqual([]);
  expect(made).toMatchObject({ features: { slash_commands: [{ command: '/ssh' }] } });
});

test.each([
  { command: 'ssh' },
  { command: '/SSH' },
  { command: '/ssh me' },
  { http: 'http://ssh.example.com' },
  { http: 'ssh.example.com' },
  { http: 'https://ssh.example.com/bot' },
  { http: 'https://ssh.example.com/?a=1' },
])('a wish that Slack would refuse is said to be wrong: %j', (wish) => {
  const [name, value] = Object.entries(wish)[0] ?? [];
  expect(variant(wish)).toContain(`--${name} is "${value}": write`);
});

test('the link opens Slack with the manifest, is short enough for every browser, and can stand in Markdown', () => {
  const made = variantOf(text, { http: 'https://ssh.example.com', command: '/ssh' });
  if ('problem' in made) throw new Error(made.problem);
  const link = linkOf(made.yaml);
  const { origin, pathname, searchParams } = new URL(link);
  expect(origin + pathname).toBe('https://api.slack.com/apps');
  expect(searchParams.get('new_app')).toBe('1');
  expect(searchParams.get('manifest_yaml')).toBe(made.yaml);
  expect(link.length).toBeLessThan(2_500);
  expect(linkOf("(a) 'b' *c* !")).not.toMatch(/[()'*!\s]/);
});

test('the README has the link of the manifest as it is', () => {
  const made = variantOf(text, {});
  if ('problem' in made) throw new Error(made.problem);
  const file = join(ROOT, 'README.md');
  const link = /https:\/\/api\.slack\.com\/apps\?new_app=1&manifest_yaml=[^)\s]+/g;
  if (process.env.WRITE_DOCS)
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(link, () => linkOf(made.yaml)),
    );
  const links = readFileSync(file, 'utf8').match(link);
  // After a change of the manifest: WRITE_DOCS=yes npm test -- test/manifest
  expect(links).toEqual([linkOf(made.yaml)]);
});

test('npm run manifest prints the manifest alone on standard output, and beside it the link and the next steps', async () => {
  const { code, out, err } = await runHere(manifestCommand, [
    '--http',
    'https://ssh.example.com',
    '--command',
    '/ssh',
  ]);
  expect(code).toBe(0);
  expect(parse(out)).toEqual(variant({ http: 'https://ssh.example.com', command: '/ssh' }));
  expect(err).toContain(linkOf(out));
  expect(err).toContain('SLACK_SIGNING_SECRET');
  expect(err).toContain('Set SLACK_COMMAND=/ssh.');
  expect(await runHere(manifestCommand, ['--command', 'ssh'])).toMatchObject({ code: 2, out: '' });
  expect(await runHere(manifestCommand, ['--socket'])).toMatchObject({ code: 2, out: '' });
});
