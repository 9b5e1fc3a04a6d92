/**
 * The safeguards, as data.
 *
 * Purpose: what papers on sharing between agencies ask for, each with the clause of the agreement that says it, the code that
 * enforces it, the test that saw it refuse, and the place where the transparency report tells of it.
 * Assumes: a row that claims what is not there is found by the generator (safeguards.ts). Does not know: how it is found.
 */
import type { TestId } from './evidence.ts';

/** A file, and a text in it without which it would not do what the row says. */
export type Place = readonly [file: string, has: string];

export interface Safeguard {
  readonly safeguard: string;
  /** Path of a field of the agreement, or `rules`: the node's own. */
  readonly clause: string;
  readonly enforced: readonly Place[];
  /** A case of a decision by base and name, or any other test by file and name. */
  readonly refuses: string | TestId;
  /** Path of a field of the report. */
  readonly report: string;
}

const clauses = (name: string, has: string): Place => [
  `packages/protocol/src/policy/clauses-${name}.ts`,
  `'${has}'`,
];
/** A clause about how old something is. */
const aged = (what: string, separator = '.'): Place => [
  'packages/protocol/src/policy/clauses-members.ts',
  `\`${what}${separator}\${problem}\``,
];
/** Where the guard of a running node learns a fact: without it every session would be denied, and the clause be idle. */
const knows = (fact: string): Place => ['packages/node/src/daemon/guarding.ts', `${fact}: (`];
const costs: Place = ['packages/node/src/guard/standing.ts', 'ledger: standingCosts('];
const once: Place = ['packages/node/src/daemon/guarding.ts', 'singleUse: createSingleUse('];
const denied = 'groups.clauses';

export const safeguards: readonly Safeguard[] = [
  // Basis and purpose
  {
    safeguard: 'Nothing runs but under an agreement that every party and every oversight body has signed',
    clause: 'parties',
    enforced: [['packages/protocol/src/agreement/signed.ts', "'signature.missing'"]],
    refuses: {
      file: 'packages/protocol/src/policy/decide.slow.test.ts',
      name: 'documents that do not parse are named, all of them, with the path > an agreement',
    },
    report: denied,
  },
  {
    safeguard: 'Every party names its legal basis and the hash of its impact assessment',
    clause: 'legalBasis',
    enforced: [['packages/protocol/src/agreement/contradictions.ts', "'legal-basis.missing'"]],
    refuses: {
      file: 'packages/protocol/src/agreement/standing.test.ts',
      name: "problems > 'a party without legal basis'",
    },
    report: denied,
  },
  {
    safeguard: 'Sunset: every agreement ends, and nothing runs after its end',
    clause: 'notAfter',
    enforced: [clauses('time', 'time.over')],
    refuses: 'pair: as it ends',
    report: denied,
  },
  {
    safeguard: 'Two versions that both claim to be in force: neither runs',
    clause: 'version',
    enforced: [clauses('time', 'version.conflict')],
    refuses: 'pair: another agreement of the same version',
    report: denied,
  },
  {
    safeguard: 'Purpose limitation: a purpose that is not agreed is refused',
    clause: 'purposes',
    enforced: [clauses('what', 'purpose.unknown')],
    refuses: 'pair: an unknown purpose',
    report: denied,
  },
  {
    safeguard: 'Prohibited uses stay prohibited, also beside permitted ones',
    clause: 'prohibitedUses',
    enforced: [clauses('what', 'use.prohibited')],
    refuses: 'pair: a prohibited use beside a permitted one',
    report: denied,
  },
  // Minimisation
  {
    safeguard: 'Only agreed categories of lists are compared',
    clause: 'lists',
    enforced: [clauses('what', 'list.unknown')],
    refuses: 'pair: a list of another category',
    report: denied,
  },
  {
    safeguard: 'A list is not larger than agreed: no fishing with long candidate lists',
    clause: 'lists.maxIdentifiers',
    enforced: [clauses('what', 'list.too-large')],
    refuses: 'pair: one identifier too many',
    report: denied,
  },
  {
    safeguard: 'Only agreed statistics come out',
    clause: 'outputs.statistics',
    enforced: [clauses('output', 'output.statistic')],
    refuses: 'numbers: another statistic too',
    report: denied,
  },
  {
    safeguard: 'Who brings no list receives no matches',
    clause: 'outputs.receivers',
    enforced: [clauses('output', 'receiver.without-list')],
    refuses: 'pair: a receiver who brings no list and is none',
    report: denied,
  },
  {
    safeguard: 'A list owner collects only where the agreement says so in as many words',
    clause: 'outputs.listOwnerCollects',
    enforced: [clauses('output', 'collector.brings-list')],
    refuses: 'threat: a list owner collects without the word',
    report: denied,
  },
  {
    safeguard: 'Results that lead to action are proved, not believed',
    clause: 'outputs.verified',
    enforced: [clauses('output', 'output.unverified')],
    refuses: 'pair: not proved',
    report: denied,
  },
  {
    safeguard: 'Handling marks (TLP, PAP) are not weaker than agreed',
    clause: 'outputs.marks',
    enforced: [clauses('output', 'output.marks')],
    refuses: 'pair: a weaker TLP',
    report: denied,
  },
  // People and oversight
  {
    safeguard: 'A request needs as many approvers as agreed before it leaves the node',
    clause: 'tiers.routine.approvals',
    enforced: [clauses('tier', 'approval.too-few')],
    refuses: 'pair: proposing: without it',
    report: denied,
  },
  {
    safeguard: 'Nobody approves their own request',
    clause: 'parties.officers',
    enforced: [['packages/protocol/src/policy/approvals.ts', "'approval.requester'"]],
    refuses: 'pair: approved by the requester',
    report: denied,
  },
  {
    safeguard: 'An approval is good once',
    clause: 'parties.officers',
    enforced: [['packages/protocol/src/policy/approvals.ts', "'approval.used'"], once],
    refuses: 'pair: approval used before',
    report: denied,
  },
  {
    safeguard: 'Where oversight is to be asked, nothing runs before it has authorised',
    clause: 'tiers.routine.oversight',
    enforced: [clauses('tier', 'oversight.not-authorised')],
    refuses: 'pair: oversight has not authorised',
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
    safeguard: 'An emergency lapses by itself',
    clause: 'tiers.imminent.lastsHours',
    enforced: [clauses('tier', 'emergency.lapsed'), knows('emergencies')],
    refuses: 'threat: as it lapses',
    report: 'events.emergencies',
  },
  {
    safeguard: 'A review that is late locks the tier',
    clause: 'tiers.imminent.reviewWithinHours',
    enforced: [clauses('tier', 'tier.locked'), knows('emergencies')],
    refuses: 'threat: another review is a millisecond late',
    report: 'events.lateReviews',
  },
  // Privacy
  {
    safeguard: 'Numbers below the agreed minimum are withheld',
    clause: 'privacy.minCount',
    enforced: [
      clauses('privacy', 'privacy.min-count'),
      ['packages/protocol/src/privacy/suppress.ts', 'export function'],
    ],
    refuses: 'numbers: a smallest number one below',
    report: denied,
  },
  {
    safeguard: 'Counts carry at least the agreed noise',
    clause: 'privacy.noise',
    enforced: [clauses('privacy', 'privacy.epsilon')],
    refuses: 'numbers: one micro-epsilon too many',
    report: denied,
  },
  {
    safeguard: 'The privacy budget of a period is not overspent',
    clause: 'privacy.budget',
    enforced: [clauses('privacy', 'budget.spent'), costs],
    refuses: 'numbers: one micro-epsilon over',
    report: 'groups.amounts.microEpsilon',
  },
  {
    safeguard: 'Differencing: no more versions of a list in a period than agreed',
    clause: 'privacy.budget.listVersions',
    enforced: [clauses('privacy', 'budget.spent'), costs],
    refuses: 'pair: a new version of the list, one over',
    report: denied,
  },
  {
    safeguard: 'Ledgers of partners that differ stop sessions',
    clause: 'privacy.budget',
    enforced: [clauses('privacy', 'ledger.differs'), costs],
    refuses: 'pair: a ledger that differs',
    report: denied,
  },
  {
    safeguard: 'No more sessions a day than agreed',
    clause: 'caps.sessionsPerDay',
    enforced: [clauses('privacy', 'caps.sessions'), costs],
    refuses: 'pair: one session over',
    report: denied,
  },
  {
    safeguard: 'Results are not kept for longer than agreed',
    clause: 'retention.resultDays',
    enforced: [clauses('what', 'retention.too-long')],
    refuses: 'pair: kept for a day longer',
    report: denied,
  },
  {
    safeguard: 'Results are deleted when they are due, and not before the log says so',
    clause: 'retention.resultDays',
    enforced: [['packages/node/src/retention/keeper.ts', 'record']],
    refuses: {
      file: 'packages/node/src/retention/retention.slow.test.ts',
      name: 'without the entry in the log nothing is deleted, and it is tried again',
    },
    report: 'groups.deleted',
  },
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
