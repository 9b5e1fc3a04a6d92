/**
 * The agreement of the tests' world: three parties, two collectors, two oversight bodies, three outputs.
 *
 * Purpose: one good agreement, made from names, with keys of tests.
 * Assumes: nothing. Does not know: requests.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { StandingAgreement } from '../agreement/standing.ts';
import { encodeHex, parseHex, utf8 } from '../bytes/index.ts';
import { fingerprintOfKey } from '../signature/index.ts';

const seedOf = (name: string): Uint8Array => sha256(utf8(`tallystick test key ${name}`));
const keys = new Map<string, string>();

/** The public key of a name, as hex. */
export function keyOf(name: string): string {
  const key = keys.get(name) ?? encodeHex(ed25519.getPublicKey(seedOf(name)));
  keys.set(name, key);
  return key;
}

const signatures = new Map<string, Uint8Array>();

/** Signs as somebody; what was signed before is not signed again, for the tests' sake. */
export const signerOf = (name: string) => (message: Uint8Array) => {
  const at = `${name} ${encodeHex(sha256(message))}`;
  const signature = signatures.get(at) ?? ed25519.sign(message, seedOf(name));
  signatures.set(at, signature);
  return signature;
};

export const hashOf = (name: string): string => encodeHex(sha256(utf8(name)));

function partyOf(id: string, jurisdiction: string): StandingAgreement['parties'][number] {
  const officers = [
    ['ana', 'analyst'],
    ['approver-1', 'approver'],
    ['approver-2', 'approver'],
    ['keeper', 'custodian'],
  ] as const;
  return {
    ...stationOf(id),
    jurisdiction,
    supervisor: `Data protection authority of ${jurisdiction}`,
    officers: officers.map(([name, role]) => ({ id: name, role, publicKey: keyOf(`${id}/${name}`) })),
  };
}

function stationOf(id: string) {
  const publicKey = keyOf(id);
  return { id, name: `Agency ${id}`, fingerprint: fingerprintOfKey(parseHex(publicKey)), publicKey };
}

export const marks = { tlp: 'AMBER', pap: 'GREEN' } as const;
const listOf = (party: string): StandingAgreement['lists'][number] => ({
  party,
  category: 'wanted',
  subject: 'person',
  recipes: ['document', 'name+birthyear'],
  recipeVersion: 1,
  minIdentifiers: 100,
  maxIdentifiers: 100_000,
  labels: party === 'alba' ? ['high', 'low'] : null,
});

export function agreementOf(): StandingAgreement {
  return {
    format: 'tallystick-agreement-1',
    name: 'three-rivers',
    title: 'Three rivers: wanted persons',
    version: 2,
    supersedes: hashOf('three rivers, version 1'),
    notBefore: '2027-01-01T00:00:00Z',
    notAfter: '2028-01-01T00:00:00Z',
    parties: [partyOf('alba', 'ITA'), partyOf('borea', 'NOR'), partyOf('cedra', 'LTU')],
    collectors: [stationOf('hub'), stationOf('hub-2')],
    oversight: [
      {
        id: 'watch',
        name: 'Joint supervisory board',
        publicKey: keyOf('watch'),
        powers: ['authorise', 'veto', 'suspend'],
      },
      { id: 'inspect', name: 'Inspector general', publicKey: keyOf('inspect'), powers: ['veto', 'suspend'] },
    ],
    legalBasis: ['ITA', 'NOR', 'LTU'].map((jurisdiction) => ({
      jurisdiction,
      citation: `Police cooperation act of ${jurisdiction}, section 7`,
      assessment: hashOf(`assessment ${jurisdiction}`),
    })),
    purposes: [
      {
        id: 'find',
        term: 'sector-law:CriminalLawEnforcement',
        text: 'Find persons wanted by more than one party.',
      },
      {
        id: 'measure',
        term: 'dpv:ProvideOfficialStatistics',
        text: 'How many are wanted by several parties.',
      },
    ],
    prohibitedUses: ['automated-decision', 'mass-screening', 'commercial'],
    lists: [listOf('alba'), listOf('borea'), listOf('cedra')],
    outputs: [
      {
        id: 'pair',
        kind: 'matches',
        form: 'direct',
        purposes: ['find'],
        tiers: ['routine'],
        receivers: ['alba', 'borea'],
        collectors: null,
        collectorsNeeded: 0,
        listOwnerCollects: null,
        verified: true,
        marks,
        predicates: null,
        which: false,
      },
      {
        id: 'numbers',
        kind: 'counts',
        form: 'sealed',
        purposes: ['measure'],
        tiers: ['routine'],
        receivers: ['alba', 'borea', 'cedra'],
        collectors: ['hub'],
        collectorsNeeded: 1,
        listOwnerCollects: null,
        verified: true,
        marks,
        statistics: ['histogram', 'pairs'],
        labels: true,
      },
      {
        id: 'threat',
        kind: 'matches',
        form: 'sealed',
        purposes: ['find'],
        tiers: ['routine', 'imminent'],
        receivers: ['alba', 'borea', 'cedra'],
        collectors: ['hub', 'hub-2', 'cedra'],
        collectorsNeeded: 2,
        listOwnerCollects: 'charged-as-matches',
        verified: false,
        marks,
        predicates: ['all', 'at-least'],
        which: true,
      },
    ],
    tiers: {
      routine: { approvals: 1, custodians: 0, oversight: 'asked' },
      imminent: {
        approvals: 2,
        custodians: 0,
        oversight: 'afterwards',
        lastsHours: 24,
        reviewWithinHours: 72,
        maxUnreviewed: 2,
      },
    },
    privacy: {
      minCount: 10,
      noise: { mechanism: 'gaussian', microEpsilon: 500_000, deltaExponent: 9 },
      identifiersPerRecord: 8,
      padTo: 1000,
      budget: {
        periodDays: 30,
        microEpsilon: 2_000_000,
        femtoDelta: 5_000_000,
        records: 400_000,
        listVersions: 3,
      },
    },
    caps: {
      sessionsPerDay: 6,
      recordsPerDay: 300_000,
      pairSessionsPerDay: 4,
      pairRecordsPerDay: 200_000,
      proposalMinutes: 120,
    },
    retention: { resultDays: 30, logDays: 3650 },
    suites: ['ristretto255-SHA512'],
    software: { minVersion: '0.2.0', evidence: 'self-asserted' },
    freshness: { notSuspendedMinutes: 30, membershipHours: 24, witnessHours: 48, clockSeconds: 60 },
    suspension: { by: 'any-one', resumeBy: 'all', afterWithdrawal: 'rest-stands' },
    redress: {
      contact: 'redress@three-rivers.example',
      acknowledgeDays: 10,
      decideDays: 60,
      disclosure: 'never',
    },
    incident: { contact: 'incident@three-rivers.example', notifyHours: 24 },
  };
}
