/**
 * Safeguards of people: officers, approvals, oversight, emergencies.
 *
 * Purpose: a part of safeguards-rows.ts.
 */
import { clauses, denied, knows, once, type Place, type Safeguard } from './safeguards-row.ts';

const approvals = (code: string): Place => [
  'packages/protocol/src/policy/approvals.ts',
  `'approval.${code}'`,
];

export const peopleSafeguards: readonly Safeguard[] = [
  {
    safeguard: 'Only an analyst of the proposer asks',
    clause: 'parties.officers',
    enforced: [['packages/protocol/src/policy/approvals.ts', "'requester.role'"]],
    refuses: 'pair: the requester is a custodian',
    report: denied,
  },
  {
    safeguard: 'Whoever asks signs the request with their own key, not with that of the station',
    clause: 'parties.officers',
    enforced: [['packages/protocol/src/policy/approvals.ts', "'requester.signature'"]],
    refuses: "pair: signed with the station's key",
    report: denied,
  },
  {
    safeguard: 'A request needs as many approvers as agreed before it leaves the node',
    clause: 'tiers.routine.approvals',
    enforced: [clauses('tier', 'approval.too-few')],
    refuses: 'pair: proposing: without it',
    report: denied,
  },
  {
    safeguard: 'A party consents only once its own people have approved',
    clause: 'tiers.routine.approvals',
    enforced: [clauses('tier', 'approval.too-few')],
    refuses: 'pair: consenting: only the proposer approved',
    report: denied,
  },
  {
    safeguard: "Everybody's approvals are checked by everybody, before anything of a list leaves",
    clause: 'tiers.imminent.approvals',
    enforced: [clauses('tier', 'approval.too-few')],
    refuses: 'threat: starting: only two of three approved',
    report: denied,
  },
  {
    safeguard: 'Of an emergency, too, as many approve as agreed, and one of them counts once',
    clause: 'parties.officers',
    enforced: [approvals('repeated')],
    refuses: 'threat: one approver twice',
    report: denied,
  },
  {
    safeguard: 'Nobody approves their own request',
    clause: 'parties.officers',
    enforced: [approvals('requester')],
    refuses: 'pair: approved by the requester',
    report: denied,
  },
  {
    safeguard: 'Who keeps a list approves no request: a custodian is no approver',
    clause: 'parties.officers',
    enforced: [approvals('role')],
    refuses: 'pair: approved by a custodian',
    report: denied,
  },
  {
    safeguard: 'An approval is for one request, to the last field',
    clause: 'parties.officers',
    enforced: [approvals('other-request')],
    refuses: 'pair: approved for another request',
    report: denied,
  },
  {
    safeguard: 'An approval is good once',
    clause: 'parties.officers',
    enforced: [approvals('used'), once],
    refuses: 'pair: approval used before',
    report: denied,
  },
  {
    safeguard: 'An approval that was used stays used over a restart',
    clause: 'parties.officers',
    enforced: [['packages/host/src/approvals/single-use.ts', 'claim']],
    refuses: { file: 'packages/host/src/approvals/single-use.test.ts', name: 'a restart forgets nothing' },
    report: denied,
  },
  {
    safeguard: 'An approval ends',
    clause: 'parties.officers',
    enforced: [approvals('expired')],
    refuses: 'pair: approval at its end',
    report: denied,
  },
  {
    safeguard: 'A forged approval is none',
    clause: 'parties.officers',
    enforced: [approvals('signature')],
    refuses: 'pair: a flipped bit in the signature',
    report: denied,
  },
  {
    safeguard: 'Where a tier asks custodians, nothing runs before they consent to the use of their lists',
    clause: 'tiers.routine.custodians',
    enforced: [clauses('tier', 'custodian.too-few')],
    refuses: 'pair: custodians are asked: ours is missing',
    report: denied,
  },
  // Oversight
  {
    safeguard: 'Where oversight is to be asked, nothing runs before it has authorised',
    clause: 'tiers.routine.oversight',
    enforced: [clauses('tier', 'oversight.not-authorised')],
    refuses: 'pair: oversight has not authorised',
    report: denied,
  },
  {
    safeguard: 'A body without the power authorises nothing',
    clause: 'oversight',
    enforced: [approvals('power')],
    refuses: 'pair: authorised by a body without the power',
    report: denied,
  },
  {
    safeguard: 'A veto of an oversight body stops a request',
    clause: 'oversight',
    enforced: [clauses('tier', 'oversight.veto'), knows('vetoes')],
    refuses: 'pair: a veto',
    report: 'events.vetoes',
  },
  {
    safeguard:
      'A word that is not the word of an oversight body changes nothing, and is logged with who brought it',
    clause: 'oversight',
    enforced: [['packages/node/src/oversight/desk.ts', "'verdict.invalid'"]],
    refuses: {
      file: 'test/oversight/node-desk.test.ts',
      name: 'the desk of a node > a word that is none is refused, changes nothing, and is noted with who brought it',
    },
    report: 'events.attempts',
  },
  {
    safeguard: 'A session of which nobody told the oversight body is found in the logs',
    clause: 'oversight',
    enforced: [['packages/cli/src/oversight/untold.ts', 'export function']],
    refuses: {
      file: 'test/oversight/untold.test.ts',
      name: 'a session that started under a watched agreement on a request that nobody told',
    },
    report: 'logs.checkpoint',
  },
  // Emergencies
  {
    safeguard: 'The imminent tier is for outputs that have it',
    clause: 'outputs.tiers',
    enforced: [clauses('tier', 'tier.not-of-output')],
    refuses: 'pair: an emergency with an output that has none',
    report: denied,
  },
  {
    safeguard: 'Nothing is imminent that nobody declared',
    clause: 'tiers.imminent.lastsHours',
    enforced: [clauses('tier', 'emergency.undeclared'), knows('emergencies')],
    refuses: 'threat: no emergency declared',
    report: 'events.emergencies',
  },
  {
    safeguard: 'An emergency lapses by itself',
    clause: 'tiers.imminent.lastsHours',
    enforced: [clauses('tier', 'emergency.lapsed'), knows('emergencies')],
    refuses: 'threat: as it lapses',
    report: 'events.emergencies',
  },
  {
    safeguard: 'An emergency that oversight finds not justified ends',
    clause: 'tiers.imminent.oversight',
    enforced: [clauses('tier', 'emergency.not-justified'), knows('emergencies')],
    refuses: 'threat: oversight has found it not justified',
    report: denied,
  },
  {
    safeguard: 'A review that is late locks the tier',
    clause: 'tiers.imminent.reviewWithinHours',
    enforced: [clauses('tier', 'tier.locked'), knows('emergencies')],
    refuses: 'threat: another review is a millisecond late',
    report: 'events.lateReviews',
  },
  {
    safeguard: 'No more emergencies wait for their review than agreed',
    clause: 'tiers.imminent.maxUnreviewed',
    enforced: [clauses('tier', 'emergency.too-many'), knows('emergencies')],
    refuses: 'threat: two other emergencies wait',
    report: denied,
  },
];
