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
import { type LabelGroup, listsIn } from '@tallystick/protocol/privacy';
import { suiteName } from '@tallystick/protocol/suite';
import type { MessageOf, SignedMessage, ReleasedCell, ReleasedCounts } from '@tallystick/protocol/wire';
import type { PumpCounters } from '@tallystick/host/pump';
import { retentionDays, retentionOf } from '../retention/index.ts';
import { answersOf } from './explain.ts';
import { describeLabels } from './labels.ts';
import type {
  CaseReference,
  CountRow,
  DecisionRecord,
  ReleasedNumber,
  ReleaseFacts,
  SessionDetail,
  SessionRetention,
  SessionState,
  SessionSummary,
} from '../control/api.ts';

/** What a session has come to know, as it goes. */
export interface SessionFacts {
  readonly session: string;
  state: SessionState;
  /** The peer that is to propose, until a proposal says so. */
  proposer: string;
  proposal: MessageOf<'proposal'> | undefined;
  caseReference: CaseReference | null;
  sizes: readonly number[] | undefined;
  /** By party: what was announced under each label; null for a list without labels. */
  groups: readonly (readonly LabelGroup[] | null)[] | undefined;
  own: SessionDetail['own'];
  decisions: readonly DecisionRecord[];
  outcome: Outcome | undefined;
  /** The session whose stored answer is this one's. */
  stored: SessionDetail | undefined;
  transcript: Uint8Array | undefined;
  failure: { readonly error: TallyError; readonly by: string } | undefined;
  /** Days that the operator's own setting keeps results; undefined: none is set. */
  readonly ownRetentionDays: number | undefined;
  readonly startedAtMs: number;
  endedAtMs: number | undefined;
}

/** @param proposer who is to propose, as far as is known */
export function newFacts(
  session: string,
  proposer: string,
  startedAtMs: number,
  ownRetentionDays: number | undefined,
): SessionFacts {
  return {
    session,
    state: 'waiting',
    proposer,
    proposal: undefined,
    caseReference: null,
    sizes: undefined,
    groups: undefined,
    own: null,
    decisions: [],
    outcome: undefined,
    stored: undefined,
    transcript: undefined,
    failure: undefined,
    ownRetentionDays,
    startedAtMs,
    endedAtMs: undefined,
  };
}

/** Counts as the wire has them: exact ones, or what the collector released. */
function releasedOf(outcome: Outcome): ReleasedCounts | undefined {
  if (outcome.kind === 'release') return outcome.release;
  if (outcome.kind !== 'counts') return undefined;
  const { exactly } = outcome;
  const inAtLeast: number[] = Array.from({ length: Math.log2(exactly.length + 1) }, () => 0);
  exactly.forEach((count, index) => {
    for (let t = 0; t < listsIn(index + 1); t++) inAtLeast[t] = (inAtLeast[t] ?? 0) + count;
  });
  return { exactly: [...exactly], atLeast: atLeastFrom(exactly), inAtLeast, noise: null };
}

/** One row for every non-empty combination of parties, in the order of their bit masks. */
function countRows(parties: readonly string[], { exactly, atLeast }: ReleasedCounts): CountRow[] {
  return exactly.map((own, index) => {
    const [these, more] = [numberOf(own), numberOf(atLeast[index] ?? 0)];
    const reason = {
      ...(these.reason === undefined ? {} : { exactly: these.reason }),
      ...(more.reason === undefined ? {} : { atLeast: more.reason }),
    };
    return {
      in: parties.filter((_, bit) => ((index + 1) >> bit) & 1),
      exactly: these.count,
      atLeast: more.count,
      ...(Object.keys(reason).length === 0 ? {} : { reason }),
    };
  });
}

function releaseFacts({ inAtLeast, noise }: ReleasedCounts): ReleaseFacts {
  const numbers = inAtLeast.map(numberOf);
  return { noise, inAtLeast: numbers, union: numbers[0] ?? { count: 0 } };
}

function numberOf(cell: ReleasedCell): ReleasedNumber {
  return typeof cell === 'number' ? { count: cell } : { count: null, reason: cell };
}

/** @param messages signed ones of the session, as far as it is */
export function describeSession(
  facts: SessionFacts,
  counters: PumpCounters,
  messages: readonly SignedMessage[],
  nowMs: number,
): SessionDetail {
  const { proposal, outcome, stored, failure } = facts;
  const agreement = proposal?.agreement;
  const released = outcome && releasedOf(outcome);
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
    collectors: agreement?.collectors.map((station) => station.id) ?? [],
    output: agreement?.output ?? null,
    expiresAtMs: proposal?.expiresAtMs ?? null,
    caseReference: facts.caseReference,
    own: facts.own,
    matches:
      outcome?.kind === 'matches' && outcome.summary ? { ...outcome.summary } : (stored?.matches ?? null),
    counts: released ? countRows(ids, released) : (stored?.counts ?? null),
    labels: stored ? stored.labels : agreement ? describeLabels(agreement, facts) : null,
    release: released ? releaseFacts(released) : (stored?.release ?? null),
    request: proposal?.request ?? null,
    decisions: facts.decisions,
    answers: answersOf(messages),
    marks: proposal?.request?.output.marks ?? null,
    retention: retentionIn(facts),
    storedResultOf: stored?.session ?? null,
    privacy: agreement?.privacy ?? null,
    padTo: agreement?.padTo ?? null,
    caps: agreement?.caps ?? null,
    verification: verificationOf(facts),
    ...counters,
    elapsedMs: (facts.endedAtMs ?? nowMs) - facts.startedAtMs,
    startedAtMs: facts.startedAtMs,
    error: failure ? { code: failure.error.code, message: failure.error.message, by: failure.by } : null,
    transcript: stored
      ? stored.transcript
      : facts.transcript
        ? Buffer.from(facts.transcript).toString('hex')
        : null,
  };
}

function retentionIn({ proposal, ownRetentionDays, endedAtMs, stored }: SessionFacts): SessionRetention {
  const agreed = proposal?.request?.retentionDays ?? null;
  return retentionOf(retentionDays(agreed, ownRetentionDays), endedAtMs ?? null, stored?.retention);
}

function verificationOf({ outcome, stored }: SessionFacts): SessionDetail['verification'] {
  if (outcome?.kind === 'stored') return stored?.verification ?? 'unverified';
  return outcome?.verified === true ? 'verified' : 'unverified';
}

export function summarize(detail: SessionDetail): SessionSummary {
  const { session, role, state, form, proposer, parties, purpose, startedAtMs } = detail;
  return { session, role, state, form, proposer, parties: parties.map(({ id }) => id), purpose, startedAtMs };
}
