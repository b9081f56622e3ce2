/**
 * How many commands and forms a second are acknowledged, and how late, over signed HTTP: `help` beside a bare Bolt app,
 * and a form that is stored beside one that stores a key.
 */

import type { Conditions } from './figures.js';
import { type Figure, shareOf } from './figures.js';
import { formOf, startAmong } from './loads/askers.js';
import { type Answered, send } from './loads/send.js';
import { type Program, startBareBolt, startBareForm, startOurs } from './processes.js';

const CONNECTIONS = 32;
const COMMANDS_EACH = 50;

export async function ack(conditions: Conditions): Promise<Figure[]> {
  return [...(await commands(conditions)), ...(await forms(conditions))];
}

async function commands(conditions: Conditions): Promise<Figure[]> {
  const count = conditions.small ? 100 : 5_000;
  const ours = await startOurs(conditions);
  const { app, team } = ours.town.slack.world;
  // The commands come from many people, since the bot bounds how much one person may ask and have under way. For `help`
  // nobody is looked up.
  const people = Array.from({ length: Math.ceil(count / COMMANDS_EACH) }, (_, n) => `U0BENCH${n}`);
  const bodies = people.map((id) =>
    new URLSearchParams({
      team_id: team.id,
      team_domain: team.domain,
      channel_id: 'C0BENCH0001',
      channel_name: 'bench',
      user_id: id,
      user_name: id.toLowerCase(),
      command: '/workspace-ssh',
      text: 'help',
      api_app_id: app.appId,
      is_enterprise_install: 'false',
      response_url: 'http://127.0.0.1:9/none',
      trigger_id: '1.2.3',
    }).toString(),
  );
  const measured = await loaded(ours, count, (n) => bodies[n % bodies.length] ?? '');
  const floor = await loaded(await startBareBolt(), count, (n) => bodies[n % bodies.length] ?? '');
  return figuresOf('help', { measured, floor }, { atLeast: 0.8, atMost: 1.5 });
}

/** Forms that are stored before they are acknowledged, while the bot goes on to decide and tell the earlier requests. */
async function forms(conditions: Conditions): Promise<Figure[]> {
  const count = conditions.small ? 50 : 2_000;
  const ours = await startAmong(Math.ceil(count * 1.1), conditions);
  const body = (n: number) => formOf(ours.town, n);
  const measured = await loaded(ours, count, body);
  const floor = await loaded(await startBareForm(conditions), count, body);
  return figuresOf('form stored', { measured, floor }, { atLeast: 0.5, atMost: 2 });
}

function figuresOf(
  what: string,
  { measured, floor }: Record<'measured' | 'floor', Answered>,
  { atLeast, atMost }: { atLeast: number; atMost: number },
): Figure[] {
  return [
    {
      figure: `${what}, acknowledged`,
      unit: 'per second',
      ours: measured.perSecond,
      floor: floor.perSecond,
      goal: { op: '>=', value: atLeast },
    },
    {
      figure: `${what}, acknowledged, p99`,
      unit: 'ms',
      ours: shareOf(measured.tookMs, 0.99),
      floor: shareOf(floor.tookMs, 0.99),
      goal: { op: '<=', value: atMost },
    },
  ];
}

/** Warms the program up with a tenth of the load, then measures the whole load, and stops the program. */
async function loaded(program: Program, count: number, bodyOf: (n: number) => string): Promise<Answered> {
  try {
    const { eventsUrl: url, signingSecret } = program;
    const load = { url, signingSecret, connections: CONNECTIONS };
    await send({ ...load, bodyOf: (n) => bodyOf(count + n), count: Math.ceil(count / 10) });
    const bodies = Array.from({ length: count }, (_, n) => bodyOf(n));
    return await send({ ...load, bodyOf: (n) => bodies[n] ?? '', count });
  } finally {
    await program.close();
  }
}
