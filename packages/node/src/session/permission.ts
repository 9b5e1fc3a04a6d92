/**
 * What permits one session: the decisions of its node, in their order.
 *
 * Purpose: pins, own rules and ledger when a proposal arrives; under a standing agreement the decision of the phase,
 * with everything that this session has heard so far. A request and its approvals are claimed for this session before
 * anything is done on them. Every decision is kept with the session.
 * Assumes: form and signatures of messages were checked. Does not know: channels, who is told of a denial.
 */
import { pub } from '@tallystick/host/log';
import type { LedgerReason } from '@tallystick/host/ledger';
import type { Greeting } from '@tallystick/host/pump';
import { TallyError } from '@tallystick/protocol/errors';
import type { Approval, PolicyState } from '@tallystick/protocol/policy';
import type { MessageOf } from '@tallystick/protocol/wire';
import type { DecisionRecord } from '../control/explain.ts';
import { decide, type SessionKnowledge } from '../guard/index.ts';
import type { SessionAudit } from './audit.ts';
import type { Called } from './channels.ts';
import type { SessionFacts } from './detail.ts';
import { agreementRecord, decisionRecord } from './explain.ts';
import type { SessionLedger } from './ledger.ts';
import type { SessionHost } from './types.ts';

type Proposal = MessageOf<'proposal'>;
type Consent = MessageOf<'consent'>;
type Phase = PolicyState['phase'];

/** What our own consent would say of our list. */
export interface OwnSize {
  readonly identifiers: number;
  /** Null for nobody who brings a list. */
  readonly listVersion: string | null;
}

/** What a person is told whose own node denies. */
export function deniedError(what: string, { failed }: DecisionRecord): TallyError {
  const clauses = failed.map(({ clause, code, at }) =>
    at === clause ? `${clause} (${code})` : `${clause} (${code}, ${at})`,
  );
  return new TallyError('agreement.denied', `${what}: denied by ${clauses.join(', ')}`);
}

/** Pins, own rules, ledger, and whether this node holds an agreement for it: what needs no channel. */
export function decideArrival(
  { identity, rules, clock, guard, peers }: SessionHost,
  proposal: Proposal,
  ledger: readonly LedgerReason[],
): DecisionRecord {
  const nowMs = clock.nowMs();
  const decision = decide(proposal, { self: identity, peers: peers(), rules, nowMs, ledger });
  const phase = proposal.proposer === identity.id ? 'propose' : 'consent';
  const record = decisionRecord(phase, proposal, rules, decision, nowMs);
  const failed = [...record.failed, ...guard.unheld(proposal)];
  return { ...record, kind: failed.length === 0 ? 'permit' : 'denial', failed };
}

/** By the standing agreement. A permit has claimed the request and these approvals. Throws `store.write`. */
export function decideStanding(
  { guard }: SessionHost,
  phase: Phase,
  knowledge: SessionKnowledge,
): DecisionRecord {
  const { proposal, approvals, nowMs } = knowledge;
  const failed = guard.failures(phase, knowledge);
  if (failed.length === 0) guard.claim(proposal, approvals, nowMs);
  return agreementRecord(phase, proposal, failed, nowMs);
}

export interface PermissionContext {
  readonly host: SessionHost;
  readonly ledger: SessionLedger;
  readonly audit: SessionAudit;
  readonly facts: SessionFacts;
}

/** Each decision: the coded reasons against it, as a refusal carries them; none: permitted. */
export class SessionPermission {
  /** What our own people approved of this session. */
  readonly approvals: Approval[] = [];
  private readonly greetings = new Map<string, Greeting>();
  private readonly knownLogs = new Map<string, number | null>();
  private readonly context: PermissionContext;

  constructor(context: PermissionContext) {
    this.context = context;
  }

  /** A station said who it is, as its channel opened. */
  heard(peer: string, { greeting, knownLog }: Called): void {
    this.greetings.set(peer, greeting);
    this.knownLogs.set(peer, knownLog);
  }

  /** Whether another's proposal is written down at all, or only counted: a peer has so many an hour. */
  isHeard({ proposer }: Proposal): boolean {
    const { identity, arrivals, attempts, clock } = this.context.host;
    if (proposer === identity.id || arrivals.take(proposer, clock.nowMs())) return true;
    attempts.note({ from: proposer, code: 'session.busy' });
    return false;
  }

  /** A proposal is here. */
  arrival(proposal: Proposal): string[] {
    const { host, ledger } = this.context;
    host.guard.tell(proposal);
    return this.kept(proposal, decideArrival(host, proposal, ledger.findings(proposal)));
  }

  /** Every channel is here: may our people be asked. */
  offer(proposal: Proposal): string[] {
    return this.decided('propose', proposal, { approvals: [], announced: [], listVersion: null });
  }

  /** Our list is open and our people have approved. */
  consent(proposal: Proposal, own: OwnSize): string[] {
    const announced = [{ party: this.context.host.identity.id, identifiers: own.identifiers }];
    const { listVersion } = own;
    return this.decided('consent', proposal, { approvals: this.approvals, announced, listVersion });
  }

  /** Every consent is in. */
  start(proposal: Proposal, consents: ReadonlyMap<string, Consent>): string[] {
    const parties = proposal.agreement.parties.flatMap(({ id }) => consents.get(id) ?? []);
    const announced = parties.map(({ from, identifiers }) => ({ party: from, identifiers }));
    const approvals = [...consents.values()].flatMap((consent) => consent.approvals);
    const listVersion = consents.get(this.context.host.identity.id)?.listVersion ?? null;
    const reasons = this.decided('start', proposal, { approvals, announced, listVersion, consents });
    const all = [...new Set([...this.logFaults(consents), ...reasons])];
    if (all.length > 0 || proposal.request === null) return all;
    const given = new Map([...proposal.request.approvals, ...approvals].map((one) => [one.id, one]));
    this.context.audit.approved(proposal, [...given.values()]);
    return all;
  }

  /** What a person is told of the last decision. */
  error(what: string): TallyError {
    const last = this.context.facts.decisions.at(-1);
    if (last === undefined) throw new TallyError('internal.bug', 'permission: nothing was decided');
    return deniedError(what, last);
  }

  /** Logs that do not go on from what we witnessed of them: whatever was agreed. */
  private logFaults(consents: ReadonlyMap<string, Consent>): string[] {
    const { shownLogs, identity } = this.context.host;
    return [...consents.values()].flatMap(({ from, log }) => {
      if (from === identity.id || log === null) return [];
      return shownLogs.against(from, log, this.knownLogs.get(from) ?? null) ?? [];
    });
  }

  private decided(
    phase: Phase,
    proposal: Proposal,
    heard: Pick<SessionKnowledge, 'approvals' | 'announced' | 'listVersion' | 'consents'>,
  ): string[] {
    if (proposal.request === null) return [];
    const { host } = this.context;
    const { greetings } = this;
    const nowMs = host.clock.nowMs();
    const knowledge = { proposal, nowMs, greetings, ...heard };
    return this.kept(proposal, decideStanding(host, phase, knowledge));
  }

  private kept(proposal: Proposal, record: DecisionRecord): string[] {
    const { host, audit, facts } = this.context;
    const same = (one: DecisionRecord): boolean =>
      one.phase === record.phase && one.agreement === record.agreement && one.kind === record.kind;
    // Asked again in the same phase, a permit is no news; a denial may have others' reasons.
    const isNews = record.kind === 'denial' || !facts.decisions.some(same);
    if (isNews) facts.decisions = [...facts.decisions, record];
    if (record.kind === 'permit') return [];
    for (const { clause, code } of record.failed) {
      host.log.warn('session.denied', { session: pub(facts.session), clause: pub(clause), code: pub(code) });
    }
    audit.denied(proposal, record.phase, record.failed);
    return [...new Set(record.failed.map(({ code }) => code))].slice(0, 32);
  }
}
