/**
 * The admins' message when something at AWS or in the store is not as the bot left it, and no request's card tells
 * them.
 */
import type { AdminNotice } from '../../workflow/admin-notice.js';
import { type Rendered, section } from '../words/blocks.js';
import { code, count, upTo } from '../words/mrkdwn.js';

const NAMED = 20;

export function adminNoticeCard(notice: AdminNotice): Rendered {
  const { heading, said } = wordsOf(notice);
  return { text: heading, blocks: [section(`*${heading}*`), section(said)] };
}

function wordsOf(notice: AdminNotice): { heading: string; said: string } {
  switch (notice.kind) {
    case 'foreign-rule':
      return {
        heading: "Somebody else's rule in my security group",
        said: `${rule(notice)} is not mine, and the group is: whoever comes from there can connect, and I don't end it. Remove it at AWS, or move it to a group of your own.`,
      };
    case 'unverified-rule':
      return {
        heading: 'A rule carries my tag without my signature',
        said: `${rule(notice)}: somebody wrote my tag on it, or changed a rule of mine. I leave it alone. Look at it at AWS, and remove it if nobody needs it.`,
      };
    case 'stray-rule':
      return {
        heading: 'A rule with my tag was not mine',
        said: `${rule(notice)} carried my tag and was not as I make them, so I removed it. Somebody made it, or changed one of mine: CloudTrail says who.`,
      };
    case 'changed-rule':
      return {
        heading: 'A rule of mine was changed by hand',
        said: `${rule(notice)} no longer was what had been approved (${ids(notice.requestIds)}), so I ended that access and remove the rule. Who changed it stands in CloudTrail.`,
      };
    case 'changed-tags':
      return {
        heading: 'Tags of a rule of mine were changed by hand',
        said: `${rule(notice)} had lost its tags for ${ids(notice.requestIds)}. ${notice.restored ? 'I wrote them again' : 'I could not write them again yet, and go on trying'}; the access ends when it was going to. Who changed them stands in CloudTrail.`,
      };
    case 'aws-refused':
      return {
        heading: `AWS refuses me ${notice.action}`,
        said: `AWS answered ${code(notice.code)} to ${code(notice.action)}, which I need. Compare my IAM policy with deploy/iam-policy.json; the whole answer is in my log. I try again whenever I need it.`,
      };
    case 'unknown-names':
      return {
        heading: 'The policy names somebody whom Slack does not know',
        said: `${upTo(NAMED, notice.names, code).join(', ')}: no such active person or user group. Rules that go by them ask nobody, or let nobody ask. Correct the policy file, or Slack.`,
      };
    case 'moved-handle':
      return {
        heading: 'A user group of the policy is another one now',
        said: `${code(notice.group)} was ${code(notice.wasId)} when I started, and is ${code(notice.isId)} now. Rules that look at it refuse, and nobody in it approves. Did an admin of Slack mean that? Then restart me. An id in the policy, such as ${code(notice.wasId)}, cannot be moved.`,
      };
    case 'refusing-channel':
      return {
        heading: 'A channel of the policy takes no message of mine',
        said: `Slack refuses what I post in <#${notice.channel}> (${code(notice.why)}), so each approver gets the card directly. Invite me and let me post there, or name another channel in the policy.`,
      };
    case 'store-lost':
      return {
        heading: 'My storage was lost',
        said: `Redis lost what I had stored, or the newest of it. ${found(notice.adopted)} What waited for an answer is gone and has to be asked again. Was new access paused? ${code('list')} shows whether it still is. Is AOF on, and maxmemory-policy noeviction?`,
      };
  }
}

function rule({ ruleId, groupId, source }: { ruleId: string; groupId: string; source: string }): string {
  return `Rule ${code(ruleId)} from ${code(source)} in ${code(groupId)}`;
}

function found(adopted: number): string {
  if (adopted === 0) return 'What is open at AWS ends on time all the same: its signed tags say when.';
  return `I found ${count(adopted, 'open grant')} by signed tags at AWS, and end ${adopted === 1 ? 'it' : 'them'} on time.`;
}

function ids(requestIds: readonly string[]): string {
  return requestIds.map(code).join(', ');
}
