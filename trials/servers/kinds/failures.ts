/** The failures of a primary that has a replica, and the way to tell the two servers apart. */
import { type Machine, until } from '../machine.js';
import type { Failure, Servers } from './servers.js';

/** @param plan asks the watchers of the servers for a failover */
export function failuresOf(
  holders: Servers['holders'],
  ready: () => Promise<void>,
  plan: (replica: Machine) => Promise<void>,
): Failure[] {
  let struck: readonly Machine[] = [];
  const isReplaced = (before: Machine) =>
    until('the replica is the primary', async () => (await holders())[0] !== before);
  return [
    {
      name: 'a planned failover',
      loses: false,
      async strike() {
        const [primary, replica] = await holders();
        if (replica) await plan(replica);
        await isReplaced(primary);
      },
      mend: ready,
    },
    {
      name: 'the primary is killed',
      loses: true,
      async strike() {
        struck = await holders();
        await struck[0]?.kill();
      },
      async mend() {
        await struck[0]?.start();
        await ready();
      },
    },
    {
      name: 'the primary is silent',
      loses: true,
      async strike() {
        struck = await holders();
        struck[0]?.halt();
      },
      async mend() {
        struck[0]?.goOn();
        await ready();
      },
    },
    {
      name: 'the primary is killed, and its replica lags',
      loses: true,
      async prepare() {
        struck = await holders();
        await struck[1]?.kill();
      },
      async strike() {
        await struck[0]?.kill();
        await struck[1]?.start();
      },
      async mend() {
        await struck[0]?.start();
        await ready();
      },
    },
  ];
}

export async function primaryFirst(
  machines: readonly [Machine, Machine],
): Promise<readonly [Machine, ...Machine[]]> {
  const [one, other] = machines;
  const isPrimary = async (machine: Machine) =>
    String(await machine.ask('INFO', 'replication').catch(() => '')).includes('role:master');
  return (await isPrimary(other)) && !(await isPrimary(one)) ? [other, one] : [one, other];
}

export async function follows(replica: Machine | undefined): Promise<boolean> {
  return String(await replica?.ask('INFO', 'replication')).includes('master_link_status:up');
}
