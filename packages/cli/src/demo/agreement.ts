/**
 * The demonstration's agreement.
 *
 * Purpose: what the three agencies may ask of each other, and no more; the run puts its own keys in. The list of what is
 * prohibited is what the third session runs into.
 * Assumes: nothing here is anybody's agreement. Does not know: sessions.
 */
import type { StandingAgreement } from '@tallystick/protocol/agreement';
import type { RecipeName } from '@tallystick/protocol/records';

const dayMs = 86_400_000;
/** Stands where a key of the run will stand. */
const noKey = '00'.repeat(32);
const noFingerprint = `sha256:${'A'.repeat(43)}`;
const instant = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
const countries = ['DNK', 'LVA', 'PRT'] as const;

export function demoAgreement(
  agencies: readonly string[],
  collector: string,
  recipes: readonly RecipeName[],
  software: string,
  nowMs: number,
): StandingAgreement {
  const station = (id: string, name: string) => ({ id, name, fingerprint: noFingerprint, publicKey: noKey });
  const output = {
    tiers: ['routine' as const],
    receivers: [...agencies],
    listOwnerCollects: null,
    verified: true,
    marks: { tlp: 'AMBER' as const, pap: 'AMBER' as const },
  };
  return {
    format: 'tallystick-agreement-1',
    name: 'demonstration',
    title: 'Three agencies compare synthetic watchlists',
    version: 1,
    supersedes: null,
    notBefore: instant(nowMs - dayMs),
    notAfter: instant(nowMs + dayMs),
    parties: agencies.map((id, i) => ({
      ...station(id, `Agency ${id}`),
      jurisdiction: countries[i] ?? 'EU',
      supervisor: `Data protection authority (${countries[i] ?? 'EU'})`,
      officers: [
        { id: 'analyst', role: 'analyst', publicKey: noKey },
        { id: 'approver', role: 'approver', publicKey: noKey },
      ],
    })),
    collectors: [station(collector, 'The meeting place')],
    oversight: [
      {
        id: 'board',
        name: 'Joint supervisory board',
        publicKey: noKey,
        powers: ['authorise', 'veto', 'suspend'],
      },
    ],
    legalBasis: agencies.map((_, i) => ({
      jurisdiction: countries[i] ?? 'EU',
      citation: 'None: a demonstration',
      assessment: noKey,
    })),
    purposes: [
      { id: 'find', term: 'sector-law:CriminalLawEnforcement', text: 'Find who is on two lists.' },
      { id: 'measure', term: 'dpv:ProvideOfficialStatistics', text: 'How much the lists have in common.' },
    ],
    prohibitedUses: ['automated-decision', 'mass-screening', 'commercial', 'model-training'],
    lists: agencies.map((party) => ({
      party,
      category: 'wanted',
      subject: 'person',
      recipes: [...recipes],
      recipeVersion: 1,
      minIdentifiers: 10,
      maxIdentifiers: 1_000_000,
      labels: null,
    })),
    outputs: [
      {
        ...output,
        id: 'pair',
        kind: 'matches',
        form: 'direct',
        purposes: ['find'],
        collectors: null,
        collectorsNeeded: 0,
        predicates: null,
        which: false,
      },
      {
        ...output,
        id: 'numbers',
        kind: 'counts',
        form: 'sealed',
        purposes: ['measure'],
        collectors: [collector],
        collectorsNeeded: 1,
        statistics: ['histogram'],
        labels: false,
      },
    ],
    tiers: { routine: { approvals: 1, custodians: 0, oversight: 'notified' }, imminent: null },
    privacy: {
      minCount: 0,
      noise: null,
      identifiersPerRecord: 10_000,
      padTo: null,
      budget: { periodDays: 1, microEpsilon: 0, femtoDelta: 0, records: 10_000_000, listVersions: 4 },
    },
    caps: {
      sessionsPerDay: 10,
      recordsPerDay: 10_000_000,
      pairSessionsPerDay: 10,
      pairRecordsPerDay: 10_000_000,
      proposalMinutes: 60,
    },
    retention: { resultDays: 1, logDays: 90 },
    suites: ['ristretto255-SHA512'],
    software: { minVersion: software, evidence: 'self-asserted' },
    freshness: { notSuspendedMinutes: 60, membershipHours: 24, witnessHours: 48, clockSeconds: 600 },
    suspension: { by: 'any-one', resumeBy: 'all', afterWithdrawal: 'rest-stands' },
    redress: {
      contact: 'redress@demonstration.example',
      acknowledgeDays: 10,
      decideDays: 60,
      disclosure: 'never',
    },
    incident: { contact: 'incident@demonstration.example', notifyHours: 24 },
  };
}
