import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { fileOf } from '../../../sandbox/town.js';
import { type Story, startStory } from '../story.js';

const TOMS = 'ws-tombecker1';
const POLICY = readFileSync(fileOf('sandbox/policy.yml'), 'utf8');

let story: Story;
afterEach(() => story.end());

const STARTS = 'by logging in with the WorkSpaces client, or an admin does in the AWS console.';

async function approved(): Promise<string> {
  const id = await story.asks('tom', '203.0.113.25 1h fixing the build');
  const asks = await story.sees('maria', id);
  expect(asks).toContain(`\`${TOMS}\` is stopped. @tom starts it ${STARTS} It opens when it runs.`);
  await story.sees('tom', new RegExp(`${id}[^]*is stopped. You start it ${STARTS}`));
  await story.presses('maria', id, 'Approve');
  const waits = await story.sees('tom', new RegExp(`Waiting for AWS.*${id}`));
  expect(waits).toContain(`but \`${TOMS}\` is not running. You start it ${STARTS} It opens as soon as AWS`);
  return id;
}
const started = () => story.town.aws.journal.filter(({ action }) => action === 'StartWorkspaces');

test('a stopped WorkSpace is started after the approval where the policy says so, also when AWS first refuses', async () => {
  story = await startStory({ aws: { startTakesMs: 400 } });
  story.town.aws.faults.add({ action: 'StartWorkspaces', times: 1, kind: 'throttle' });
  const asked = await story.asks('tom', '203.0.113.25 1h fixing the build');
  const asks = await story.sees('maria', asked);
  expect(asks).toContain(`reaches 1 WorkSpace: ${TOMS}, Rocky 8, stopped`);
  expect(asks).toContain(`\`${TOMS}\` is stopped. Once it is approved I ask AWS to start it.`);
  expect(started()).toEqual([]);
  await story.presses('maria', asked, 'Approve');
  await story.sees('tom', new RegExp(`Open until.*${asked}`));
  expect(started().map(({ code }) => code)).toEqual(['ThrottlingException', 'OK']);
  expect(story.town.aws.opens(TOMS, '203.0.113.25')).toHaveLength(1);
});

test('where the policy starts no WorkSpace, a request waits until somebody starts it, and lapses when nobody does', async () => {
  story = await startStory({
    policy: POLICY.replace('start-stopped: true', 'start-stopped: false'),
    env: { TIME_LATE_YES: '8s', TIME_SWEEP: '1h' },
    aws: { staleMs: 0 },
  });
  await approved();
  story.town.aws.setState(TOMS, 'AVAILABLE');
  await story.sees('tom', /Open until/);

  story.town.aws.setState(TOMS, 'STOPPED');
  const id = await approved();
  // The request lapses by its timer: the next sweep is an hour away.
  await story.sees('tom', new RegExp(`Not opened in time.*${id}`));
  expect(started()).toEqual([]);
});
