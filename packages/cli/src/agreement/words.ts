/**
 * The clauses of a standing agreement in words.
 *
 * Purpose: what each clause is for (comments of a draft, headings of the page) and what each field is called when it
 * changes. One table, read by `new`, `show` and `diff`.
 * Assumes: the fields of protocol/agreement/standing.ts; a test compares. Does not know: any agreement.
 */
import {
  listCategories,
  papTerms,
  powerTerms,
  purposeTerms,
  roleTerms,
  statisticTerms,
  tlpTerms,
  useTerms,
  type StandingAgreement,
} from '@tallystick/protocol/agreement';

type Clause = keyof StandingAgreement;

/** Clause → heading, and what a drafter should know. */
export const clauseWords: Readonly<Record<Clause, readonly [heading: string, note: string]>> = {
  format: ['Format', 'Do not change.'],
  name: ['Name', 'Short name that all versions have in common: a-z, 0-9 and -.'],
  title: ['Title', 'What people call it.'],
  version: ['Version', 'From 1; every change that all have signed is a new version.'],
  supersedes: [
    'Supersedes',
    'Id of the version before (`tallystick agreement show` prints it); null for the first.',
  ],
  notBefore: ['In force from', 'UTC, to the second.'],
  notAfter: ['Ends', 'UTC. Every agreement ends, after five years at most; renewal needs fresh signatures.'],
  parties: [
    'Parties',
    `Who takes part. \`tallystick agreement key\` prints id, fingerprint and publicKey. Officers: one key a person, roles ${roleTerms.join(', ')}; a requester never approves.`,
  ],
  collectors: ['Collectors', 'Stations that merge tags and never bring a list; null: none.'],
  oversight: [
    'Oversight',
    `Bodies that sign and watch; powers ${powerTerms.join(', ')}. At least one can suspend.`,
  ],
  legalBasis: [
    'Legal basis',
    "For every party's jurisdiction: the act, and the SHA-256 of its impact assessment.",
  ],
  purposes: ['Purposes', `term is one of ${purposeTerms.join(', ')}.`],
  prohibitedUses: ['Prohibited uses', `Any of ${useTerms.join(', ')}.`],
  lists: [
    'Lists',
    `Who may bring which list. category is one of ${listCategories.join(', ')}. Sizes are in identifiers. labels: null, or names by which counts may be split.`,
  ],
  outputs: [
    'Outputs',
    `matches (which of my records) or counts (numbers only; statistics ${statisticTerms.join(', ')}). Form direct is for two parties, sealed needs collectors. marks: TLP ${tlpTerms.join(', ')}; PAP ${papTerms.join(', ')}. listOwnerCollects: null, or "charged-as-matches" where a collector may bring a list.`,
  ],
  tiers: [
    'Tiers',
    'routine: approvals of each party, and how many custodians consent to the use of its list; oversight is "notified" or "asked". imminent: null, or an emergency that lapses by itself and must be reviewed.',
  ],
  privacy: [
    'Privacy',
    'Numbers below minCount are withheld. noise: null, or mechanism, microEpsilon and deltaExponent of one release. The budget is for each pair in a period.',
  ],
  caps: [
    'Caps',
    'Sessions and records a day, in all and of each pair; minutes that a proposal may stay open.',
  ],
  retention: ['Retention', 'Days for results, days for the log.'],
  suites: ['Suites', 'Cryptographic suites.'],
  software: ['Software', 'Smallest version. Every station says its own; nothing proves it.'],
  freshness: [
    'Freshness',
    'How old what a node knows may be before silence denies; how far clocks may differ.',
  ],
  suspension: [
    'Suspension',
    'Anybody suspends at once; resuming needs all. afterWithdrawal: "rest-stands" or "ends-for-all".',
  ],
  redress: [
    'Redress',
    'Whom a person asks, and by when they are answered. disclosure: "never", or "by-officer" where an officer may decide that the answer says whether something was held.',
  ],
  incident: ['Incidents', 'Whom to tell, and within how many hours.'],
};

/** What a larger number means for the people on the lists. */
type Direction = 'looser' | 'stricter';

/** Field → what it is called, and which way it points. Indices and ids are left out of the path. */
const fieldWords: Readonly<Record<string, readonly [words: string, larger?: Direction]>> = {
  notAfter: ['the day on which the agreement ends'],
  notBefore: ['the day from which it is in force'],
  'lists.minIdentifiers': ['the smallest list', 'stricter'],
  'lists.maxIdentifiers': ['the largest list', 'looser'],
  'outputs.collectorsNeeded': ['collectors that merge each session'],
  'outputs.verified': ['whether every chain must be proved'],
  'outputs.which': ['whether receivers learn on which lists'],
  'outputs.labels': ['whether counts are split by labels'],
  'outputs.listOwnerCollects': ['whether a collector may bring a list'],
  'outputs.marks.tlp': ['the sharing mark (TLP)'],
  'outputs.marks.pap': ['the acting mark (PAP)'],
  'tiers.routine.approvals': ['approvals of each party for a routine run', 'stricter'],
  'tiers.routine.custodians': ['custodians of each party who consent to a routine run', 'stricter'],
  'tiers.routine.oversight': ["oversight's part in a routine run"],
  'tiers.imminent.approvals': ['approvals of each party in an emergency', 'stricter'],
  'tiers.imminent.custodians': ['custodians of each party who consent in an emergency', 'stricter'],
  'tiers.imminent.lastsHours': ['hours that an emergency lasts', 'looser'],
  'tiers.imminent.reviewWithinHours': ['hours within which an emergency is reviewed', 'looser'],
  'tiers.imminent.maxUnreviewed': ['emergencies that may wait for review', 'looser'],
  'privacy.minCount': ['the smallest number that is released', 'stricter'],
  'privacy.noise.microEpsilon': ['epsilon of one release, in millionths', 'looser'],
  'privacy.noise.deltaExponent': ['k of a delta of 10^-k', 'stricter'],
  'privacy.identifiersPerRecord': ['identifiers of one record', 'looser'],
  'privacy.padTo': ['the size that lists are filled up to', 'stricter'],
  'privacy.budget.periodDays': ['days of a budget period', 'stricter'],
  'privacy.budget.microEpsilon': ['the budget of epsilon of a pair, in millionths', 'looser'],
  'privacy.budget.femtoDelta': ['the budget of delta of a pair, in 10^-15', 'looser'],
  'privacy.budget.records': ['the budget of records of a pair', 'looser'],
  'privacy.budget.listVersions': ['versions of one list in a period', 'looser'],
  'caps.sessionsPerDay': ['sessions a day', 'looser'],
  'caps.recordsPerDay': ['records a day', 'looser'],
  'caps.pairSessionsPerDay': ['sessions a day of one pair', 'looser'],
  'caps.pairRecordsPerDay': ['records a day of one pair', 'looser'],
  'caps.proposalMinutes': ['minutes that a proposal may stay open', 'looser'],
  'retention.resultDays': ['days that results are kept', 'looser'],
  'retention.logDays': ['days that the log is kept', 'stricter'],
  'freshness.notSuspendedMinutes': ["minutes that a word of 'not suspended' holds", 'looser'],
  'freshness.membershipHours': ['hours that the list of members holds', 'looser'],
  'freshness.witnessHours': ["hours since the log's last witness", 'looser'],
  'freshness.clockSeconds': ['seconds that clocks may differ', 'looser'],
  'suspension.afterWithdrawal': ['what a withdrawal means for the rest'],
  'redress.acknowledgeDays': ['days to acknowledge an enquiry', 'looser'],
  'redress.decideDays': ['days to decide an enquiry', 'looser'],
  'redress.disclosure': ['whether a person is told if something was held'],
  'incident.notifyHours': ['hours to report an incident', 'looser'],
};

/** Every field that has words of its own; for the test that compares them with the schema. */
export const wordedFields: readonly string[] = Object.keys(fieldWords);

/** What a field is called; its own name where the table has no better one. */
export function wordsOf(field: string): string {
  return fieldWords[field]?.[0] ?? field.replaceAll('.', ', ');
}

/** Whether a change of a number makes the agreement looser or stricter; undefined where that cannot be said. */
export function directionOf(field: string, from: unknown, to: unknown): Direction | undefined {
  const larger = fieldWords[field]?.[1];
  if (larger === undefined || typeof from !== 'number' || typeof to !== 'number') return undefined;
  return to > from === (larger === 'looser') ? 'looser' : 'stricter';
}
