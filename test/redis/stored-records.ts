/**
 * Records byte for byte as the version before schemas wrote them, as they lie in the Redis of everybody who upgrades.
 * They are of the installation `corp`, signed with the keys of `newKeys()`.
 */
export const STORED_INSTALLATION = 'corp';

interface StoredRecord {
  version: number;
  body: string;
  sig: string;
}

/** PEND2: waits for more yeses, with all that a need can say. */
export const STORED_PENDING: StoredRecord = {
  version: 4,
  body: '{"id":"PEND2","version":4,"ask":{"requester":"U0JANE","command":"/workspace-ssh","target":{"kind":"workspace","workspaceId":"ws-janedoe01"},"source":{"cidr":"203.0.113.25/32","family":4,"addresses":"1","isSingle":true,"isPrivate":false,"clearedHostBits":false},"durationMs":3600000,"reason":"fixing the build","askedAtMs":1800000000000},"phase":{"state":"pending","facts":{"desktops":[{"workspaceId":"ws-janedoe01","directoryId":"d-90670000aa","userName":"jane","operatingSystem":"UBUNTU_22_04","computerName":"A-1B2C3D","state":"AVAILABLE","stopsByItself":false,"interfaceId":"eni-0a1b2c3d4e5f60718","subnetId":"subnet-1","vpcId":"vpc-1","privateAddress":"10.8.0.7","address":"198.51.100.7"}],"directoryId":"d-90670000aa","netbios":"CORP","loginName":"jane","own":true,"address":"198.51.100.7","reach":1,"group":{"kind":"access","name":"workspace-ssh-corp-ws-janedoe01","vpcId":"vpc-1"}},"need":{"rule":"prod","approvers":["U0MARIA","U0SAM","U0TOM"],"parts":[{"asked":{"kind":"manager"},"people":["U0MARIA"]},{"asked":{"kind":"group","group":"@security","count":1},"people":["U0SAM","U0TOM"],"instead":["U0TOM"]}],"reviews":[{"by":"U0SAM","decision":"approve","atMs":1800000005000}],"shorterMs":[900000,1800000],"remind":{"atMs":1800000060000,"done":true},"fallback":{"atMs":1800000120000,"ask":[{"kind":"admins","count":1}],"sooner":true,"done":false},"askedAgainAtMs":1800000030000,"nudgedAtMs":1800000040000,"asked":["U0TOM"],"away":{"U0MARIA":"Vacationing"},"channel":"C0APPROVALS","selfApproval":false},"pendingAtMs":1800000001000,"lapsesAtMs":1800007200000}}',
  sig: 'kQjgfJ_DD3cb6VXfSrJaYXVUT2ES71jsRke6iX7vbAE',
};

/** SUBM2: was just asked for. */
export const STORED_SUBMITTED: StoredRecord = {
  version: 1,
  body: '{"id":"SUBM2","version":1,"ask":{"requester":"U0JANE","command":"/workspace-ssh","target":{"kind":"workspace","workspaceId":"ws-janedoe01"},"source":{"cidr":"203.0.113.25/32","family":4,"addresses":"1","isSingle":true,"isPrivate":false,"clearedHostBits":false},"durationMs":3600000,"reason":"fixing the build","askedAtMs":1800000000000},"phase":{"state":"submitted","giveUpAtMs":1800000060000,"waitsForAws":false}}',
  sig: 'Un3xK1FdFOwMqD3DQ9eXyYWHaNS1t8duGczTNYsRMt0',
};

/** K7QF2: open by an emergency rule. */
export const STORED_OPEN: StoredRecord = {
  version: 5,
  body: '{"id":"K7QF2","version":5,"ask":{"requester":"U0JANE","command":"/workspace-ssh","target":{"kind":"workspace","workspaceId":"ws-janedoe01"},"source":{"cidr":"203.0.113.25/32","family":4,"addresses":"1","isSingle":true,"isPrivate":false,"clearedHostBits":false},"durationMs":3600000,"reason":"fixing the build","askedAtMs":1800000000000,"emergency":true},"phase":{"state":"open","facts":{"desktops":[{"workspaceId":"ws-janedoe01","directoryId":"d-90670000aa","userName":"jane","operatingSystem":"UBUNTU_22_04","computerName":"A-1B2C3D","state":"AVAILABLE","stopsByItself":false,"interfaceId":"eni-0a1b2c3d4e5f60718","subnetId":"subnet-1","vpcId":"vpc-1","privateAddress":"10.8.0.7","address":"198.51.100.7"}],"directoryId":"d-90670000aa","netbios":"CORP","loginName":"jane","own":true,"address":"198.51.100.7","reach":1,"group":{"kind":"access","name":"workspace-ssh-corp-ws-janedoe01","vpcId":"vpc-1"}},"need":{"rule":"emergency","approvers":[],"told":["U0MARIA","U0ADA"],"selfApproval":true},"review":{"by":"policy","decision":"approve","atMs":1800000000000},"grant":{"groupId":"sg-0a1b2c3d","endsAtMs":1800003600000,"openByMs":1800001200000,"startedAtMs":1800000000000},"openedAtMs":1800000000900,"warned":false}}',
  sig: 'o2oTodUUdSQaGghTMMAegyt5ZyYRcVSQjJ83QgRGFpc',
};

/** ENDD2: over. */
export const STORED_ENDED: StoredRecord = {
  version: 7,
  body: '{"id":"ENDD2","version":7,"ask":{"requester":"U0JANE","command":"/workspace-ssh","target":{"kind":"workspace","workspaceId":"ws-janedoe01"},"source":{"cidr":"203.0.113.25/32","family":4,"addresses":"1","isSingle":true,"isPrivate":false,"clearedHostBits":false},"durationMs":3600000,"reason":"fixing the build","askedAtMs":1800000000000},"phase":{"state":"ended","facts":{"desktops":[{"workspaceId":"ws-janedoe01","directoryId":"d-90670000aa","userName":"jane","operatingSystem":"UBUNTU_22_04","computerName":"A-1B2C3D","state":"AVAILABLE","stopsByItself":false,"interfaceId":"eni-0a1b2c3d4e5f60718","subnetId":"subnet-1","vpcId":"vpc-1","privateAddress":"10.8.0.7","address":"198.51.100.7"}],"directoryId":"d-90670000aa","netbios":"CORP","loginName":"jane","own":true,"address":"198.51.100.7","reach":1,"group":{"kind":"access","name":"workspace-ssh-corp-ws-janedoe01","vpcId":"vpc-1"}},"need":{"rule":"own","approvers":[],"selfApproval":true},"review":{"by":"policy","decision":"approve","atMs":1800000000000},"grant":{"groupId":"sg-0a1b2c3d","endsAtMs":1800003600000,"openByMs":1800001200000,"startedAtMs":1800000000000},"openedAtMs":1800000000900,"cause":{"kind":"expired"},"endedAtMs":1800003600500,"shared":false}}',
  sig: '9Sj4f-K0lq8Kz1VMpUdh79EHBmFnMPycmZAhSDjGWZA',
};

/** The rule that K7QF2 leases. */
export const STORED_RULE: StoredRecord = {
  version: 3,
  body: '{"groupId":"sg-0a1b2c3d","source":"203.0.113.25/32","version":3,"leases":[{"requestId":"K7QF2","endsAtMs":1800003600000,"openedAtMs":1800000000000,"user":"U0JANE","target":"ws-janedoe01"}],"rule":{"state":"open","ruleId":"sgr-0123"}}',
  sig: 'wB1ynLD8AuzzxVWevO7VEB7RSqB6rGaqJvGNWD_trvg',
};

/** A pause by Ada. */
export const STORED_PAUSE: StoredRecord = {
  version: 1800000000000,
  body: '{"version":1800000000000,"paused":true,"by":"U0ADA","name":"Ada Novak","atMs":1800000000000}',
  sig: '5Kin4al7NXP3Pgo7BIJ-VP2qOmP0JOUMOf-TzrZ09t4',
};
