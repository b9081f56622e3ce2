/** Looks at everything that the bot needs, in the order in which somebody sets it up, and changes nothing. */
import { type AwsPlace, createAwsClients } from '../aws/clients.js';
import { createFirewall } from '../aws/security-groups.js';
import { type AwsIdentity, type ClockSeen, whoAmI } from '../aws/setup/identity.js';
import { createSetupReads } from '../aws/setup/places.js';
import { createDesktops } from '../aws/workspaces.js';
import type { Config, ConfigReading } from '../config.js';
import { lookAtRedis } from '../redis/setup/look.js';
import { createPeople } from '../slack/connection/people.js';
import { createSlackSetup } from '../slack/setup/look.js';
import { lookAtAws } from './aws.js';
import { lookAtClock } from './clocks.js';
import { lookAtConfiguration } from './configuration.js';
import { type Finding, fail, messageOf, ok, warn } from './finding.js';
import { lookAtPeople } from './people.js';
import { lookAtRedisSeen } from './redis.js';
import { lookAtSlack } from './slack.js';

/** What the doctor is given. */
export interface Patient {
  reading: ConfigReading;
  /** The scopes of manifest.yml. */
  scopes: readonly string[];
  /** Where AWS is and who asks; else the SDK's own environment variables say so. */
  aws: AwsPlace;
  /** This machine's clock, epoch milliseconds. */
  now(): number;
}

/** What is found in one part of the set-up, under its heading. */
export interface Chapter {
  heading: 'Configuration' | 'Slack' | 'Redis' | 'AWS' | 'Clocks';
  findings: Finding[];
}

/** Examines everything, in the order of setting up. Where the configuration is wrong nothing else can be looked at. */
export async function examine(patient: Patient): Promise<Chapter[]> {
  const { reading, now } = patient;
  const first: Chapter = { heading: 'Configuration', findings: lookAtConfiguration(reading) };
  if (!reading.ok) return [first];
  const { config } = reading;
  const { installation, times } = config;
  const [slack, redis, aws] = await Promise.all([
    examineSlack(config, patient),
    lookAtRedis({ server: config.redis, timeoutMs: times.redisMs, installation }, now),
    examineAws(config, patient),
  ]);
  return [
    first,
    { heading: 'Slack', findings: slack },
    { heading: 'Redis', findings: lookAtRedisSeen(redis, times.redisMs) },
    { heading: 'AWS', findings: aws.findings },
    {
      heading: 'Clocks',
      findings: [
        lookAtClock('clock.redis', "Redis'", 'unreachable' in redis ? undefined : redis.clock),
        lookAtClock('clock.aws', "AWS's", aws.clock),
      ],
    },
  ];
}

async function examineSlack({ slack, policy }: Config, { scopes, now }: Patient): Promise<Finding[]> {
  const setup = createSlackSetup(slack.botToken, slack.apiUrl);
  const { known, findings } = await lookAtSlack(setup, slack, scopes);
  if (!known) return findings;
  return [...findings, ...(await lookAtPeople(setup, createPeople(setup.client, now), policy, now()))];
}

async function examineAws(
  { installation, signingKeys: keys, policy, awsRegion: region, ec2Rate, times }: Config,
  { aws, now }: Patient,
): Promise<{ findings: Finding[]; clock?: ClockSeen }> {
  const place = { region, awsTimeoutMs: times.awsMs, ...aws };
  const us = await whoAmI(place, now).catch(messageOf);
  if (typeof us === 'string') return { findings: [nobody(us)] };
  const clients = createAwsClients({ ...place, rate: ec2Rate });
  try {
    const looks = {
      clients,
      reads: createSetupReads(clients),
      desktops: createDesktops(clients),
      firewall: createFirewall({ clients, installation, keys }),
      installation,
      policy,
    };
    return {
      findings: [somebody(us, region), ...(await lookAtAws(looks))],
      ...(us.clock ? { clock: us.clock } : {}),
    };
  } finally {
    clients.close();
  }
}

const WHO = 'aws.identity';

function nobody(why: string): Finding {
  return fail(
    WHO,
    `AWS does not say who the bot is: ${why}.`,
    'Give the bot credentials where the AWS SDK looks: a role of the machine or the task, AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
  );
}

function somebody({ arn, accountId }: AwsIdentity, region: string): Finding {
  if (!arn.endsWith(':root'))
    return ok(WHO, `AWS knows the bot as ${arn}, in account ${accountId} and ${region}.`);
  return warn(
    WHO,
    `The bot is the root user of account ${accountId}, who may do everything.`,
    'Give it a role with deploy/iam-policy.json instead.',
  );
}
