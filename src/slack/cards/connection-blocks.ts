/** How to connect, as blocks: the whole ssh line for one WorkSpace; for a directory a pattern and the addresses. */
import { type Connection, connection } from '../../access/connecting/connection.js';
import type { DesktopFacts, Facts } from '../../access/request/facts.js';
import { type Block, context, preformatted, section } from '../words/blocks.js';
import { ownersOnly } from '../words/card-words.js';
import { code, count, sentence } from '../words/mrkdwn.js';
import { insteadOfAddress, notRunning, running, whoStarts } from '../words/stopped-words.js';

/** How many addresses always fit into one block, however long they are. */
const IN_A_BLOCK = 20;
const LISTED = 100;
const ANY_ADDRESS = '<address of the WorkSpace>';

/** @param limits blocks that say what the access is limited to; they stand right after the ssh line */
export function connectionBlocks(facts: Facts, ...limits: Block[]): Block[] {
  const first = exampleOf(facts);
  if (!first) return limits;
  const absent = absence(facts);
  if (absent) return [section(absent), ...limits];
  const reading = connectionTo(facts, first);
  if (!reading.ok) return [section(sentence(reading.sentence)), ...limits];
  const how =
    facts.desktops.length === 1
      ? oneWorkSpace(facts, reading.connection, limits)
      : manyWorkSpaces(facts, first, reading.connection, limits);
  return [...how, ...stopping(facts.desktops)];
}

/** The ssh line alone, for a card that follows one with {@link connectionBlocks}; for a directory with the addresses. */
export function sshBlocks(facts: Facts): Block[] {
  const line = sshLine(facts);
  if (line === undefined) return [];
  return [section(line), ...(facts.desktops.length > 1 ? addresses(facts.desktops) : [])];
}

/** The ssh line as mrkdwn; for a directory the pattern of its lines. Undefined where no line can be typed. */
export function sshLine(facts: Facts): string | undefined {
  const absent = absence(facts);
  if (absent) return absent;
  const first = exampleOf(facts);
  const reading = first && connectionTo(facts, first);
  if (!reading?.ok) return undefined;
  return facts.desktops.length === 1 ? code(reading.connection.ssh) : pattern(facts, reading.connection);
}

/** Why no WorkSpace can be reached now. No line is shown then: the addresses may be somebody else's. */
function absence(facts: Facts): string | undefined {
  const { desktops } = facts;
  const [first, ...others] = desktops;
  if (!first || running(desktops).length > 0) return undefined;
  const what =
    others.length === 0
      ? `${code(first.workspaceId)} ${notRunning(desktops)}`
      : `Of ${count(desktops.length, 'WorkSpace')} ${notRunning(desktops)}`;
  const starts = whoStarts(facts, 'You');
  return `${what}, so nothing can connect. ${starts ? `${starts} ` : ''}The ssh line comes back here when it leads somewhere; use no older one, since the address may be somebody else’s by now.`;
}

/** The WorkSpace that stands for all: the first that can be reached, or else the first. */
function exampleOf({ desktops }: Facts): DesktopFacts | undefined {
  return running(desktops)[0] ?? desktops[0];
}

function connectionTo(facts: Facts, first: DesktopFacts): ReturnType<typeof connection> {
  return connection({
    netbios: facts.netbios,
    userName: facts.loginName,
    address: facts.address ?? addressOf(first),
    workspaceId: first.workspaceId,
    operatingSystem: first.operatingSystem,
  });
}

/** The address that can be reached from the source. Requests of older versions recorded only the private address. */
function addressOf({ address, privateAddress }: DesktopFacts): string {
  return address ?? privateAddress;
}

function oneWorkSpace(facts: Facts, how: Connection, limits: Block[]): Block[] {
  const { ssh, needsConfig, ifRefused, putty, config, passwordHint } = how;
  const owners = ownersOnly(facts);
  const entry = needsConfig
    ? 'The command above needs this entry at the top of `~/.ssh/config`:'
    : `${ifRefused ? `${sentence(ifRefused)} ` : ''}The entry:`;
  return [
    section(code(ssh)),
    ...limits,
    ...(owners ? [context(owners)] : []),
    context(sentence(passwordHint)),
    puttyLine(putty, putty.hostName),
    context(entry),
    preformatted(config),
  ];
}

function manyWorkSpaces(facts: Facts, first: DesktopFacts, how: Connection, limits: Block[]): Block[] {
  const { desktops, netbios, loginName } = facts;
  const user = `${netbios}\\${loginName}`;
  const host = addressOf(first).includes(':') ? `[${ANY_ADDRESS}]` : ANY_ADDRESS;
  const starts = whoStarts(facts, 'You');
  const entry = how.ifRefused ? `${sentence(how.ifRefused)} ` : '';
  return [
    section(pattern(facts, how)),
    ...(how.needsConfig ? [context('The entry is like the one below.')] : []),
    ...limits,
    ...addresses(desktops),
    ...(starts ? [context(starts)] : []),
    context(
      `By default only the owner of each and domain admins may log in, so an open port may not be enough. ${passwords(facts)}`,
    ),
    puttyLine(how.putty, `${user}@${host}`),
    context(`${entry}The entry for ${first.workspaceId}, and so for each:`),
    preformatted(how.config),
  ];
}

/** How each WorkSpace of a directory is reached. */
function pattern({ desktops, netbios, loginName }: Facts, how: Connection): string {
  const all = count(desktops.length, 'WorkSpace');
  const absent = notRunning(desktops);
  const reached = absent ? `${running(desktops).length} of ${all} now: ${absent}` : `each of ${all}`;
  return how.needsConfig
    ? `Each of ${all} needs an entry at the top of \`~/.ssh/config\`. Then ${code('ssh <id of the WorkSpace>')} reaches ${reached}.`
    : `${code(`ssh "${netbios}\\${loginName}@${ANY_ADDRESS}"`)} reaches ${reached}.`;
}

function addresses(desktops: readonly DesktopFacts[]): Block[] {
  const lines = desktops
    .slice(0, LISTED)
    .map((desktop) => `${insteadOfAddress(desktop) ?? code(addressOf(desktop))} ${desktop.workspaceId}`);
  const rest = desktops.length - lines.length;
  if (rest > 0)
    lines.push(`and ${rest.toLocaleString('en-US')} more: their addresses are in the AWS console`);
  const blocks: Block[] = [];
  for (let from = 0; from < lines.length; from += IN_A_BLOCK)
    blocks.push(context(lines.slice(from, from + IN_A_BLOCK).join('\n')));
  return blocks;
}

/** The password hints of all WorkSpaces, each sentence once: operating systems differ after the first sentence. */
function passwords({ netbios, loginName, desktops }: Facts): string {
  const said = new Set<string>();
  for (const desktop of desktops) {
    const { workspaceId, operatingSystem } = desktop;
    const names = { netbios, userName: loginName, address: addressOf(desktop), workspaceId, operatingSystem };
    const reading = connection(names);
    if (!reading.ok) continue;
    for (const one of reading.connection.passwordHint.split(/(?<=\.) /)) said.add(one);
  }
  return sentence([...said].join(' '));
}

function puttyLine({ port, connectionType }: Connection['putty'], hostName: string): Block {
  return context(`PuTTY: host name ${code(hostName)}, port ${port}, connection type ${connectionType}`);
}

function stopping(desktops: readonly DesktopFacts[]): Block[] {
  const stops = desktops.filter(({ stopsByItself }) => stopsByItself).length;
  if (stops === 0) return [];
  const these = stops === desktops.length ? 'these' : `${stops.toLocaleString('en-US')} of these`;
  const which = desktops.length === 1 ? 'this WorkSpace' : `${these} WorkSpaces`;
  return [context(`Amazon may stop ${which} while you are on SSH only: it counts no SSH sessions.`)];
}
