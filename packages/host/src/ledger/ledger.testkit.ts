/** Proposals and consents for tests of kept ledgers: well formed, unsigned. */
import type { Agreement } from '@tallystick/protocol/agreement';
import type { LedgerCaps } from '@tallystick/protocol/privacy';
import type { MessageOf } from '@tallystick/protocol/wire';
import type { Clock } from '../clock/index.ts';
import { createSealer } from '../seal/index.ts';
import type { Store } from '../store/index.ts';
import { createLedgerBooks } from './books.ts';
import { KeptLedger, type LocalCaps } from './station.ts';

type Proposal = MessageOf<'proposal'>;
type Consent = MessageOf<'consent'>;

const hex = (n: number, bytes: number): string => n.toString(16).padStart(2 * bytes, '0');
export const nowMs = 1_000 * 86_400_000;
export const clock = { nowMs: () => nowMs, setTimer: () => () => undefined };
export const fingerprintOf = (id: string): string => `sha256:${id.padEnd(43, 'A')}`;
export const dataKeyOf = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);

export interface Question {
  readonly caps?: Partial<LedgerCaps>;
  readonly purpose?: string;
  readonly verified?: boolean;
  readonly parties?: readonly string[];
  readonly collector?: string;
  readonly microEpsilon?: number;
  readonly atMs?: number;
}

export function proposalOf(n: number, question: Question = {}): Proposal {
  const { parties = ['north', 'south'], collector, microEpsilon, caps } = question;
  const station = (id: string) => ({ id, publicKey: '', fingerprint: fingerprintOf(id) });
  const none = { sessions: null, records: null, versions: null, microEpsilon: null };
  const agreement: Agreement = {
    version: 1,
    standing: null,
    suite: 'ristretto255-SHA512',
    form: collector === undefined ? 'direct' : 'sealed',
    parties: parties.map(station),
    collectors: collector === undefined ? [] : [station(collector)],
    purpose: question.purpose ?? 'a test',
    subject: 'any',
    recipes: ['name'],
    recipeVersion: 1,
    verified: question.verified ?? true,
    sentinels: 0,
    output:
      collector === undefined
        ? { kind: 'matches', to: [...parties], predicate: null, which: false }
        : { kind: 'counts' },
    privacy:
      microEpsilon === undefined
        ? null
        : { minCount: 0, microEpsilon, deltaExponent: null, identifiersPerRecord: 1, mechanism: 'laplace' },
    padTo: null,
    labels: null,
    caps: caps === undefined ? null : { periodDays: 7, ...none, ...caps },
    chunkElements: 16,
    notAfterMs: nowMs + 1,
  };
  const proposedAtMs = question.atMs ?? nowMs;
  return {
    type: 'proposal',
    session: hex(n, 16),
    proposer: 'north',
    agreement,
    request: null,
    caseCommitment: null,
    proposedAtMs,
    expiresAtMs: nowMs + 1,
    nonce: '',
    signature: '',
  };
}

export interface Side {
  readonly id: string;
  readonly ledger: KeptLedger;
  /** Of the own list; a collector has none. */
  readonly list?: { version: string; identifiers: number };
}

export function sideOn(store: Store, id: string, localCaps?: LocalCaps, fill = 1, time: Clock = clock): Side {
  const sealer = createSealer(dataKeyOf(fill), (n) => crypto.getRandomValues(new Uint8Array(n)));
  const books = createLedgerBooks(store, sealer);
  const self = { id, fingerprint: fingerprintOf(id) };
  const ledger = new KeptLedger({ books, self, clock: time, ...(localCaps && { localCaps }) });
  return { id, ledger, list: { version: hex(id.length, 32), identifiers: 10 } };
}

export function consentOf({ id, ledger, list }: Side, proposal: Proposal): Consent {
  return {
    type: 'consent',
    session: proposal.session,
    from: id,
    proposalHash: '',
    signature: '',
    labels: null,
    identifiers: list?.identifiers ?? 0,
    keyCommitment: null,
    possession: null,
    channels: [],
    listVersion: list?.version ?? null,
    ledger: ledger.statement(proposal, () => true),
    approvals: [],
    log: null,
    atMs: proposal.proposedAtMs,
  };
}

/** What a whole session does at every side; gives the session it repeats. `freezes`: who gets to its charge. */
export function runSession(
  sides: readonly Side[],
  proposal: Proposal,
  freezes: readonly string[] = sides.map(({ id }) => id),
): (string | undefined)[] {
  const consents = new Map<string, Consent>();
  for (const side of sides) side.ledger.reserve(proposal, side.list ?? null);
  for (const side of sides) consents.set(side.id, consentOf(side, proposal));
  const repeats: (string | undefined)[] = [];
  try {
    for (const { id, ledger } of sides.filter((side) => freezes.includes(side.id))) {
      for (const consent of consents.values()) if (consent.from !== id) ledger.compare(proposal, consent);
      repeats.push(ledger.charge(proposal, consents));
    }
    const isWhole = freezes.length === sides.length;
    for (const { ledger } of sides) if (isWhole) ledger.confirm(proposal);
    for (const { ledger } of sides) ledger.end(proposal, isWhole);
    return repeats;
  } catch (thrown) {
    for (const { ledger } of sides) ledger.end(proposal, false);
    throw thrown;
  }
}
