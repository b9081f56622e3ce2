/** How many commands a second are acknowledged, and how late: `help` over signed HTTP, beside a bare Bolt app. */

import type { Conditions } from './figures.js';
import { type Figure, shareOf } from './figures.js';
import { type Answered, send } from './load.js';
import { type Program, startBareBolt, startOurs } from './processes.js';

const CONNECTIONS = 32;

export async function ack(conditions: Conditions): Promise<Figure[]> {
  const count = conditions.small ? 100 : 5_000;
  const ours = await startOurs(conditions);
  const { app, team, users } = ours.town.slack.world;
  // Of many people: what one person has under way is bounded.
  const bodies = users.map(({ id, name }) =>
    new URLSearchParams({
      team_id: team.id,
      team_domain: team.domain,
      channel_id: 'C0BENCH0001',
      channel_name: 'bench',
      user_id: id,
      user_name: name,
      command: '/workspace-ssh',
      text: 'help',
      api_app_id: app.appId,
      is_enterprise_install: 'false',
      response_url: 'http://127.0.0.1:9/none',
      trigger_id: '1.2.3',
    }).toString(),
  );
  const measured = await loaded(ours, count, bodies);
  const floor = await loaded(await startBareBolt(), count, bodies);
  return [
    {
      figure: 'acknowledged',
      unit: 'per second',
      ours: measured.perSecond,
      floor: floor.perSecond,
      goal: { op: '>=', value: 0.8 },
    },
    {
      figure: 'acknowledged, p99',
      unit: 'ms',
      ours: shareOf(measured.tookMs, 0.99),
      floor: shareOf(floor.tookMs, 0.99),
      goal: { op: '<=', value: 1.5 },
    },
  ];
}

/** Warms the program up with a tenth of the load, then measures the whole load, and stops the program. */
async function loaded(program: Program, count: number, bodies: readonly string[]): Promise<Answered> {
  try {
    const { eventsUrl: url, signingSecret } = program;
    const load = {
      url,
      signingSecret,
      connections: CONNECTIONS,
      bodyOf: (index: number) => bodies[index % bodies.length] ?? '',
    };
    await send({ ...load, count: Math.ceil(count / 10) });
    return await send({ ...load, count });
  } finally {
    await program.close();
  }
}
