/**
 * A standing agreement as one page.
 *
 * Purpose: what `agreement show` prints, to be read and signed by people.
 * Assumes: an agreement that was checked. Does not know: signatures' validity (status, verify).
 */
import type { StandingAgreement, StandingOutput } from '@tallystick/protocol/agreement';
import { safe, wrap } from '../render/text.ts';
import { clauseWords } from './words.ts';

const width = 96;
const indent = 4;

/** A short key, for the eye; the whole one is in the file. */
const short = (hex: string): string => `${hex.slice(0, 16)}…`;

type Clause = keyof StandingAgreement;
type Lines = readonly string[];

function outputText(output: StandingOutput): string {
  const what =
    output.kind === 'counts'
      ? `counts (${output.statistics.join(', ')})${output.labels ? ', split by labels' : ''}`
      : `matches${output.predicates === null ? '' : ` (${output.predicates.join(', ')})`}${output.which ? ', with the lists' : ''}`;
  const merged =
    output.collectors === null
      ? 'nobody collects'
      : `${output.collectorsNeeded} of ${output.collectors.join(', ')} collects${output.listOwnerCollects === null ? '' : ', also one that brings a list (charged as matches)'}`;
  return [
    `${output.id}: ${what}, form ${output.form}, for ${output.purposes.join(', ')}, ${output.tiers.join(' or ')}`,
    `to ${output.receivers.join(', ')}; ${merged}`,
    output.verified ? 'only proved' : 'proof not required',
    `TLP:${output.marks.tlp} PAP:${output.marks.pap}`,
  ].join('; ');
}

const custodiansText = (custodians: number): string =>
  custodians === 0 ? '' : `, and ${custodians} custodians of each list's owner consent to its use`;

function tierLines({ routine, imminent }: StandingAgreement['tiers']): Lines {
  return [
    `routine: ${routine.approvals} of each party approve${custodiansText(routine.custodians)}; oversight is ${routine.oversight}`,
    imminent === null
      ? 'imminent: none'
      : `imminent: ${imminent.approvals} of each party approve${custodiansText(imminent.custodians)}; lapses after ${imminent.lastsHours} h; review due within ${imminent.reviewWithinHours} h, or the tier locks; at most ${imminent.maxUnreviewed} unreviewed; oversight afterwards`,
  ];
}

function privacyLines({
  minCount,
  noise,
  identifiersPerRecord,
  padTo,
  budget,
}: StandingAgreement['privacy']): Lines {
  const noised =
    noise === null
      ? 'numbers are exact'
      : `${noise.mechanism} noise, epsilon ${noise.microEpsilon / 1_000_000}${noise.deltaExponent === null ? '' : `, delta 1e-${noise.deltaExponent}`} a release`;
  return [
    `${minCount === 0 ? 'no number is withheld' : `numbers below ${minCount} are withheld`}; ${noised}; at most ${identifiersPerRecord} identifiers of a record; ${padTo === null ? 'sizes are announced' : `lists are filled up to multiples of ${padTo}`}`,
    `budget of each pair in ${budget.periodDays} days: epsilon ${budget.microEpsilon / 1_000_000}, delta ${budget.femtoDelta}e-15, ${budget.records} records, ${budget.listVersions} versions of a list`,
  ];
}

/** Each clause as lines; a clause that is left out stands in the page's head. */
const clauses: { readonly [C in Clause]?: (agreement: StandingAgreement) => Lines } = {
  parties: ({ parties }) =>
    parties.flatMap(({ id, name, jurisdiction, supervisor, fingerprint, officers }) => [
      `${id}: ${safe(name, 200)} (${jurisdiction}); supervised by ${safe(supervisor, 200)}`,
      `    ${fingerprint}; ${officers.map((one) => `${one.id} (${one.role})`).join(', ')}`,
    ]),
  collectors: ({ collectors }) =>
    collectors?.map(({ id, name, fingerprint }) => `${id}: ${safe(name, 200)}; ${fingerprint}`) ?? ['none'],
  oversight: ({ oversight }) =>
    oversight.map(
      ({ id, name, powers, publicKey }) =>
        `${id}: ${safe(name, 200)}; may ${powers.join(', ')}; key ${short(publicKey)}`,
    ),
  legalBasis: ({ legalBasis }) =>
    legalBasis.map(
      (basis) => `${basis.jurisdiction}: ${safe(basis.citation, 500)}; assessment ${short(basis.assessment)}`,
    ),
  purposes: ({ purposes }) => purposes.map(({ id, term, text }) => `${id}: ${safe(text, 500)} (${term})`),
  prohibitedUses: ({ prohibitedUses }) => [prohibitedUses.join(', ')],
  lists: ({ lists }) =>
    lists.map(
      (list) =>
        `${list.party}: ${list.category}, ${list.subject}, by ${list.recipes.join(', ')} (version ${list.recipeVersion}), ${list.minIdentifiers} to ${list.maxIdentifiers} identifiers${list.labels === null ? '' : `, labels ${list.labels.map((label) => safe(label)).join(', ')}`}`,
    ),
  outputs: ({ outputs }) => outputs.map(outputText),
  tiers: ({ tiers }) => tierLines(tiers),
  privacy: ({ privacy }) => privacyLines(privacy),
  caps: ({ caps }) => [
    `a day: ${caps.sessionsPerDay} sessions, ${caps.recordsPerDay} records; of one pair ${caps.pairSessionsPerDay} sessions, ${caps.pairRecordsPerDay} records; a proposal stays open for ${caps.proposalMinutes} minutes at most`,
  ],
  retention: ({ retention }) => [`results ${retention.resultDays} days, log ${retention.logDays} days`],
  software: ({ software, suites }) => [
    `${software.minVersion} or newer, as each station says of itself; ${suites.join(', ')}`,
  ],
  freshness: ({ freshness }) => [
    `'not suspended' ${freshness.notSuspendedMinutes} minutes, members ${freshness.membershipHours} h, log witnessed ${freshness.witnessHours} h, clocks within ${freshness.clockSeconds} s; silence denies`,
  ],
  suspension: ({ suspension }) => [
    `anybody suspends, at once; resuming needs all; after a withdrawal ${suspension.afterWithdrawal === 'rest-stands' ? 'the rest stands' : 'it ends for all'}`,
  ],
  redress: ({ redress }) => [
    `${safe(redress.contact, 200)}; acknowledged within ${redress.acknowledgeDays} days, decided within ${redress.decideDays}; ${redress.disclosure === 'never' ? 'no answer says whether something was held' : 'an officer may decide that an answer says whether something was held'}`,
  ],
  incident: ({ incident }) => [`${safe(incident.contact, 200)}; within ${incident.notifyHours} h`],
};

/** One clause as the page has it; none for a clause of the page's head. */
export function clauseLines(agreement: StandingAgreement, clause: string): Lines {
  return clauses[clause as Clause]?.(agreement) ?? [];
}

/** The page, as lines. `id`: as `standingId` gives it. */
export function showAgreement(agreement: StandingAgreement, id: string): string[] {
  const lines = [
    safe(agreement.title, 200),
    `${agreement.name}, version ${agreement.version}${agreement.supersedes === null ? '' : `, supersedes ${agreement.supersedes}`}`,
    `in force from ${agreement.notBefore} to ${agreement.notAfter}`,
    `id ${id}`,
  ];
  for (const [clause, linesOf] of Object.entries(clauses)) {
    lines.push('', clauseWords[clause as Clause][0]);
    for (const line of linesOf(agreement)) {
      const inner = /^ */.exec(line)?.[0].length ?? 0;
      const pad = ' '.repeat(indent + inner);
      lines.push(
        ...wrap(line.trimStart(), width - pad.length).map((part, i) => `${pad}${i > 0 ? '  ' : ''}${part}`),
      );
    }
  }
  lines.push(
    '',
    'Signed by',
    ...[...agreement.parties, ...agreement.oversight].map(
      ({ id: by }) => `    ${by.padEnd(34)}${'.'.repeat(40)}`,
    ),
  );
  return lines;
}
