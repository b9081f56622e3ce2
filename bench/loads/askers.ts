/** Many people who ask for their own WorkSpace at one time, each in a form that Slack sends for them. */
import { randomBytes } from 'node:crypto';
import type { WorkspaceSeed } from '../../sandbox/aws/world.js';
import type { SlackUser } from '../../sandbox/slack/world.js';
import type { Town, TownOptions } from '../../sandbox/town.js';
import { awsWorld, people, slackWorld } from '../../sandbox/world.js';
import { FIELD } from '../../src/slack/forms/request-fields.js';
import { VIEW } from '../../src/slack/words/ids.js';
import type { Conditions } from '../figures.js';
import { startOurs } from '../processes.js';

const SUBNET = 'subnet-0b1b2c3d4e5f60718';
/** Real calls take tens of milliseconds. */
const LATENCY_MS = 20;

/** The bot in a town where so many people have a WorkSpace of one directory, and the same manager. */
export async function startAmong(count: number, conditions: Conditions, flags: readonly string[] = []) {
  const ours = await startOurs(conditions, { ...townOf(count), env: { EC2_RATE: '1000' }, flags });
  ours.town.aws.settings.buckets.on = false;
  return ours;
}

function townOf(count: number): Pick<TownOptions, 'world' | 'slackWorld' | 'aws'> {
  const aws = awsWorld();
  const askers = Array.from({ length: count }, (_, n) => n);
  return {
    aws: { latencyMs: LATENCY_MS },
    world: {
      ...aws,
      subnets: [...aws.subnets, { id: SUBNET, vpcId: aws.vpcs[0]?.id ?? '', cidr: '10.20.64.0/18' }],
      workspaces: [...aws.workspaces, ...askers.map(workspaceOf)],
    },
    slackWorld: (app) => {
      const small = slackWorld(app);
      return { ...small, users: [...small.users, ...askers.map(askerOf)] };
    },
  };
}

export function askerOf(n: number): SlackUser {
  return {
    id: `U0ASKER${n}`,
    name: `asker${n}`,
    realName: `Asker ${n}`,
    email: `asker${n}@example.com`,
    tz: 'Europe/Berlin',
    tzOffset: 3600,
    fields: { Xf0MANAGER: people.maria },
  };
}

function workspaceOf(n: number): WorkspaceSeed {
  const [jane] = awsWorld().workspaces;
  return {
    id: `ws-asker${n.toString(36).padStart(4, '0')}`,
    directoryId: jane?.directoryId ?? '',
    userName: `asker${n}`,
    state: 'AVAILABLE',
    os: 'UBUNTU_22_04',
    subnetId: SUBNET,
    ip: `10.20.${64 + (n >> 8)}.${n & 255}`,
    publicIp: `198.18.${n >> 8}.${n & 255}`,
    runningMode: 'ALWAYS_ON',
    groups: jane?.groups.slice(0, 1) ?? [],
    computerName: `ASKER-${n}`,
  };
}

/**
 * The nth person's form, filled in and sent, as the body of Slack's POST. Their manager decides.
 * @param duration as people type it
 */
export function formOf({ slack }: Town, n: number, duration = '1h'): string {
  const { team, app } = slack.world;
  const { id, name } = askerOf(n);
  const [source, reason] = [`203.0.113.${n % 256}`, `to mend build ${n}`];
  const typed = (field: string, value: string) => ({
    [field]: { [field]: { type: 'plain_text_input', value } },
  });
  const values = {
    [FIELD.duration]: {
      [FIELD.duration]: { type: 'static_select', selected_option: { text: {}, value: duration } },
    },
    ...typed(FIELD.source, source),
    ...typed(FIELD.reason, reason),
  };
  const payload = {
    type: 'view_submission',
    user: { id, username: name, name, team_id: team.id },
    team: { id: team.id, domain: team.domain },
    api_app_id: app.appId,
    enterprise: null,
    is_enterprise_install: false,
    trigger_id: `1.2.${randomBytes(5).toString('hex')}`,
    view: {
      id: `V${randomBytes(5).toString('hex').toUpperCase()}`,
      type: 'modal',
      team_id: team.id,
      callback_id: VIEW.request,
      private_metadata: JSON.stringify({ command: '/workspace-ssh' }),
      state: { values },
      blocks: [],
      hash: '1',
    },
    response_urls: [],
  };
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}
