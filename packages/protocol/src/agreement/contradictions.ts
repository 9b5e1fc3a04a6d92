/**
 * What a shape cannot say: contradictions within a standing agreement.
 *
 * Purpose: one small finder a contradiction, in a table; each names the clauses that it reads, so that it runs
 * although another clause is malformed, and every problem is found at once.
 * Assumes: the clauses it reads have their shape. Does not know: requests, the clock.
 */
import { parseHex } from '../bytes/index.ts';
import { fingerprintOfKey } from '../signature/index.ts';
import { outputContradictions } from './contradictions-outputs.ts';
import { type Contradiction, contradiction, type Named, repeats } from './finders.ts';
import { msOf } from './instant.ts';
import { pathText, type Problem } from './problems.ts';
import type { StandingAgreement } from './standing.ts';

/** Longest life of an agreement: five years, leap days included. */
const longestMs = 1827 * 86_400_000;

/** Everybody who holds a place in the agreement, with where. */
function* placesOf(agreement: StandingAgreement) {
  for (const [i, one] of agreement.parties.entries()) yield [one, 'parties', i] as const;
  for (const [i, one] of (agreement.collectors ?? []).entries()) yield [one, 'collectors', i] as const;
  for (const [i, one] of agreement.oversight.entries()) yield [one, 'oversight', i] as const;
}

function* keysOf(agreement: StandingAgreement): Generator<Named> {
  for (const [one, ...path] of placesOf(agreement)) yield [one.publicKey, ...path, 'publicKey'];
  for (const [i, party] of agreement.parties.entries()) {
    for (const [j, one] of party.officers.entries()) {
      yield [one.publicKey, 'parties', i, 'officers', j, 'publicKey'];
    }
  }
}

const who = ['parties', 'collectors', 'oversight'] as const;

const general: readonly Contradiction[] = [
  contradiction(['version', 'supersedes'], function* ({ version, supersedes }) {
    if ((version === 1) !== (supersedes === null)) yield ['version.supersedes', 'supersedes'];
  }),
  contradiction(['notBefore', 'notAfter'], function* ({ notBefore, notAfter }) {
    if (msOf(notAfter) <= msOf(notBefore)) yield ['time.order', 'notAfter'];
    if (msOf(notAfter) - msOf(notBefore) > longestMs) yield ['time.too-long', 'notAfter'];
  }),
  contradiction(who, function* (agreement) {
    const ids = [...placesOf(agreement)].map(([one, ...path]) => [one.id, ...path, 'id'] as const);
    yield* repeats(ids, 'id.repeated');
  }),
  contradiction(who, (agreement) => repeats(keysOf(agreement), 'key.repeated')),
  contradiction(['parties', 'collectors'], function* ({ parties, collectors }) {
    for (const [name, stations] of [
      ['parties', parties],
      ['collectors', collectors ?? []],
    ] as const) {
      for (const [i, { publicKey, fingerprint }] of stations.entries()) {
        if (fingerprintOfKey(parseHex(publicKey)) !== fingerprint)
          yield ['fingerprint.of-another-key', name, i, 'fingerprint'];
      }
    }
  }),
  contradiction(['parties'], function* ({ parties }) {
    for (const [i, { officers }] of parties.entries()) {
      yield* repeats(
        officers.map(({ id }, j) => [id, 'parties', i, 'officers', j, 'id'] as const),
        'id.repeated',
      );
      if (!officers.some(({ role }) => role === 'analyst'))
        yield ['party.without-analyst', 'parties', i, 'officers'];
    }
  }),
  contradiction(['oversight'], function* ({ oversight }) {
    for (const [i, { powers }] of oversight.entries()) {
      yield* repeats(
        powers.map((power, j) => [power, 'oversight', i, 'powers', j] as const),
        'set.repeated',
      );
    }
    if (!oversight.some(({ powers }) => powers.includes('suspend')))
      yield ['oversight.cannot-suspend', 'oversight'];
  }),
  contradiction(['parties', 'legalBasis'], function* ({ parties, legalBasis }) {
    for (const [i, { jurisdiction }] of parties.entries()) {
      if (!legalBasis.some((basis) => basis.jurisdiction === jurisdiction)) {
        yield ['legal-basis.missing', 'parties', i, 'jurisdiction'];
      }
    }
    yield* repeats(
      legalBasis.map(
        ({ jurisdiction, citation }, i) => [`${jurisdiction} ${citation}`, 'legalBasis', i] as const,
      ),
      'set.repeated',
    );
  }),
  contradiction(['purposes'], ({ purposes }) =>
    repeats(
      purposes.map(({ id }, i) => [id, 'purposes', i, 'id'] as const),
      'id.repeated',
    ),
  ),
  contradiction(['prohibitedUses'], ({ prohibitedUses }) =>
    repeats(
      prohibitedUses.map((use, i) => [use, 'prohibitedUses', i] as const),
      'set.repeated',
    ),
  ),
  contradiction(['tiers', 'parties'], function* ({ tiers, parties }) {
    for (const tier of ['routine', 'imminent'] as const) {
      const { approvals = 0, custodians = 0 } = tiers[tier] ?? {};
      for (const [i, { officers }] of parties.entries()) {
        const having = (role: string) => officers.filter((one) => one.role === role).length;
        if (having('approver') < approvals) yield ['tier.approvers-too-few', 'parties', i, 'officers'];
        if (having('custodian') < custodians) yield ['tier.custodians-too-few', 'parties', i, 'officers'];
      }
    }
  }),
  contradiction(['tiers'], function* ({ tiers: { routine } }) {
    if (routine.approvals === 0 && routine.oversight === 'notified') {
      yield ['tier.without-approvals', 'tiers', 'routine', 'approvals'];
    }
  }),
  contradiction(['tiers', 'oversight'], function* ({ tiers, oversight }) {
    const authorises = oversight.some(({ powers }) => powers.includes('authorise'));
    if (tiers.routine.oversight === 'asked' && !authorises) {
      yield ['tier.nobody-authorises', 'tiers', 'routine', 'oversight'];
    }
    if (tiers.imminent !== null && !authorises)
      yield ['tier.nobody-reviews', 'tiers', 'imminent', 'oversight'];
  }),
  contradiction(['caps'], function* ({ caps }) {
    if (caps.pairSessionsPerDay > caps.sessionsPerDay)
      yield ['caps.pair-above-all', 'caps', 'pairSessionsPerDay'];
    if (caps.pairRecordsPerDay > caps.recordsPerDay)
      yield ['caps.pair-above-all', 'caps', 'pairRecordsPerDay'];
  }),
  contradiction(['retention', 'redress'], function* ({ retention, redress }) {
    if (retention.logDays < retention.resultDays) yield ['retention.log-shorter', 'retention', 'logDays'];
    if (retention.logDays < redress.decideDays)
      yield ['retention.log-before-redress', 'retention', 'logDays'];
    if (redress.decideDays < redress.acknowledgeDays) yield ['redress.order', 'redress', 'decideDays'];
  }),
  contradiction(['freshness'], function* ({ freshness }) {
    if (freshness.notSuspendedMinutes * 60 <= freshness.clockSeconds) {
      yield ['freshness.within-clock-tolerance', 'freshness', 'notSuspendedMinutes'];
    }
  }),
];

const table: readonly Contradiction[] = [...general, ...outputContradictions];

/** Every contradiction between clauses that are not in `malformed`. */
export function findContradictions(value: unknown, malformed: ReadonlySet<string>): Problem[] {
  const agreement = value as StandingAgreement;
  return table
    .filter(({ reads }) => !reads.some((clause) => malformed.has(clause)))
    .flatMap(({ find }) => [...find(agreement)].map(([code, ...path]) => ({ path: pathText(path), code })));
}
