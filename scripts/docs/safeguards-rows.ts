/**
 * The safeguards, as data.
 *
 * Purpose: what papers on sharing between agencies ask for, each with the clause of the agreement that says it, the code that
 * enforces it, the test that saw it refuse, and the place where the transparency report tells of it.
 * Assumes: a row that claims what is not there is found by the generator (safeguards.ts). Does not know: how it is found.
 */
import { clauses, costs, denied, knows, once, type Safeguard } from './safeguards-row.ts';
import { runningSafeguards } from './safeguards-rows-running.ts';

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
  ...runningSafeguards,
];
