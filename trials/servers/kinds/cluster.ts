/** A Cluster of three primaries with a replica each, over TLS with a certificate on both sides. */
import { freePort } from '../../../sandbox/free-port.js';
import { createMachine, type Machine, until } from '../machine.js';
import { failuresOf, follows, primaryFirst } from './failures.js';
import type { Start } from './servers.js';
import { PERSON, SILENT_MS, secured, settings } from './settings.js';

const SLOTS = 16_384;

export const cluster: Start = async (folder, installation) => {
  const { lines, env: files } = secured(folder);
  const nodes = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const [tlsPort, busPort] = [await freePort(), await freePort()];
      const machine = await createMachine(folder, [
        ...settings(installation),
        ...lines,
        `tls-port ${tlsPort}`,
        'tls-cluster yes',
        'tls-replication yes',
        'cluster-enabled yes',
        `cluster-port ${busPort}`,
        `cluster-node-timeout ${SILENT_MS}`,
        'cluster-replica-validity-factor 0',
      ]);
      await machine.start();
      return { machine, tlsPort, busPort };
    }),
  );
  const [first] = nodes;
  if (!first) throw new Error('there is no node');
  for (const [
    n,
    {
      machine: { ask },
    },
  ] of nodes.entries()) {
    await ask('CLUSTER', 'SET-CONFIG-EPOCH', n + 1);
    if (n > 0) await ask('CLUSTER', 'MEET', '127.0.0.1', first.tlsPort, first.busPort);
    const from = Math.ceil((SLOTS / 3) * n);
    if (n < 3) await ask('CLUSTER', 'ADDSLOTSRANGE', from, Math.ceil((SLOTS / 3) * (n + 1)) - 1);
  }
  const info = async (machine: Machine, line: string) =>
    String(await machine.ask('CLUSTER', 'INFO')).includes(`${line}\r`);
  const all = (line: string) =>
    until(`all nodes say ${line}`, async () =>
      (await Promise.all(nodes.map(({ machine }) => info(machine, line)))).every(Boolean),
    );
  await all(`cluster_known_nodes:${nodes.length}`);
  for (const [
    n,
    {
      machine: { ask },
    },
  ] of nodes.entries()) {
    if (n < 3) continue;
    const id = String(await nodes[n - 3]?.machine.ask('CLUSTER', 'MYID'));
    await until(`node ${n} follows`, async () => (await ask('CLUSTER', 'REPLICATE', id)) === 'OK');
  }
  await all('cluster_state:ok');
  const slot = await first.machine.ask('CLUSTER', 'KEYSLOT', `{wssh:${installation}}`);
  const shard = Math.floor(Number(slot) / (SLOTS / 3));
  const [one, other] = [nodes[shard]?.machine, nodes[shard + 3]?.machine];
  if (!one || !other) throw new Error('nobody holds the slot');
  const holders = () => primaryFirst([one, other]);
  const ready = async () => {
    await all('cluster_state:ok');
    await until('the replica follows', async () => follows((await holders())[1]));
  };
  await ready();
  // None of the nodes that the bot is given holds the slot of its keys.
  const told = nodes.filter(({ machine }) => machine !== one && machine !== other).slice(0, 2);
  const hosts = told.map(({ tlsPort }) => `127.0.0.1:${tlsPort}`).join(',');
  const env = { REDIS_URL: `rediss+cluster://${PERSON}@${hosts}`, ...files };
  return {
    env,
    mistakes: [
      {
        env: { ...env, REDIS_URL: `rediss://${PERSON}@127.0.0.1:${told[0]?.tlsPort}` },
        id: 'redis.role',
        fix: /redis\+cluster/,
      },
    ],
    failures: failuresOf(holders, ready, async (replica) => {
      await replica.ask('CLUSTER', 'FAILOVER');
    }),
    holders,
    async close() {
      await Promise.all(nodes.map(({ machine }) => machine.kill()));
    },
  };
};
