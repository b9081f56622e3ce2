/**
 * The protections, each with what takes it out and the tests that must notice. `takes` stands exactly once in `file`;
 * `noticedBy` names for each test file a part of the name of the test that fails without the protection.
 */
export const MUTATIONS = [
  // Leases: a rule stays while one grant leases it.
  {
    protection: 'a rule stays while another grant leases it',
    file: 'src/access/rules/rule.ts',
    takes: '  if (leases.length > 0) return { ...current, version, leases };\n',
    puts: '',
    noticedBy: {
      'test/access/rules/lease.test.ts': 'a rule stays while one lease is left',
    },
  },
  {
    protection: 'nobody joins a rule that is being revoked',
    file: 'src/access/rules/rule.ts',
    takes: "    case 'revoking':\n      return { wait: 'revoking' };",
    puts: "    case 'revoking':\n      return { joined: { ...current, version, leases: [...others, lease] }, opens: false };",
    noticedBy: { 'test/access/rules/lease.test.ts': 'a newcomer joins an open rule and waits' },
  },
  {
    protection: 'nobody joins a rule whose time is over',
    file: 'src/access/rules/rule.ts',
    takes: "if (others.every(({ endsAtMs }) => endsAtMs <= by.nowMs)) return { wait: 'revoking' };",
    puts: '',
    noticedBy: { 'test/access/rules/lease.test.ts': 'a newcomer waits where every lease has passed' },
  },
  {
    protection: 'at most 40 leases a rule',
    file: 'src/access/rules/rule.ts',
    takes: "if (others.length >= LEASES_PER_RULE) return { wait: 'full' };",
    puts: '',
    noticedBy: { 'test/access/rules/lease.test.ts': 'no more than 40 leases a rule' },
  },
  {
    protection: 'a rule is removed once all its leases have passed, though no record ends it',
    file: 'src/access/rules/ingress.ts',
    takes: '(nothingKeeps(rule, nowMs, ending) || isForged(rule))',
    puts: 'isForged(rule)',
    noticedBy: {
      'test/access/rules/ingress.test.ts': 'when no record knows it and all its leases have passed',
    },
  },
  // Verification: tags are believed by their signature alone.
  {
    protection: 'the signature of a lease is verified',
    file: 'src/access/rules/lease.ts',
    takes: "return verify(keys, 'lease', leaseFields(lease, place), signature) ? lease : undefined;",
    puts: 'return lease;',
    noticedBy: {
      'test/access/rules/signature-bytes.test.ts': 'of a lease is none with any character',
    },
  },
  {
    protection: 'a lease holds for its own group only',
    file: 'src/access/rules/lease.ts',
    takes: '    place.groupId,\n',
    puts: '',
    noticedBy: { 'test/access/rules/lease.test.ts': 'does not verify on another group' },
  },
  {
    protection: 'a lease holds for its own source only',
    file: 'src/access/rules/lease.ts',
    takes: '    place.source,\n',
    puts: '',
    noticedBy: { 'test/access/rules/lease.test.ts': 'does not verify on another source' },
  },
  {
    protection: 'signatures are compared',
    file: 'src/access/rules/signature.ts',
    takes: 'timingSafeEqual(given, expected)',
    puts: 'given.length > 0',
    noticedBy: { 'test/access/rules/signature.test.ts': 'verifies unchanged, and with no byte changed' },
  },
  {
    protection: 'a signature of one kind does not pass for another',
    file: 'src/access/rules/signature.ts',
    takes: 'return JSON.stringify([kind, ...fields])',
    puts: 'return JSON.stringify(fields)',
    noticedBy: { 'test/access/rules/signature.test.ts': 'holds for one kind' },
  },
  // Ownership: only what is owned is touched.
  {
    protection: 'a group of our name is ours only with a signature that verifies',
    file: 'src/access/rules/lease.ts',
    takes: "return verify(keys, 'group', fields, signature) ? createdAtMs : undefined;",
    puts: 'return createdAtMs;',
    noticedBy: { 'test/aws/access-groups.test.ts': 'without our signed tag is taken' },
  },
  {
    protection: 'a rule without a tag of ours is never touched',
    file: 'src/access/rules/ingress.ts',
    takes: 'return rule.tagged && rule.inAccessGroup;',
    puts: 'return rule.inAccessGroup;',
    noticedBy: {
      'test/access/rules/ingress.test.ts': 'is never touched without a tag',
      'test/access/rules/ingress-properties.test.ts': 'no step harms anybody',
    },
  },
  {
    protection: 'our tag on a rule in a group of somebody else is not obeyed',
    file: 'src/access/rules/ingress.ts',
    takes: 'return rule.tagged && rule.inAccessGroup;',
    puts: 'return rule.tagged;',
    noticedBy: { 'test/access/rules/ingress.test.ts': 'is left alone outside our access groups' },
  },
  {
    protection: 'a rule of another installation is not ours',
    file: 'src/aws/seen-rule.ts',
    takes: 'if (claimed !== undefined) return claimed === installation;',
    puts: '',
    noticedBy: { 'test/aws/ingress-rules.test.ts': 'the rule of another installation' },
  },
  // The end is durable before the opening.
  {
    protection: 'nothing is authorized before the end is stored and its timer set',
    file: 'src/workflow/change.ts',
    takes: 'if (because.timersFirst) throw cause;',
    puts: '',
    noticedBy: { 'test/story/opening/order.test.ts': 'nothing is authorized while its timer cannot be set' },
  },
  {
    protection: 'nothing is authorized by a later try before its timer is set',
    file: 'src/workflow/advance.ts',
    takes: '  if (ends.length > 0) await parts.timers.set(request.id, ends);\n',
    puts: '  void ends;\n',
    noticedBy: { 'test/story/opening/order.test.ts': 'nothing is authorized while its timer cannot be set' },
  },
  {
    protection: 'the timers are set with each change',
    file: 'src/workflow/change.ts',
    takes: 'if (dues.length > 0) await parts.timers.set(request.id, dues);',
    puts: '',
    noticedBy: { 'test/story/opening/order.test.ts': 'the end is stored, with its timer, before' },
  },
  {
    protection: 'the deadline of an authorize is stored before the call',
    file: 'src/workflow/rules/authorize.ts',
    takes: "if (stored.outcome !== 'done' || (await parts.store.loadPause())) return 'not-called';",
    puts: "if (await parts.store.loadPause()) return 'not-called';",
    noticedBy: {
      'test/story/opening/order.test.ts': 'an end that comes first keeps the call from being made',
    },
  },
  {
    protection: 'a lease whose request the store lost is not taken off its rule',
    file: 'src/workflow/rules/correct-tags.ts',
    takes: 'const requestIds = await withoutOrphans(parts, rule, extra, ending);',
    puts: 'const requestIds = withoutOrphans ? [...extra] : [];',
    noticedBy: { 'test/workflow/repairing/lost-leases.test.ts': 'stays until the sweep adopts it' },
  },
  {
    protection: 'rules are judged by records that are newer than they are',
    file: 'src/workflow/rules/read-group.ts',
    takes:
      '  const seen = await parts.firewall.rules(groupId);\n  // EC2 first, which may take its time: each rule that it shows was recorded before, and a newer record protects more.\n  const records = await parts.store.rulesOf(groupId);\n',
    puts: '  const records = await parts.store.rulesOf(groupId);\n  const seen = await parts.firewall.rules(groupId);\n',
    noticedBy: { 'test/workflow/repairing/lost-leases.test.ts': 'while EC2 was asked' },
  },
  {
    protection: 'an adoption puts nothing back on a rule that is closing',
    file: 'src/workflow/repairing/adopt.ts',
    takes: "if (!isKnown || !(isOver(request) || isIn(request, 'closing'))) running.push(other);",
    puts: "if (!isKnown || !isOver(request) || isIn(request, 'closing')) running.push(other);",
    noticedBy: { 'test/workflow/repairing/lost-leases.test.ts': 'not put back on its rule' },
  },
  {
    protection: 'a lease that was copied to more ports keeps no rule in an access group',
    file: 'src/access/rules/ingress.ts',
    takes: '(nothingKeeps(rule, nowMs, ending) || isForged(rule))',
    puts: 'nothingKeeps(rule, nowMs, ending)',
    noticedBy: { 'test/story/repairing/drift.test.ts': 'copied to more ports brings that rule down' },
  },
  {
    protection: 'what Redis lost is noticed though others have written as much since',
    file: 'src/redis/marks.ts',
    takes: '      await lookForWritten();\n',
    puts: '      void lookForWritten;\n',
    noticedBy: { 'test/redis/marks.test.ts': 'though others have written as many since' },
  },
  {
    protection: 'the audit records are in the log at every level',
    file: 'src/log.ts',
    takes: 'if (number >= threshold || isAudit(args[0]))',
    puts: 'if (number >= threshold && isAudit)',
    noticedBy: { 'test/config.test.ts': 'an audit record is written all the same' },
  },
  {
    protection: 'a policy that is not UTF-8 is refused',
    file: 'src/policy-file/utf8.ts',
    takes: 'const text = decoder.decode(bytes);',
    puts: 'const text = new TextDecoder().decode(bytes);',
    noticedBy: { 'test/policy-file/utf8.test.ts': 'Latin-1 is refused' },
  },
  // Opening once.
  {
    protection: 'what was taken back while its group was attached opens nothing',
    file: 'src/workflow/opening/open-access.ts',
    takes: "if (!current || !isIn(current, 'opening')) return 'done';\n    const joined",
    puts: "if (!current) return 'done';\n    const joined",
    noticedBy: { 'test/story/opening/lost.test.ts': 'opens nothing, also under the same version' },
  },
  {
    protection: 'nothing is authorized after openBy',
    file: 'src/access/rules/ingress.ts',
    takes: 'const may = !own && !record.stage.ruleId && nowMs < record.stage.openByMs;',
    puts: 'const may = !own && !record.stage.ruleId;',
    noticedBy: {
      'test/access/rules/ingress.test.ts': 'not after openBy',
      'test/access/rules/ingress-properties.test.ts': 'no step harms anybody',
    },
  },
  {
    protection: 'a lease that has passed opens nothing',
    file: 'src/access/rules/ingress.ts',
    takes: 'if (may && wanted) plan.authorize.push(record);',
    puts: 'if (may) plan.authorize.push(record);',
    noticedBy: { 'test/access/rules/ingress.test.ts': 'not for a lease that has passed' },
  },
  {
    protection: 'an opening that was not allowed in time fails',
    file: 'src/workflow/opening/open-access.ts',
    takes:
      '  if (parts.now() >= grant.openByMs) return failOpening(parts, request, await notInTime(parts));\n',
    puts: '  void notInTime;\n',
    noticedBy: { 'test/story/opening/outage.test.ts': 'an opening that AWS does not allow in time fails' },
  },
  {
    protection: 'a request changes once from each version (compare-and-set)',
    file: 'src/redis/change-script.ts',
    takes: "if id ~= '' and not follows(request, version) then return {'conflict'} end\n",
    puts: '',
    noticedBy: {
      'test/redis/request-store.test.ts': 'has one winner among many',
    },
  },
  {
    protection: 'a rule changes once from each version, and with its request',
    file: 'src/redis/change-script.ts',
    takes: "if source ~= '' and not follows(rule, ruleVersion) then return {'conflict'} end\n",
    puts: '',
    noticedBy: { 'test/redis/request-store.test.ts': 'of a request and its rule is all or nothing' },
  },
  {
    protection: 'a change that is sent again is the same change',
    file: 'src/redis/change-script.ts',
    takes: "if before then return {'done', before} end\n",
    puts: '',
    noticedBy: { 'test/redis/request-store.test.ts': 'gives the first outcome again' },
  },
  {
    protection: 'one delivery by Slack makes one request',
    file: 'src/redis/change-script.ts',
    takes: "  if made then return {'repeated', made} end\n",
    puts: '',
    noticedBy: { 'test/redis/request-store.test.ts': 'of one delivery makes one request' },
  },
  {
    protection: 'more WorkSpaces than were approved are asked for again',
    file: 'src/workflow/opening/prepare-opening.ts',
    takes: '  if (reach <= facts.reach) return ready;\n',
    puts: '  if (reach > 0) return ready;\n',
    noticedBy: { 'test/story/opening/existing.test.ts': 'goes back for a new yes' },
  },
  // Signed records: Redis is not believed about approvals.
  {
    protection: 'the signature of a record is verified',
    file: 'src/redis/record.ts',
    takes:
      '    if (!verify(keys, kind, [installation, name, Number(version), body], sig))\n      throw new UnverifiedRecord(key);\n',
    puts: '',
    noticedBy: {
      'test/redis/request-store.test.ts': 'with another body is a fault',
    },
  },
  // Several versions side by side: a newer one's records are only ended.
  {
    protection: 'the access of a newer version’s request ends on time',
    file: 'src/workflow/advance.ts',
    takes: 'if (cause instanceof NewerRecord) return endNewer(parts, id);',
    puts: '',
    noticedBy: { 'test/story/repairing/newer.test.ts': 'a newer version wrote ends on time' },
  },
  {
    protection: 'a rule without a lease that verifies stays where its record is a newer version’s',
    file: 'src/access/rules/ingress.ts',
    takes: 'if (own && !isOwned(own)) handled.add(own.ruleId);',
    puts: '',
    noticedBy: { 'test/access/rules/ingress.test.ts': 'stays without a lease that verifies' },
  },
  {
    protection: 'a record of a schema that is not known is not guessed at',
    file: 'src/redis/record.ts',
    takes: "if (schema !== SCHEMA) return 'newer';",
    puts: '',
    noticedBy: {
      'test/redis/schemas.test.ts': 'can be looked at, and not loaded',
      'test/story/repairing/newer.test.ts': 'opens nothing here, whoever clicks',
    },
  },
  {
    protection: 'a newer version’s record of a pause counts as a pause',
    file: 'src/redis/pause-record.ts',
    takes: 'newest = undefined;\n      return { kind: stored };',
    puts: 'newest = undefined;\n      return undefined;',
    noticedBy: { 'test/redis/schemas.test.ts': 'is a pause, whatever it says, and stays' },
  },
  {
    protection: 'requests of a newer version count for the limits of a person',
    file: 'src/workflow/asking/person-limits.ts',
    takes: 'return { others: requests.filter(({ id }) => id !== request.id), newer };',
    puts: 'return { others: requests.filter(({ id }) => id !== request.id), newer: [] };',
    noticedBy: { 'test/workflow/asking/person-limits.test.ts': 'counts for every limit' },
  },
  {
    protection: 'a record without a signature is not believed',
    file: 'src/redis/record.ts',
    takes: 'if (!version && !body && !sig) return undefined;',
    puts: 'if (!sig) return body ? { content: bodyOf<T>(body), version: Number(version) } : undefined;',
    noticedBy: { 'test/redis/request-store.test.ts': 'without its sig is a fault' },
  },
  // Adoption.
  {
    protection: 'what is adopted keeps the end of its tag',
    file: 'src/workflow/repairing/adopt.ts',
    takes: 'return Math.min(endsAtMs, openedAtMs + policy.limits.durations.longestTotalMs);',
    puts: 'return openedAtMs + policy.limits.durations.longestTotalMs + 0 * endsAtMs;',
    noticedBy: { 'test/story/repairing/adopted.test.ts': 'each grant is adopted, told, and ends on time' },
  },
  {
    protection: 'leases that the store lost are adopted',
    file: 'src/workflow/repairing/adopt.ts',
    takes: '  if (!adopted) return false;\n',
    puts: '  if (adopted) return false;\n  if (!adopted) return false;\n',
    noticedBy: { 'test/story/repairing/adopted.test.ts': 'after FLUSHALL with the bot down a start adopts' },
  },
  {
    protection: 'a signed tag is believed more than a record that knows of no opening',
    file: 'src/workflow/repairing/adopt-orphans.ts',
    takes: '(record && !isBeforeOpening(record))',
    puts: '(record && (isBeforeOpening(record) || record))',
    noticedBy: { 'test/story/repairing/adopted.test.ts': 'a record that went back to before the opening' },
  },
  {
    protection: 'a tag is not taken into the request of somebody else who has its id now',
    file: 'src/workflow/repairing/adopt.ts',
    takes: 'if (!tagged || (before && !isSameAsk(before.ask, tagged))) return false;',
    puts: 'if (!tagged || (before && !isSameAsk(before.ask, tagged) && !tagged)) return false;',
    noticedBy: { 'test/story/repairing/adopted.test.ts': 'an id that was lost, and given once more' },
  },
  {
    protection: 'who had a rule that went by its tag alone is told',
    file: 'src/workflow/telling/closed-orphans.ts',
    takes: '  remember(closedOrphans, ...others, ...rules);\n',
    puts: '  void [remember, others];\n',
    noticedBy: {
      'test/story/repairing/adopted.test.ts': 'an orphaned rule that goes before any sweep found it',
    },
  },
  {
    protection: 'a rule with a tag of ours elsewhere is reported',
    file: 'src/workflow/repairing/detect.ts',
    takes: "    await notifyAdmins(parts, { kind: 'unverified-rule', ruleId, groupId, source });\n",
    puts: '    void [notifyAdmins, ruleId, groupId, source];\n',
    noticedBy: {
      'test/story/repairing/adopted.test.ts': 'a forged tag is not adopted',
    },
  },
  {
    protection: 'a rule that somebody widened is removed',
    file: 'src/access/rules/ingress.ts',
    takes: "if (!own.plain || own.source !== record.source) return { kind: 'changed', seen: own };",
    puts: '',
    noticedBy: { 'test/story/repairing/drift.test.ts': 'a rule that somebody widened at AWS is removed' },
  },
  // Said only when seen.
  {
    protection: 'no end is told before an authorize under way has passed its deadline',
    file: 'src/access/rules/ingress.ts',
    takes: '      if (nowMs < before.deadlineMs) return undefined;\n',
    puts: '',
    noticedBy: {
      'test/access/rules/ingress.test.ts': 'not as gone while an authorize may still take effect',
    },
  },
  {
    protection: 'an end is told only once the rule was seen gone',
    file: 'src/workflow/ending/end-access.ts',
    takes: "if (rule?.stage.state !== 'revoking' && !carried) {",
    puts: 'if (rule || !carried) {',
    noticedBy: { 'test/story/opening/lost.test.ts': 'an end is not told while EC2 still shows the rule' },
  },
  {
    protection: 'that a rule was authorized is no proof that it went',
    file: 'src/access/rules/ingress.ts',
    takes: '(ruleId !== undefined && answered.includes(ruleId));',
    puts: '(ruleId !== undefined && answered.length > 0);',
    noticedBy: { 'test/access/rules/ingress.test.ts': 'not as gone for having been authorized' },
  },
  {
    protection: 'what ended while a card took its time is not told as open to the next person',
    file: 'src/workflow/telling/tell.ts',
    takes: 'if (nth > 0 && (await parts.store.load(id))?.version !== request.version) break;',
    puts: 'void nth;',
    noticedBy: { 'test/story/deciding/reviewing.test.ts': 'ended while the card before took its time' },
  },
  {
    protection:
      'a refusal of Slack that is not known to pass is final, so that no request waits for a card that never comes',
    file: 'src/slack/connection/refusals.ts',
    takes: 'SETUP.has(code)) return undefined;',
    puts: "SETUP.has(code) || !code.startsWith('user_')) return undefined;",
    noticedBy: {
      'test/slack/connection/refusals.test.ts': 'is final: restricted_action_read_only_channel',
      'test/story/deciding/waiting.test.ts': 'where the channel takes no post',
    },
  },
  {
    protection: 'no request waits for approvers whom Slack does not let the bot tell',
    file: 'src/workflow/repairing/detect-lost-approvers.ts',
    takes: 'const now = without(untold, judged.need);',
    puts: 'const now = judged.need;',
    noticedBy: { 'test/story/deciding/waiting.test.ts': 'lets the bot tell no approver' },
  },
  {
    protection: 'a lease that was copied to another port of somebody else’s group is no claim on it',
    file: 'src/access/rules/ingress.ts',
    takes: 'return rule.leases.length > 0 && (rule.inAccessGroup || rule.plain);',
    puts: 'return rule.leases.length > 0;',
    noticedBy: {
      'test/story/repairing/drift.test.ts': 'copied to another port of the same source closes nothing',
    },
  },
  {
    protection: 'a rule keeps the tag by which it is found without its record',
    file: 'src/access/rules/ingress.ts',
    takes: 'if (missing.length > 0 || !own.marked)',
    puts: 'if (missing.length > 0)',
    noticedBy: {
      'test/access/rules/ingress.test.ts': 'the installation’s is written again with none of the leases',
    },
  },
  {
    protection: 'a group’s rules go by their tags where its records cannot be read',
    file: 'src/workflow/repairing/sweep-rules.ts',
    takes: 'if (passed.length > 0) await revokeByTags(parts, groupId, passed);',
    puts: 'void [passed, revokeByTags];',
    noticedBy: {
      'test/story/opening/forged.test.ts': 'where the store answers for everything but its group',
    },
  },
  {
    protection: 'what opens for more of a directory does not widen what is open for some of it',
    file: 'src/access/rules/access-group.ts',
    takes: "update([...workspaceIds].sort().join(' '))",
    puts: "update(workspaceIds.length > 0 ? '' : ' ')",
    noticedBy: { 'test/story/opening/directory.test.ts': 'access to some of a directory stays open' },
  },
  {
    protection: 'nothing opens through a group that the approved WorkSpace no longer carries',
    file: 'src/workflow/opening/prepare-opening.ts',
    takes: 'at.groups.some(({ groupId }) => groupId === group.groupId) ? undefined : group.groupId',
    puts: 'undefined',
    noticedBy: { 'test/story/opening/existing.test.ts': 'is opened for no other WorkSpace' },
  },
  // The rest of what must never break.
  {
    protection: 'the clicker is checked by the policy in force',
    file: 'src/workflow/deciding/review-request.ts',
    takes: 'const no = whyNotApprover(need, request.ask.requester, click.by);',
    puts: 'const no = click.by ? undefined : whyNotApprover(need, request.ask.requester, click.by);',
    noticedBy: {
      'test/story/deciding/reviewing.test.ts': 'a yes of somebody who left the group does not count any more',
    },
  },
  {
    protection: 'only the manager of today decides',
    file: 'src/workflow/deciding/judge-request.ts',
    takes: 'const found = await findParts(parts, ask.requester, needs, selfApproval, orElse);',
    puts: 'const found = before.parts ?? []; void [needs, orElse];',
    noticedBy: { 'test/story/deciding/approving.test.ts': 'who is not the manager any more' },
  },
  {
    protection: 'the limits of today hold at the click',
    file: 'src/workflow/deciding/ask-policy.ts',
    takes: '  if (outside) return',
    puts: '  if (outside && false) return',
    noticedBy: { 'test/story/deciding/policy-changed.test.ts': 'what waits is refused at the click' },
  },
  {
    protection: 'what was approved late opens only while those who said yes still may',
    file: 'src/workflow/deciding/review-request.ts',
    takes: '  if (got < of) return askAgain(parts, request, judged);',
    puts: '  if (got < of && false) return askAgain(parts, request, judged);',
    noticedBy: {
      'test/story/deciding/policy-changed.test.ts': 'a late yes of somebody who may not decide any more',
    },
  },
  {
    protection: 'rules are revoked by their ids',
    file: 'src/aws/ingress-rules.ts',
    takes: 'new RevokeSecurityGroupIngressCommand({ GroupId: groupId, SecurityGroupRuleIds: ruleIds })',
    puts: 'new RevokeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions: [SSH] })',
    noticedBy: { 'test/aws/ingress-rules.test.ts': 'many rules are revoked in one call' },
  },
  {
    protection: 'one unknown id keeps no other rule open',
    file: 'src/aws/ingress-rules.ts',
    takes: '} else if (batch.length > 1) {',
    puts: '} else if (batch.length > 99) {',
    noticedBy: { 'test/aws/ingress-rules.test.ts': 'unknown ids keep no other from being revoked' },
  },
  {
    protection: 'an access group lets nothing out',
    file: 'src/aws/access-groups.ts',
    takes: '      await closeEgress(groupId, young, () => {\n        did = true;\n      });\n',
    puts: '      void [closeEgress, young];\n',
    noticedBy: {
      'test/aws/access-groups.test.ts': 'made with its tags in the same call, and with no way out',
    },
  },
  {
    protection: 'an interface keeps the groups that it has',
    file: 'src/aws/interfaces.ts',
    takes: 'wanted: (groups) => [...groups, groupId],',
    puts: 'wanted: () => [groupId],',
    noticedBy: { 'test/aws/interfaces.test.ts': 'a group is attached beside those that are there' },
  },
  {
    protection: 'what people typed is escaped for Slack',
    file: 'src/slack/words/mrkdwn.ts',
    takes: ".replaceAll('<', '&lt;')",
    puts: '',
    noticedBy: {
      'test/slack/words/mrkdwn.test.ts': 'stays inside its code span',
    },
  },
  {
    protection: 'only plain names are pasted into a shell',
    file: 'src/access/connecting/connection.ts',
    takes: 'const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;',
    puts: 'const PLAIN = /^[A-Za-z0-9]/;',
    noticedBy: {
      'test/access/connecting/connection-pasted.test.ts': 'bash runs ssh with the word that was meant',
    },
  },
  {
    protection: 'descriptions are cleaned for EC2',
    file: 'src/aws/rule-description.ts',
    takes: "    .replace(/[^a-zA-Z0-9 ._\\-:/()#,@[\\]+=&;{}!$*]/gu, '_')\n",
    puts: '',
    noticedBy: { 'test/aws/ingress-rules.test.ts': 'EC2 accepts the description' },
  },
  {
    protection: 'no part of a source may be reserved',
    file: 'src/access/reading/source.ts',
    takes: "  if (reservedPart) return containing('reserved', shown, reservedPart);\n",
    puts: '',
    noticedBy: { 'test/access/reading/source-reading.test.ts': 'exactly where it may by hand' },
  },
  {
    protection: 'a timer that comes early waits for its time',
    file: 'src/redis/workers.ts',
    takes: '  if (earlyMs > 0) {\n',
    puts: '  if (earlyMs > 3_600_000) {\n',
    noticedBy: { 'test/redis/timers.test.ts': 'that comes early waits for its time' },
  },
  // Approvals: who decides, how many, and what the policy says by then.
  {
    protection: 'one person fills one place of what is needed',
    file: 'src/access/request/needs.ts',
    takes: '  return [...new Set(people)].filter((person) => seat(person, new Set())).length;',
    puts: '  return people.filter((person) => seat(person, new Set())).length;',
    noticedBy: { 'test/access/request/needs.test.ts': 'the same person twice' },
  },
  {
    protection: 'a yes of somebody who may no longer decide does not count',
    file: 'src/access/request/needs.ts',
    takes: '  return reviews.filter(({ by }) => may.includes(by));',
    puts: '  return may.length > 0 ? [...reviews] : [];',
    noticedBy: {
      'test/access/request/needs.test.ts': 'a yes of somebody who may no longer decide does not count',
    },
  },
  {
    protection: 'nobody approves their own request unless the policy says so',
    file: 'src/workflow/deciding/find-approvers.ts',
    takes: '.filter((id) => selfApproval || id !== requester);',
    puts: ".filter((id) => selfApproval || id !== '');",
    noticedBy: {
      'test/story/deciding/approving.test.ts': 'who asks is not asked, though the rule names them',
    },
  },
  {
    protection: 'guests, bots and people who left take no part',
    file: 'src/access/policy/decide.ts',
    takes: "  if (whyNot) return { decision: 'refuse', sentence: whyNot, skipped };\n",
    puts: '',
    noticedBy: { 'test/access/policy/decide.test.ts': 'a guest' },
  },
  {
    protection: 'an emergency is no way around a rule that refuses',
    file: 'src/access/policy/conditions.ts',
    takes: '  if (emergency === undefined && refuses) return HOLDS;\n',
    puts: '  void refuses;\n',
    noticedBy: { 'test/access/policy/decide.test.ts': 'is no way around a rule that refuses' },
  },
  {
    protection: 'of several yeses at one moment only as many requests as the policy allows open',
    file: 'src/workflow/opening/open-access.ts',
    takes:
      '    if (sentence) return failOpening(parts, request, { sentence, retry: true });\n    const ready',
    puts: '    void sentence;\n    const ready',
    noticedBy: {
      'test/story/deciding/asking-around.test.ts': 'only as many requests as the policy allows open',
    },
  },
  {
    protection: 'a request is asked again of who may, where somebody who was asked left',
    file: 'src/workflow/repairing/detect.ts',
    takes: '      () => detectLostApprovers(parts, live, pass),\n',
    puts: '      async () => void detectLostApprovers,\n',
    noticedBy: {
      'test/story/deciding/asking-around.test.ts': 'somebody who left the group is not waited for',
    },
  },
  {
    protection: 'people of the fallback decide before its time only where the requester asked them',
    file: 'src/workflow/deciding/find-approvers.ts',
    takes: '(wanted(part) ? more : sooner)',
    puts: '(wanted(part) || sooner.length > 0 ? more : sooner)',
    noticedBy: {
      'test/story/deciding/asking-around.test.ts': 'somebody of the fallback can be asked before its time',
    },
  },
  {
    protection: 'a click on a card from before a change does not count',
    file: 'src/workflow/deciding/review-request.ts',
    takes: '  if (!changed || version >= changed.version) return undefined;',
    puts: '  if (!changed || version > 0) return undefined;',
    noticedBy: { 'test/story/deciding/reviewing.test.ts': 'made shorter while approving' },
  },
];
