/** How to connect, as blocks: to one WorkSpace the whole line, to a directory's the pattern and the addresses. */
import { connection } from '../access/connection.js';
import type { Facts } from '../access/request.js';
import { type Block, code, context, count, preformatted, section, sentence } from './words.js';

/** Means the same in every shell between double quotes; see `access/connection.ts`. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const LISTED = 20;

export function connectionBlocks(facts: Facts): Block[] {
  const how = facts.address === undefined ? manyWorkSpaces(facts) : oneWorkSpace(facts, facts.address);
  if (!facts.desktops.some(({ stopsByItself }) => stopsByItself)) return how;
  return [
    ...how,
    context('Amazon may stop this WorkSpace while you are on SSH only: it counts no SSH sessions.'),
  ];
}

function oneWorkSpace(facts: Facts, address: string): Block[] {
  const desktop = facts.desktops[0];
  if (!desktop) return [];
  const reading = connection({
    netbios: facts.netbios,
    userName: facts.loginName,
    address,
    workspaceId: desktop.workspaceId,
    operatingSystem: desktop.operatingSystem,
  });
  if (!reading.ok) return [section(sentence(reading.sentence))];
  const { ssh, needsConfig, ifRefused, putty, config, passwordHint } = reading.connection;
  const entry = needsConfig
    ? 'The command above needs this entry at the top of `~/.ssh/config`:'
    : `${ifRefused ? `${sentence(ifRefused)} ` : ''}The entry:`;
  return [
    section(code(ssh)),
    context(sentence(passwordHint)),
    context(
      `PuTTY: host name ${code(putty.hostName)}, port ${putty.port}, connection type ${putty.connectionType}`,
    ),
    context(entry),
    preformatted(config),
  ];
}

function manyWorkSpaces(facts: Facts): Block[] {
  const user = `${facts.netbios}\\${facts.loginName}`;
  const plain = PLAIN.test(facts.netbios) && PLAIN.test(facts.loginName);
  const pattern = plain
    ? `${code(`ssh "${user}@<address of the WorkSpace>"`)} reaches each of ${count(facts.desktops.length, 'WorkSpace')}.`
    : `Log in as ${code(user)}: put it as \`User\` in \`~/.ssh/config\`, since a shell would misread it.`;
  const listed = facts.desktops
    .slice(0, LISTED)
    .map(({ workspaceId, privateAddress }) => `${code(privateAddress)} ${workspaceId}`);
  const rest = facts.desktops.length - listed.length;
  if (rest > 0) listed.push(`and ${rest} more, in the WorkSpaces console`);
  return [
    section(pattern),
    context(listed.join('\n') || 'No WorkSpace is there.'),
    context(
      'Password: your Active Directory one. Only the owner and domain admins may log in to a WorkSpace.',
    ),
  ];
}
