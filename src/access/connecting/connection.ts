/**
 * The lines that a person pastes to connect. Names come from a directory and are read by a shell and by ssh's
 * configuration. They are quoted so that both read exactly that name; a name for which that is impossible is refused.
 */
import { isIP } from 'node:net';
import { WORKSPACE_ID } from '../reading/ids.js';
import { quoted } from '../reading/quoting.js';

/** A WorkSpace that can be reached, and who logs in there. */
export interface ConnectionFacts {
  /** The directory's NetBIOS name: `CORP`. */
  netbios: string;
  /** The logon name in the directory, without its domain: `jane`. */
  userName: string;
  /** An IPv4 or IPv6 address, without a prefix or a zone. */
  address: string;
  workspaceId: string;
  /** As AWS says it: `UBUNTU_22_04`. */
  operatingSystem: string;
}

/** The ways to connect to one WorkSpace. */
export interface Connection {
  /**
   * The line to paste: `ssh "CORP\jane@198.51.100.7"` in the form that AWS documents, quoted as one word so that sh,
   * bash, zsh, PowerShell and cmd agree on it; or `ssh ws-8kd2x4f9m`, which needs {@link config}.
   */
  ssh: string;
  /** True where the name is not plain and `ssh` works only with the entry in `~/.ssh/config`. */
  needsConfig: boolean;
  /**
   * The sentence for somebody whom ssh answers "remote username contains invalid characters": OpenSSH 10.6 (October
   * 2026) and newer refuse a backslash in a user name on the command line, and take it from the configuration.
   * Undefined where {@link ssh} needs the configuration anyway.
   */
  ifRefused?: string;
  /** The fields of PuTTY's session page. */
  putty: { hostName: string; port: 22; connectionType: 'SSH' };
  /**
   * An entry for `~/.ssh/config`; it belongs at the top, since the first value that ssh finds wins. `HostKeyAlias`
   * is there because WorkSpaces' addresses are reused and each new host key would raise an alarm.
   */
  config: string;
  /** Which password, and what to do where the system takes none over SSH. */
  passwordHint: string;
}

export type ConnectionReading = { ok: true; connection: Connection } | { ok: false; sentence: string };

/** A name that means the same in every shell between double quotes, and is no option of ssh. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
/** Characters that no NetBIOS domain name has; it has 15 at most (Microsoft, "Naming conventions in Active Directory"). */
const NOT_IN_NETBIOS = /[\\/:*?"<>|]/;
/** Characters that Active Directory takes in no logon name (`sAMAccountName`). */
const NOT_IN_LOGON_NAME = /["/\\[\]:;|=,+*?<>]/;
/** Control, invisible and unpaired characters, and all white space but a space between two other characters. */
const UNWRITABLE = /\p{C}|(?! )\p{Z}|^ | $/u;

/** How to connect to a WorkSpace, or a sentence where the names cannot be written safely. */
export function connection(facts: ConnectionFacts): ConnectionReading {
  const { netbios, userName, address, workspaceId } = facts;
  const problem = namesProblem(netbios, userName);
  if (problem !== undefined) return { ok: false, sentence: problem };
  const family = isIP(address);
  if (family === 0 || address.includes('%')) {
    return refused(
      `I can't connect you: ${quoted(address)} is no address of a WorkSpace. Ask your admins to look at it.`,
    );
  }
  if (!WORKSPACE_ID.test(workspaceId)) {
    return refused(
      `I can't connect you: ${quoted(workspaceId)} is no WorkSpace's id. Ask your admins to look at it.`,
    );
  }

  const user = `${netbios}\\${userName}`;
  const plain = PLAIN.test(netbios) && PLAIN.test(userName);
  const byAlias = `ssh ${workspaceId}`;
  const config = [
    `Host ${workspaceId}`,
    `  HostName ${address}`,
    // In double quotes ssh reads spaces, # and ' as they are, and a backslash too unless \, " or ' follows.
    `  User ${plain ? user : `"${user}"`}`,
    `  HostKeyAlias ${workspaceId}`,
    '',
  ].join('\n');
  const common = {
    // PuTTY takes what follows the last @ as the host, and IPv6 in square brackets.
    putty: {
      hostName: `${user}@${family === 6 ? `[${address}]` : address}`,
      port: 22,
      connectionType: 'SSH',
    },
    config,
    passwordHint: passwordHint(facts.operatingSystem),
  } as const;
  return {
    ok: true,
    connection: plain
      ? {
          ...common,
          ssh: `ssh "${user}@${address}"`,
          needsConfig: false,
          ifRefused: `If ssh answers "remote username contains invalid characters" (OpenSSH 10.6 or newer), put the entry into \`~/.ssh/config\` and run \`${byAlias}\`.`,
        }
      : { ...common, ssh: byAlias, needsConfig: true },
  };
}

function namesProblem(netbios: string, userName: string): string | undefined {
  if (netbios === '') {
    return "I can't write the ssh command: the directory has no NetBIOS name. Ask your admins to configure one.";
  }
  if (userName === '') {
    return "I can't write the ssh command: the WorkSpace has no user name. Ask your admins to look at it.";
  }
  if (netbios.length > 15 || NOT_IN_NETBIOS.test(netbios)) {
    return `I can't write the ssh command: ${quoted(netbios)} is no NetBIOS name. Ask your admins to correct it.`;
  }
  if (NOT_IN_LOGON_NAME.test(userName)) {
    return `I can't write the ssh command: ${quoted(userName)} has a character that Active Directory allows in no logon name. Ask your admins to look at it.`;
  }
  for (const name of [netbios, userName]) {
    if (UNWRITABLE.test(name)) {
      return `I can't write the ssh command: ${quoted(name)} has an invisible character, or a space at an end. Ask your admins for another name.`;
    }
    // OpenSSH reads % and ${ literally up to 9.9, and expands them from 10.0 on: no spelling suits both.
    if (/%|\$\{/.test(name)) {
      return `I can't write the ssh command: versions of ssh disagree about ${name.includes('%') ? '`%`' : '`${`'} in ${quoted(name)}. Connect with PuTTY, or ask your admins for another name.`;
    }
  }
  // OpenSSH reads a quote after the backslash as escaped from 8.7 on, and literally before.
  if (userName.startsWith("'")) {
    return `I can't write the ssh command: versions of ssh disagree about the quote that begins ${quoted(userName)}. Connect with PuTTY, or ask your admins for another name.`;
  }
  return undefined;
}

/**
 * Linux WorkSpaces take the Active Directory password. On Ubuntu, RHEL and Rocky (and what came after Amazon Linux 2)
 * password login over SSH is off until the owner turns it on in cloud-init.
 */
function passwordHint(operatingSystem: string): string {
  const password = 'Password: your Active Directory one.';
  if (operatingSystem === 'AMAZON_LINUX_2') return password;
  const family = /^[A-Z]+/.exec(operatingSystem)?.[0] ?? '';
  const name = { UBUNTU: 'Ubuntu', RHEL: 'RHEL', ROCKY: 'Rocky Linux' }[family] ?? 'the WorkSpace';
  return `${password} Where ${name} refuses it, password login over SSH is still off: its owner sets \`ssh_pwauth: true\` in cloud-init, or you use a key.`;
}

function refused(sentence: string): ConnectionReading {
  return { ok: false, sentence };
}
