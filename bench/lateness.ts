/** `npm run bench`: measures how late access ends when many grants of the compiled bot end in the same seconds. */
import { startBot } from '../sandbox/bot.js';
import { plain } from '../sandbox/slack/reading/plain.js';
import { startTown } from '../sandbox/town.js';
import { people } from '../sandbox/world.js';

const GRANTS = Number(process.argv[2] ?? 20);

process.removeAllListeners('warning');
const town = await startTown({ aws: { latencyMs: 30 } });
town.slack.settings.rates.enabled = false;
const bot = startBot(town.env);
await town.slack.waitConnected(15_000);
const { slack, aws } = town;
const jane = slack.person(people.jane);
const maria = slack.person(people.maria);

const acknowledgedMs: number[] = [];
for (let n = 1; n <= GRANTS; n++) {
  const { ackMs } = await jane.command(`ws-janedoe01 203.0.113.${n} 15s grant ${n}`);
  acknowledgedMs.push(ackMs);
  const card = await slack.until(
    () => slack.dm(people.maria).find((message) => plain(message, slack.world).includes(`grant ${n}"`)),
    10_000,
  );
  const label = plain(card, slack.world).match(/\[(Approve[^\]]*)\]/)?.[1] ?? 'Approve';
  acknowledgedMs.push((await maria.press(card, label)).ackMs);
}
const added = () =>
  aws.history.flatMap((change) =>
    change.kind === 'rule-added' && !change.rule.isEgress ? [change.rule] : [],
  );
const removed = () =>
  aws.history.flatMap((change) =>
    change.kind === 'rule-removed' && !change.rule.isEgress ? [{ at: change.at, rule: change.rule }] : [],
  );
while (removed().length < GRANTS) await new Promise((resolve) => setTimeout(resolve, 50));

const lateMs = removed().map(
  ({ at, rule }) =>
    at -
    Number(
      Object.values(rule.tags)
        .find((value) => value.startsWith('v1 '))
        ?.split(' ')[1],
    ),
);
const at = (sorted: number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
const spread = (values: number[]) => {
  const sorted = values.toSorted((a, b) => a - b);
  return { p50: at(sorted, 0.5), p99: at(sorted, 0.99), max: sorted.at(-1) };
};
console.log(
  JSON.stringify({
    grants: added().length,
    latenessMs: spread(lateMs),
    acknowledgedMs: spread(acknowledgedMs),
  }),
);
await bot.stop();
await town.close();
