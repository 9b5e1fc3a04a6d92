/**
 * Safeguards of a node that runs: who may be suspended and how fresh its word must be, its log and the report, redress,
 * incidents, and what it forbids by itself.
 *
 * Purpose: the second half of safeguards-rows.ts.
 */
import { aged, clauses, denied, knows, once, type Safeguard } from './safeguards-row.ts';

export const runningSafeguards: readonly Safeguard[] = [
  // Suspension, freshness, clocks
  {
    safeguard: 'Any party or oversight body suspends, at once and alone',
    clause: 'suspension.by',
    enforced: [clauses('members', 'suspended'), knows('membership')],
    refuses: 'pair: suspended by two',
    report: 'events.suspensions',
  },
  {
    safeguard: "Silence denies: without everybody's word that nothing is suspended, nothing runs",
    clause: 'freshness.notSuspendedMinutes',
    enforced: [aged('not-suspended'), knows('membership')],
    refuses: 'pair: nobody said anything',
    report: denied,
  },
  {
    safeguard: 'A node that has not heard the list of members in time refuses',
    clause: 'freshness.membershipHours',
    enforced: [aged('membership'), knows('membership')],
    refuses: 'pair: members confirmed a millisecond earlier',
    report: denied,
  },
  {
    safeguard: 'Who has withdrawn takes part no more',
    clause: 'suspension.afterWithdrawal',
    enforced: [clauses('members', 'party.withdrawn'), knows('membership')],
    refuses: 'pair: a partner has withdrawn',
    report: 'events.withdrawals',
  },
  {
    safeguard: 'A key that was replaced counts no more',
    clause: 'parties.officers',
    enforced: [['packages/protocol/src/policy/approvals.ts', "'approval.signature'"], knows('membership')],
    refuses: 'pair: signed with the key that was replaced',
    report: 'events.keyChanges',
  },
  {
    safeguard: 'A clock that jumped denies, until somebody has looked at it',
    clause: 'freshness.clockSeconds',
    enforced: [clauses('time', 'clock.jumped'), knows('isClockTrusted')],
    refuses: 'pair: our clock jumped',
    report: denied,
  },
  {
    safeguard: 'A proposal is good once and for as long as agreed',
    clause: 'caps.proposalMinutes',
    enforced: [clauses('time', 'proposal.replayed'), once],
    refuses: 'pair: the nonce was seen',
    report: denied,
  },
  {
    safeguard: 'Software that is older than agreed is refused (every station says its own version)',
    clause: 'software.minVersion',
    enforced: [clauses('members', 'software.too-old')],
    refuses: 'pair: a software one older',
    report: denied,
  },
  {
    safeguard: 'The suite is the agreed one',
    clause: 'suites',
    enforced: [clauses('members', 'suite.unknown')],
    refuses: 'pair: another suite',
    report: denied,
  },
  // Log and report
  {
    safeguard: 'A node whose log nobody has witnessed in time starts nothing',
    clause: 'freshness.witnessHours',
    enforced: [aged('log.witness', '-'), knows('log')],
    refuses: 'pair: witnessed a millisecond earlier',
    report: denied,
  },
  {
    safeguard: 'Nothing starts with a partner whose consent does not show that its log was witnessed in time',
    clause: 'freshness.witnessHours',
    enforced: [
      ['packages/protocol/src/policy/clauses-members.ts', '`log.partner-${theirs}`'],
      ['packages/node/src/guard/standing.ts', 'partners: partnersLogs('],
    ],
    refuses: "pair: a partner's log witnessed a millisecond earlier",
    report: denied,
  },
  {
    safeguard: 'A node from a backup starts nothing before its partners have confirmed its log and ledger',
    clause: 'freshness.witnessHours',
    enforced: [clauses('members', 'log.unconfirmed'), knows('log')],
    refuses: 'pair: restored from a backup',
    report: denied,
  },
  {
    safeguard: 'An act that cannot be logged does not happen',
    clause: 'retention.logDays',
    enforced: [['packages/host/src/audit/log.ts', 'append(']],
    refuses: {
      file: 'test/membership/members.slow.test.ts',
      name: 'what cannot be kept is not said',
    },
    report: 'logs.entries',
  },
  {
    safeguard: 'An entry of a log that was changed, left out or moved is found, offline',
    clause: 'retention.logDays',
    enforced: [['packages/protocol/src/audit/verify.ts', 'export function verifyExport']],
    refuses: {
      file: 'packages/protocol/src/audit/verify.slow.test.ts',
      name: 'verification of an export > names an entry that was taken out, exchanged, doubled, or cut off at the end',
    },
    report: 'logs.checkpoint',
  },
  {
    safeguard: 'A log in which an entry was changed gives no report',
    clause: 'oversight',
    enforced: [['packages/cli/src/report/exports.ts', 'verifyExport(']],
    refuses: {
      file: 'test/report/cli.slow.test.ts',
      name: 'report > is not made > of an export of which an entry was changed, and names the entry',
    },
    report: 'logs.root',
  },
  {
    safeguard: 'The report tells no number below its threshold',
    clause: 'privacy.minCount',
    enforced: [['packages/protocol/src/report/figures.ts', 'export function figuresOf']],
    refuses: {
      file: 'packages/protocol/src/report/figures.slow.test.ts',
      name: 'from a report follows no small number, whatever its reader knows of how it is made > by how sessions ended, with whom, and whose results were deleted',
    },
    report: 'threshold',
  },
  // Redress
  {
    safeguard:
      'An enquiry is answered alike, whatever was found, and disclosed only where every agreement and the node allow it',
    clause: 'redress.disclosure',
    enforced: [
      ['packages/node/src/redress/redress.ts', 'forbidsDisclosure'],
      ['packages/node/src/redress/disclosure.ts', 'never'],
    ],
    refuses: {
      file: 'packages/node/src/redress/redress.slow.test.ts',
      name: 'tickets, due dates, partners > an officer discloses only where every agreement and the node allow it, and only with a decision',
    },
    report: 'events.enquiries',
  },
  {
    safeguard: 'Enquiries are decided within the agreed days, and what is late is logged as late',
    clause: 'redress.decideDays',
    enforced: [['packages/node/src/redress/redress.ts', 'isLate']],
    refuses: {
      file: 'packages/node/src/redress/redress.slow.test.ts',
      name: 'tickets, due dates, partners > due dates are those of the agreement; what is late is listed and logged as late',
    },
    report: 'events.lateDecisions',
  },
  {
    safeguard: 'A correction is taken from a partner of that session, and from nobody else',
    clause: 'redress',
    enforced: [['packages/node/src/redress/receive.ts', 'correction']],
    refuses: {
      file: 'packages/node/src/redress/redress.slow.test.ts',
      name: 'tickets, due dates, partners > a correction of a stranger, of another session, or that is none, is refused',
    },
    report: 'events.corrected',
  },
  // Incidents
  {
    safeguard:
      'Who is to be told of an incident is told within the agreed hours, and what is late is logged as late',
    clause: 'incident.notifyHours',
    enforced: [['packages/node/src/control/incidents.ts', 'isLate']],
    refuses: {
      file: 'packages/node/src/control/incidents.test.ts',
      name: 'the contact is told within the hours that the agreement says, or it is late; both stand in the log',
    },
    report: 'events.lateIncidents',
  },
  // Stricter at home
  {
    safeguard: 'Local rules can only forbid',
    clause: 'rules',
    enforced: [['packages/protocol/src/policy/rules.ts', 'export']],
    refuses: 'pair: rule: not this partner',
    report: denied,
  },
];
