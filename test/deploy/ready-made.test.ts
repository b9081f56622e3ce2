/** Holds the ready-made ways to run the bot (a container, systemd, Terraform, a workflow) to the needs of the bot. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { DockerfileParser } from 'dockerfile-ast';
import { parse } from 'yaml';
import { z } from 'zod';
import { readTimes } from '../../src/times.js';

const read = (path: string) => readFileSync(path, 'utf8');

/** The bot closes its connections within two seconds after TIME_DRAIN. */
const STOPS_WITHIN_S = readTimes(() => undefined).times.drainMs / 1_000 + 2;

describe('the Dockerfile', () => {
  const instructions = DockerfileParser.parse(read('deploy/Dockerfile')).getInstructions();
  const lines = instructions.map((one) => ({
    keyword: one.getKeyword(),
    text: one.toString().replace(/^\w+ /, ''),
  }));
  const lastFrom = lines.findLastIndex(({ keyword }) => keyword === 'FROM');
  const last = lines.slice(lastFrom + 1);
  const textsOf = (keyword: string, among = last) =>
    among.filter((line) => line.keyword === keyword).map(({ text }) => text);
  const copied = textsOf('COPY');

  test('builds every stage from Node 24', () => {
    expect(textsOf('ARG', lines)).toEqual([expect.stringMatching(/^NODE_IMAGE=node:24-/)]);
    expect(textsOf('FROM', lines).map((text) => text.split(' ')[0])).toEqual(Array(3).fill(`\${NODE_IMAGE}`));
  });

  test('puts production dependencies alone into the image, and installs and compiles nothing in its last stage', () => {
    const dependencies = lines.slice(
      lines.findIndex(({ keyword, text }) => keyword === 'FROM' && text.endsWith(' AS dependencies')),
      lastFrom,
    );
    expect(textsOf('RUN', dependencies)).toEqual([expect.stringMatching(/^npm ci --omit=dev /)]);
    expect(copied.filter((text) => text.includes('node_modules'))).toEqual([
      '--from=dependencies /dependencies/node_modules node_modules',
    ]);
    expect(textsOf('RUN')).toEqual([]);
  });

  test('runs the bot as the first process, which SIGTERM reaches, and as another user than root', () => {
    expect(textsOf('ENTRYPOINT').map((text): unknown => JSON.parse(text))).toEqual([
      ['node', 'scripts/start.mjs'],
    ]);
    expect(textsOf('CMD')).toEqual([]);
    expect(textsOf('USER')).toEqual([expect.stringMatching(/^[1-9]\d*:[1-9]\d*$/)]);
  });

  test('copies only files that exist and are not ignored, and all files that the commands read', () => {
    const ownFiles = copied
      .filter((text) => !text.startsWith('--from'))
      .flatMap((text) => text.split(' ').slice(0, -1));
    const sent = read('deploy/Dockerfile.dockerignore')
      .split('\n')
      .flatMap((line) => (line.startsWith('!') ? line.slice(1) : []));
    expect(sent.filter((path) => !existsSync(path))).toEqual([]);
    expect(ownFiles.filter((path) => !sent.includes(path))).toEqual([]);
    const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.ts'),
    );
    const wanted = sources.flatMap((name) =>
      [...read(`src/${name}`).matchAll(/rojectFile\('([^']+)'\)/g)].map(([, file = '']) => file),
    );
    expect(wanted).not.toEqual([]);
    expect(wanted.filter((file) => !ownFiles.includes(file))).toEqual([]);
  });

  test('puts the bundled bot that npm start runs into the image, with all of its parts and nothing of a trial', () => {
    const [, bot = ''] = /import\(new URL\('\.\.\/(dist\/[^']+)'/.exec(read('scripts/start.mjs')) ?? [];
    const built = copied.filter((text) => text.startsWith('--from=build /build/dist/bundled'));
    expect(built).toEqual([bot, 'dist/bundled/shared'].map((path) => `--from=build /build/${path} ${path}`));
    const parts = [...read(bot).matchAll(/(?:from|import\() ?"(\.\/[^"]+)"/g)].map(([, part = '']) => part);
    expect(parts).not.toEqual([]);
    expect(parts.filter((part) => !part.startsWith('./shared/'))).toEqual([]);
  });

  test('bundles the bot without the calls of EC2 that it never makes', () => {
    const parts = readdirSync('dist/bundled/shared').map((name) => read(`dist/bundled/shared/${name}`));
    const holding = (shape: string) => parts.filter((text) => text.includes(`"${shape}"`)).length;
    expect(holding('AuthorizeSecurityGroupIngressRequest')).toBe(1);
    expect(holding('RunInstancesRequest')).toBe(0);
  });

  test('bundles the bot so that errors keep their own names, also where two modules have a class of one name', () => {
    const text = readdirSync('dist/bundled/shared')
      .map((name) => read(`dist/bundled/shared/${name}`))
      .join('')
      // A long line goes on below, also within a text.
      .replaceAll(/\\?\n/g, '');
    const named = (name: string) =>
      [...text.matchAll(/defineProperty\((\w+),"name",\{value:"(\w+)"/g)].some(([, , kept]) => kept === name);
    expect(['ReplyError', 'MaxRetriesPerRequestError', 'WebAPIPlatformError'].filter(named)).toHaveLength(3);
    const numbered = [...text.matchAll(/\b((\w*Error)\d+)=class extends/g)];
    expect(numbered.map(([, , name = '']) => name).filter((name) => !named(name))).toEqual([]);
  });

  test('has a health check that passes while the process answers, whatever the answer says of Redis, and fails where nothing answers', async () => {
    const [, json = ''] = /CMD (\[.*\])$/s.exec(textsOf('HEALTHCHECK').join()) ?? [];
    const [, ...args] = z.array(z.string()).parse(JSON.parse(json));
    const server = createServer((request, response) => {
      response.writeHead(request.url === '/healthz' ? 503 : 200).end();
      if (request.url !== '/healthz') request.socket.destroy();
    });
    // A failing test must not leave it open.
    server.unref();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = z.object({ port: z.number() }).parse(server.address());
    const check = () =>
      new Promise((resolve) => {
        const child = execFile(process.execPath, args, { env: { PORT: String(port) } }, () =>
          resolve(child.exitCode),
        );
      });
    expect(await check()).toBe(0);
    server.close();
    server.closeAllConnections();
    expect(await check()).toBe(1);
  });
});

describe('the Compose file', () => {
  const service = z.looseObject({ stop_grace_period: z.string(), restart: z.string() });
  const { services } = z
    .object({
      services: z.object({
        bot: service.extend({
          build: z.object({ context: z.literal('..'), dockerfile: z.string() }),
          ports: z.array(z.string()),
          networks: z.array(z.string()),
          environment: z.record(z.string(), z.string()),
        }),
        valkey: service.extend({ command: z.array(z.string()), networks: z.array(z.string()) }),
      }),
      networks: z.object({ store: z.object({ internal: z.literal(true) }) }),
    })
    .parse(parse(read('deploy/compose.yml')));

  test('has Valkey write each acknowledged change to a file, evict nothing, and be reached by the bot alone', () => {
    const command = services.valkey.command.join(' ');
    expect(command).toContain('--appendonly yes');
    expect(command).toContain('--maxmemory-policy noeviction');
    // Protected mode lets in no other container without a password. Valkey needs none: only the bot is on its network.
    expect(command).toContain('--protected-mode no');
    expect(services.valkey).not.toHaveProperty('ports');
    expect(services.valkey.networks).toEqual(['store']);
    expect(services.bot.networks).toContain('store');
    expect(services.bot.environment).toMatchObject({ REDIS_URL: 'redis://valkey:6379', REDIS_URL_FILE: '' });
  });

  test('the bot is built by the Dockerfile, started again, given the time to stop, and reached from this machine alone', () => {
    expect(existsSync(services.bot.build.dockerfile)).toBe(true);
    expect(services.bot.restart).toBe('unless-stopped');
    expect(Number.parseInt(services.bot.stop_grace_period, 10)).toBeGreaterThan(STOPS_WITHIN_S);
    expect(services.bot.ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });
});

test('systemd starts the bot itself, again and again but for a wrong setting, and gives it the time to stop', () => {
  const lines = read('deploy/workspace-ssh.service')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines.filter((line) => !/^(\[\w+\]|[A-Z]\w+=.*)$/.test(line))).toEqual([]);
  expect(lines).toEqual(
    expect.arrayContaining([
      'ExecStart=/usr/bin/node /opt/workspace-ssh/scripts/start.mjs',
      'Restart=always',
      'RestartPreventExitStatus=2',
      'StartLimitIntervalSec=0',
      'DynamicUser=yes',
      // Without nss-systemd nothing else names a home for that user, and the AWS SDK makes no call then.
      'Environment=HOME=/',
      'ProtectSystem=strict',
      'NoNewPrivileges=yes',
      'CapabilityBoundingSet=',
    ]),
  );
  // V8 cannot start where memory may not become executable.
  expect(lines).not.toContain('MemoryDenyWriteExecute=yes');
  const [, seconds = ''] = /^TimeoutStopSec=(\d+)$/m.exec(lines.join('\n')) ?? [];
  expect(Number(seconds)).toBeGreaterThan(STOPS_WITHIN_S);
});

describe('Terraform', () => {
  // The package has no types that an import could use.
  const require = createRequire(import.meta.url);
  const hcl = z
    .looseObject({
      parseToObject: z.custom<(text: string) => unknown>((value) => typeof value === 'function'),
    })
    .parse(require('hcl2-parser'));
  /** The blocks of a file; undefined where it is not HCL. */
  const blocksOf = (text: string) =>
    z.tuple([z.record(z.string(), z.unknown()).nullable(), z.unknown()]).parse(hcl.parseToObject(text))[0];
  const files = readdirSync('deploy/terraform')
    .filter((name) => name.endsWith('.tf'))
    .map((name) => read(`deploy/terraform/${name}`));
  const blocks = files.map(blocksOf);
  const all = JSON.stringify(blocks);

  test('every file is HCL, and names the variables that there are, each of them', () => {
    expect(blocksOf('resource "a" {')).toBeNull();
    expect(blocks).not.toContain(null);
    const declared = blocks.flatMap((block) => Object.keys(block?.variable ?? {}));
    const used = [...all.matchAll(/\bvar\.(\w+)/g)].map(([, name]) => name);
    expect([...new Set(used)].toSorted()).toEqual(declared.toSorted());
  });

  test('the role gets deploy/iam-policy.json itself, with every place filled in', () => {
    const { policy, policy_with_places } = z
      .object({
        policy: z.string(),
        policy_with_places: z.string(),
      })
      .parse(blocks.flatMap((block) => block?.locals ?? [])[0]);
    expect(policy_with_places).toContain('iam-policy.json');
    const places = new Set(read('deploy/iam-policy.json').match(/\b[A-Z]{3,}\b/g));
    expect([...places].toSorted()).toEqual(['ACCOUNT', 'INSTALLATION', 'REGION', 'VPC']);
    for (const place of places) expect(policy).toMatch(new RegExp(`"(vpc/|\\\\")?${place}(\\\\")?",`));
    expect(all).toContain(`"policy":"\${local.policy}"`);
  });
});

test('the workflow runs .ci/run on the oldest Node that the project takes, may only read, and pins what it uses', () => {
  const workflow = z
    .object({
      on: z.object({ push: z.unknown(), pull_request: z.unknown() }),
      permissions: z.object({ contents: z.literal('read') }).strict(),
      jobs: z.object({
        run: z.looseObject({
          container: z.looseObject({ image: z.string() }),
          'timeout-minutes': z.number(),
          steps: z.array(z.looseObject({ uses: z.string().optional(), run: z.string().optional() })),
        }),
      }),
    })
    .parse(parse(read('.github/workflows/ci.yml')));
  const { container, steps, 'timeout-minutes': minutes } = workflow.jobs.run;
  const { engines } = z
    .object({ engines: z.object({ node: z.string() }) })
    .parse(JSON.parse(read('package.json')));
  expect(container.image).toMatch(/^node:\d+-bookworm$/);
  expect(engines.node).toMatch(new RegExp(`^>=${/\d+/.exec(container.image)?.[0]}\\.`));
  expect(steps.flatMap(({ run }) => run ?? [])).toEqual(['.ci/run']);
  expect(steps.flatMap(({ uses }) => uses ?? [])).toEqual([expect.stringMatching(/@[0-9a-f]{40}$/)]);
  expect(minutes).toBeGreaterThan(15);
});

test('no package, for development either, has a licence that asks for more than to be named', () => {
  const shape = z.looseObject({
    packages: z.record(z.string(), z.looseObject({ license: z.string().optional() })),
  });
  const { '': own, ...packages } = shape.parse(JSON.parse(read('package-lock.json'))).packages;
  const permissive = /^\(?(MIT|ISC|0BSD|Apache-2\.0|BSD-[23]-Clause|BlueOak-1\.0\.0|CC0-1\.0|CC-BY-4\.0)\)?$/;
  const others = Object.entries(packages).filter(([, { license = 'none' }]) =>
    license.split(/ (?:AND|OR) /).some((one) => !permissive.test(one)),
  );
  expect(own?.license).toBe('MIT');
  expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
});
