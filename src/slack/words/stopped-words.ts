/** WorkSpaces that do not run: how many, and who starts them. */
import { type Availability, availabilityOf } from '../../access/request/availability.js';
import type { DesktopFacts, Facts } from '../../access/request/facts.js';
import type { RequestIn } from '../../access/request/request.js';
import { systemName } from './card-words.js';
import { code, count, escaped } from './mrkdwn.js';

const NAMED = 10;

/** For one WorkSpace and for several: `1 is stopped`, `2 are stopped`. */
const WORDS: Record<Exclude<Availability, 'available'>, [one: string, several: string]> = {
  stopped: ['is stopped', 'are stopped'],
  starting: ['is starting', 'are starting'],
  'no-address': ['has no address that you can reach', 'have no address that you can reach'],
  unavailable: ['is not available', 'are not available'],
};

/** The WorkSpaces that can be reached now. */
export function running(desktops: readonly DesktopFacts[]): DesktopFacts[] {
  return desktops.filter((one) => availabilityOf(one) === 'available');
}

/** `2 are stopped, 1 is starting`, and of a single WorkSpace `is stopped`; undefined where all run. */
export function notRunning(desktops: readonly DesktopFacts[]): string | undefined {
  const said = Object.entries(WORDS).flatMap(([availability, [one, several]]) => {
    const n = desktops.filter((desktop) => availabilityOf(desktop) === availability).length;
    if (n === 0) return [];
    return desktops.length === 1 ? [one] : [`${n.toLocaleString('en-US')} ${n === 1 ? one : several}`];
  });
  return said.length > 0 ? said.join(', ') : undefined;
}

/** What stands before the address of a WorkSpace in a list, or instead of the address; undefined where it runs. */
export function insteadOfAddress(desktop: DesktopFacts): string | undefined {
  switch (availabilityOf(desktop)) {
    case 'available':
      return undefined;
    case 'stopped':
      return 'stopped:';
    case 'starting':
      return 'starting:';
    case 'no-address':
      return 'without an address now:';
    case 'unavailable':
      return 'not available now:';
  }
}

/**
 * How the stopped ones of these WorkSpaces are started, where the bot does not do it; undefined where none is stopped.
 * AWS starts a WorkSpace in the running mode AutoStop when its user logs in; see "Manage the running mode" in the
 * Amazon WorkSpaces Administration Guide.
 * @param who the owner of the requester's own WorkSpace: `You`, or a mention
 */
export function whoStarts({ desktops, own }: Facts, who: string): string | undefined {
  const stopped = stoppedOf(desktops);
  if (stopped.length === 0) return undefined;
  const it = stopped.length === 1 ? 'it' : 'them';
  if (!stopped.some(({ stopsByItself }) => stopsByItself)) return `An admin starts ${it} in the AWS console.`;
  const owner = own ? who : stopped.length === 1 ? 'Its owner' : 'Their owners';
  const verb = owner === 'You' || stopped.length > 1 ? 'start' : 'starts';
  return `${owner} ${verb} ${it} by logging in with the WorkSpaces client, or an admin does in the AWS console.`;
}

/**
 * Before anybody has said yes: which WorkSpaces are stopped, who starts them, and whether the opening waits for that.
 * Undefined where none is stopped.
 */
export function stoppedYet(facts: Facts, who: string): string | undefined {
  const { desktops, startsStopped } = facts;
  const [first, ...others] = stoppedOf(desktops);
  if (!first) return undefined;
  const n = others.length + 1;
  const all = `${n.toLocaleString('en-US')} of these ${count(desktops.length, 'WorkSpace')}`;
  const which = desktops.length === 1 ? code(first.workspaceId) : all;
  const starts = startsStopped
    ? `Once it is approved I ask AWS to start ${n === 1 ? 'it' : 'them'}.`
    : whoStarts(facts, who);
  const opens = n < desktops.length ? '' : ` It opens when ${n === 1 ? 'it' : 'one of them'} runs.`;
  return `${which} ${n === 1 ? 'is' : 'are'} stopped. ${starts}${opens}`;
}

/** `reaches 3 WorkSpaces, 1 of them stopped: ws-…, Ubuntu 22.04; ws-…, Rocky 8, stopped; …` */
export function reaches({ desktops, reach }: Facts): string {
  const named = desktops.slice(0, NAMED).map((desktop) => {
    const words = `${escaped(desktop.workspaceId)}, ${escaped(systemName(desktop.operatingSystem))}`;
    return availabilityOf(desktop) === 'stopped' ? `${words}, stopped` : words;
  });
  if (desktops.length > NAMED) named.push(`and ${desktops.length - NAMED} more`);
  const stopped = stoppedOf(desktops).length;
  const less = reach > 1 && stopped > 0 ? `, ${stopped.toLocaleString('en-US')} of them stopped` : '';
  return `reaches ${count(reach, 'WorkSpace')}${less}: ${named.join('; ')}`;
}

/** After the yes, while none of the WorkSpaces is known to run. */
export function waitsToRun({ facts, startAsked }: RequestIn<'approved'>['phase'], by: string): string {
  const { desktops } = facts;
  const [first, ...others] = desktops;
  const isOne = others.length === 0;
  const none = running(desktops).length === 0;
  if (!isOne && !none) return `It was ${by}. I am looking which of the ${desktops.length} WorkSpaces run.`;
  const what = isOne
    ? code(first?.workspaceId ?? 'the WorkSpace')
    : `none of the ${desktops.length} WorkSpaces`;
  const stopped = stoppedOf(desktops).length;
  const them = stopped > 1 ? 'them' : 'it';
  const asks = stopped > 0 && facts.startsStopped ? `I ask AWS to start ${them}.` : whoStarts(facts, 'You');
  const starts = startAsked ? `I asked AWS to start ${them}.` : asks;
  return [`It was ${by}, but ${what} is ${isOne ? 'not ' : ''}running.`, starts].filter(Boolean).join(' ');
}

function stoppedOf(desktops: readonly DesktopFacts[]): DesktopFacts[] {
  return desktops.filter((one) => availabilityOf(one) === 'stopped');
}
