/**
 * A session as the control API shows it.
 *
 * Purpose: public facts of a session in one shape, live or kept.
 * Assumes: nothing here is derived from contents of a list but what the protocol gives out.
 * Does not know: who asks.
 */
import { agreementIdText } from '@tallystick/protocol/agreement';
import { atLeastFrom, type Outcome } from '@tallystick/protocol/chain';
import type { TallyError } from '@tallystick/protocol/errors';
import { suiteName } from '@tallystick/protocol/suite';
import type { MessageOf } from '@tallystick/protocol/wire';
import type { PumpCounters } from '@tallystick/host/pump';
import type { CaseReference, CountRow, SessionDetail, SessionState, SessionSummary } from '../control/api.ts';

/** What a session has come to know, as it goes. */
export interface SessionFacts {
  readonly session: string;
  state: SessionState;
  /** The peer that is to propose, until a proposal says so. */
  proposer: string;
  proposal: MessageOf<'proposal'> | undefined;
  caseReference: CaseReference | null;
  sizes: readonly number[] | undefined;
  own: SessionDetail['own'];
  outcome: Outcome | undefined;
  transcript: Uint8Array | undefined;
  failure: { readonly error: TallyError; readonly by: string } | undefined;
  readonly startedAtMs: number;
  endedAtMs: number | undefined;
}

/** One row for every non-empty combination of parties, in the order of their bit masks. */
export function countRows(parties: readonly string[], exactly: readonly number[]): CountRow[] {
  const atLeast = atLeastFrom(exactly);
  return exactly.map((count, index) => ({
    in: parties.filter((_, bit) => ((index + 1) >> bit) & 1),
    exactly: count,
    atLeast: atLeast[index] ?? 0,
  }));
}

export function describeSession(facts: SessionFacts, counters: PumpCounters, nowMs: number): SessionDetail {
  const { proposal, outcome, failure } = facts;
  const agreement = proposal?.agreement;
  const ids = agreement?.parties.map((party) => party.id) ?? [];
  return {
    session: facts.session,
    role: 'party',
    state: facts.state,
    form: agreement?.form ?? null,
    suite: agreement?.suite ?? suiteName,
    recipes: agreement?.recipes ?? [],
    subject: agreement?.subject ?? null,
    purpose: agreement?.purpose ?? '',
    agreementId: agreement ? agreementIdText(agreement) : null,
    proposer: facts.proposer,
    parties: ids.map((id, index) => ({ id, identifiers: facts.sizes?.[index] ?? null })),
    collector: agreement?.collector?.id ?? null,
    output: agreement?.output ?? null,
    expiresAtMs: proposal?.expiresAtMs ?? null,
    caseReference: facts.caseReference,
    own: facts.own,
    matches: outcome?.kind === 'matches' && outcome.summary ? { ...outcome.summary } : null,
    counts: outcome?.kind === 'counts' ? countRows(ids, outcome.exactly) : null,
    verification: outcome?.verified === true ? 'verified' : 'unverified',
    ...counters,
    elapsedMs: (facts.endedAtMs ?? nowMs) - facts.startedAtMs,
    startedAtMs: facts.startedAtMs,
    error: failure ? { code: failure.error.code, message: failure.error.message, by: failure.by } : null,
    transcript: facts.transcript ? Buffer.from(facts.transcript).toString('hex') : null,
  };
}

export function summarize(detail: SessionDetail): SessionSummary {
  const { session, role, state, form, proposer, parties, purpose, startedAtMs } = detail;
  return { session, role, state, form, proposer, parties: parties.map(({ id }) => id), purpose, startedAtMs };
}
