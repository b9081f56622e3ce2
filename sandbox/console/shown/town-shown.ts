/** Collects the people and things that the page needs once, at its start. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { fileOf, type Town } from '../../town.js';
import { awsWorld } from '../../world.js';
import type { SubcommandShown, TownShown } from './shapes.js';

const manifestShape = z.object({
  features: z.object({
    slash_commands: z.array(z.object({ command: z.string(), description: z.string() })),
  }),
});

const subcommandsShape = z.array(
  z.object({
    word: z.string(),
    takes: z.enum([
      'nothing',
      'anything',
      'id',
      'id-and-reason',
      'id-and-time',
      'id-and-source',
      'all',
      'person',
      'request',
    ]),
    who: z.enum(['everybody', 'admins']),
    does: z.string(),
  }),
);

/** The bot's subcommands, as its build lists them. */
export function subcommandsShown(): SubcommandShown[] {
  return subcommandsShape.parse(JSON.parse(readFileSync(fileOf('dist/subcommands.json'), 'utf8')));
}

/** @param pace how often the bot sweeps in this sandbox, and how long a sweep may work */
export function townShown({ slack }: Town, pace: Pick<TownShown, 'sweepMs' | 'workMs'>): TownShown {
  const { users, channels, userGroups, app } = slack.world;
  const manifest = manifestShape.parse(parse(readFileSync(fileOf('manifest.yml'), 'utf8')));
  const { directories, region } = awsWorld();
  return {
    people: users.map(({ id, name, realName, title = '', tz, isBot = false, isGuest = false }) => ({
      id,
      name,
      realName,
      title,
      tz,
      isBot,
      isGuest,
    })),
    channels: channels.map(({ id, name, members }) => ({ id, name, members })),
    userGroups: userGroups.map(({ id, handle }) => ({ id, handle })),
    botUserId: app.botUserId,
    botName: app.name ?? 'workspace-ssh',
    commands: manifest.features.slash_commands.map((one) => ({
      command: one.command,
      description: one.description,
    })),
    subcommands: subcommandsShown(),
    shortcuts: app.shortcuts,
    directories,
    region,
    startedAtMs: Date.now(),
    ...pace,
  };
}
