/**
 * A small world that permits: three requests, and what a node knows.
 *
 * Purpose: cases change one thing of it and say which clauses must fail. Everything is made from names and fixed
 * times, so that vectors are the same on every machine.
 * Assumes: world-agreement.testkit.ts. Does not know: which clause a change offends.
 */
import { instantMs } from '../agreement/instant.ts';
import { signersOf, signStanding, standingId, type SignedAgreement } from '../agreement/signed.ts';
import type { StandingAgreement } from '../agreement/standing.ts';
import {
  type Approval,
  type PolicyRequest,
  type RequestDraft,
  requestId,
  signApproval,
  signRequest,
} from './request.ts';
import type { LocalRule } from './rules.ts';
import type { PolicyState } from './state.ts';
import { agreementOf, hashOf, keyOf, marks, signerOf } from './world-agreement.testkit.ts';

export const nowMs = instantMs('2027-03-01T12:00:00Z') as number;
export const minute = 60_000;
export const hour = 60 * minute;

/** What a case changes. Approvals are signed after the request is complete, unless the case signs one itself. */
export interface World {
  agreement: StandingAgreement;
  request: Omit<RequestDraft, 'agreement'> & { agreement?: string };
  /** Name of the key that signs the request; null: of its requester. */
  asker: string | null;
  /** Name of the key that signs, and what differs from a good approval. */
  approvals: { key: string; of: string; officer: string | null; change?: Partial<Approval> }[];
  state: PolicyState;
  rules: LocalRule[];
  nowMs: number;
}

export const approvalBy = (of: string, officer: string | null): World['approvals'][number] => ({
  key: officer === null ? of : `${of}/${officer}`,
  of,
  officer,
});

const stateOf = (...announced: string[]): PolicyState => ({
  self: 'borea',
  phase: 'consent',
  versions: [{ id: hashOf('three rivers, version 1'), version: 1, notBeforeMs: 0 }],
  membership: {
    heardAtMs: nowMs - hour,
    suspendedBy: [],
    withdrawn: [],
    renewed: [],
    notSuspended: ['alba', 'cedra', 'watch', 'inspect'].map((from) => ({ from, atMs: nowMs - minute })),
    keys: [],
  },
  clock: {
    trusted: true,
    offsets: ['alba', 'cedra', 'hub', 'hub-2'].map((peer) => ({ peer, offsetMs: 250 })),
  },
  announced: announced.map((party) => ({ party, identifiers: 5000 })),
  approvalsUsed: [],
  noncesSeen: [],
  vetoes: [],
  emergencies: [],
  ledger: {
    today: { sessions: 2, records: 50_000 },
    partners: ['alba', 'cedra'].map((partner) => ({
      partner,
      microEpsilon: 500_000,
      femtoDelta: 1_000_000,
      records: 100_000,
      listVersions: 1,
      isNewListVersion: false,
      sessionsToday: 1,
      recordsToday: 50_000,
      agrees: true,
    })),
  },
  log: {
    intact: true,
    confirmed: true,
    witnessedAtMs: nowMs - hour,
    partners: ['alba', 'cedra'].map((station) => ({ station, witnessedAtMs: nowMs - hour })),
  },
  software: ['alba', 'borea', 'cedra', 'hub', 'hub-2'].map((station) => ({ station, version: '0.2.0' })),
});

const listsOf = (...parties: string[]) =>
  parties.map((party) => ({
    party,
    category: 'wanted' as const,
  }));

const common = {
  proposer: 'alba',
  requester: 'ana',
  caseCommitment: hashOf('case'),
  suite: 'ristretto255-SHA512',
  verified: true,
  subject: 'person' as const,
  recipes: ['document' as const],
  recipeVersion: 1,
  retentionDays: 10,
  createdAtMs: nowMs - minute,
  expiresAtMs: nowMs + hour,
  nonce: hashOf('nonce'),
};

/** The three kinds of request of the agreement; each is permitted as it is. */
const made = {
  pair: (): World => ({
    agreement: agreementOf(),
    request: {
      ...common,
      purpose: 'find',
      uses: ['investigative-lead'],
      tier: 'routine',
      emergency: null,
      form: 'direct',
      lists: listsOf('alba', 'borea'),
      output: {
        id: 'pair',
        receivers: ['alba', 'borea'],
        predicate: null,
        atLeast: null,
        which: false,
        statistics: null,
        labels: null,
        marks,
      },
      collectors: [],
      privacy: null,
      cost: { microEpsilon: 0, femtoDelta: 0, records: 100_000 },
    },
    asker: null,
    approvals: [
      approvalBy('alba', 'approver-1'),
      approvalBy('borea', 'approver-1'),
      approvalBy('watch', null),
    ],
    state: stateOf('alba', 'borea'),
    rules: [],
    nowMs,
  }),
  numbers: (): World => ({
    agreement: agreementOf(),
    request: {
      ...common,
      purpose: 'measure',
      uses: ['statistics'],
      tier: 'routine',
      emergency: null,
      form: 'sealed',
      lists: listsOf('alba', 'borea', 'cedra'),
      output: {
        id: 'numbers',
        receivers: ['alba', 'borea', 'cedra'],
        predicate: null,
        atLeast: null,
        which: false,
        statistics: ['histogram'],
        labels: [{ party: 'alba', field: 'risk', labels: ['high'], minSize: 10 }],
        marks,
      },
      collectors: ['hub'],
      privacy: {
        minCount: 10,
        noise: { mechanism: 'gaussian', microEpsilon: 500_000, deltaExponent: 9 },
        identifiersPerRecord: 8,
        padTo: 1000,
      },
      cost: { microEpsilon: 500_000, femtoDelta: 1_000_000, records: 0 },
    },
    asker: null,
    approvals: [
      approvalBy('alba', 'approver-1'),
      approvalBy('borea', 'approver-2'),
      approvalBy('watch', null),
    ],
    state: stateOf('alba', 'borea', 'cedra'),
    rules: [],
    nowMs,
  }),
  threat: (): World => ({
    agreement: agreementOf(),
    request: {
      ...common,
      purpose: 'find',
      uses: ['investigative-lead', 'identity-check'],
      tier: 'imminent',
      emergency: hashOf('emergency'),
      form: 'sealed',
      lists: listsOf('alba', 'borea', 'cedra'),
      output: {
        id: 'threat',
        receivers: ['alba', 'borea'],
        predicate: 'at-least',
        atLeast: 2,
        which: true,
        statistics: null,
        labels: null,
        marks,
      },
      collectors: ['hub', 'cedra'],
      privacy: null,
      cost: { microEpsilon: 0, femtoDelta: 0, records: 100_000 },
    },
    asker: null,
    approvals: ['alba', 'borea'].flatMap((of) =>
      ['approver-1', 'approver-2'].map((who) => approvalBy(of, who)),
    ),
    state: {
      ...stateOf('alba', 'borea', 'cedra'),
      emergencies: [{ id: hashOf('emergency'), declaredAtMs: nowMs - hour, review: null }],
    },
    rules: [],
    nowMs,
  }),
} as const;

const texts = new Map<BaseName, string>();

/** A fresh world, which a case may change. */
export function worldOf(base: BaseName): World {
  const text = texts.get(base) ?? JSON.stringify(made[base]());
  texts.set(base, text);
  return JSON.parse(text) as World;
}

export type BaseName = keyof typeof made;

const signaturesOf = new Map<string, SignedAgreement['signatures']>();

/** Signed by everybody, with the keys of their ids; once, where many worlds have one agreement. */
export function signAll(agreement: StandingAgreement): SignedAgreement {
  const text = JSON.stringify(agreement);
  const signatures =
    signaturesOf.get(text) ??
    signersOf(agreement).map(({ id }) => signStanding(agreement, id, keyOf(id), signerOf(id)));
  signaturesOf.set(text, signatures);
  return { agreement, signatures: signatures.map((one) => ({ ...one })) };
}

/** The request of a world, signed by its requester and by whoever approves. */
export function sealRequest(world: World): PolicyRequest {
  const body = { ...world.request, agreement: world.request.agreement ?? standingId(world.agreement) };
  const id = requestId(body);
  const approvals = world.approvals.map(({ key, of, officer, change }, i) => {
    const good = {
      id: hashOf(`approval ${i}`).slice(0, 32),
      of,
      officer,
      request: id,
      expiresAtMs: world.nowMs + hour,
    };
    return { ...signApproval({ ...good, ...change }, signerOf(key)), ...change };
  });
  const asker = world.asker ?? `${body.proposer}/${body.requester}`;
  return { ...signRequest(body, signerOf(asker)), approvals };
}

/** The arguments of `decide` for a world. */
export function sealWorld(world: World) {
  return {
    agreement: signAll(world.agreement),
    rules: world.rules,
    request: sealRequest(world),
    state: world.state,
    nowMs: world.nowMs,
  };
}
