/**
 * A session's part in the audit log.
 *
 * Purpose: what a session writes, in its order: proposal, consents or refusals, the start before the freeze leaves, the
 * result before anybody is told of it. Each is durable before the act; where one cannot be written, the act does not
 * happen.
 * Assumes: a station's log is its own word; the same session stands in every other station's log too.
 * Does not know: how entries are kept (host/audit), decisions.
 */
import type { Attempts, AuditLog } from '@tallystick/host/audit';
import { type Log, pub, pubError } from '@tallystick/host/log';
import { bandOf, type EntryBody } from '@tallystick/protocol/audit';
import { encodeHex } from '@tallystick/protocol/bytes';
import { hashConsents, hashProposal, stationsOf, type StationLedger } from '@tallystick/protocol/chain';
import { asTallyError } from '@tallystick/protocol/errors';
import type { MessageOf, SignedMessage } from '@tallystick/protocol/wire';
import type { SessionDetail } from '../control/api.ts';
import type { SessionFacts } from './detail.ts';

type Proposal = MessageOf<'proposal'>;
type Deny = Extract<EntryBody, { type: 'deny' }>;
type Outcome = Extract<EntryBody, { type: 'result' }>['outcome'];

export interface SessionAuditHost {
  readonly audit: AuditLog;
  readonly attempts: Attempts;
  readonly identity: { readonly id: string };
  readonly log: Log;
}

/** Nobody said anything wrong. */
const absences: ReadonlySet<string> = new Set(['peer.left', 'session.deadline']);

const idsOf = (stations: readonly { readonly id: string }[]): string[] => stations.map(({ id }) => id);

/** What every entry of a session has in common. */
const aboutOf = (session: string, by: string, proposal: Proposal | undefined) => ({
  by,
  session,
  agreement: proposal?.agreement.standing?.agreement ?? null,
  request: proposal?.agreement.standing?.request ?? null,
});

export class SessionAudit {
  private readonly host: SessionAuditHost;
  private readonly session: string;

  constructor(host: SessionAuditHost, session: string) {
    this.host = host;
    this.session = session;
  }

  /** Before it is sent, or as soon as it arrived. */
  proposed(proposal: Proposal): void {
    const { agreement, caseCommitment, expiresAtMs } = proposal;
    this.host.audit.append({
      ...aboutOf(this.session, proposal.proposer, proposal),
      type: 'propose',
      proposal: encodeHex(hashProposal(proposal)),
      parties: idsOf(agreement.parties),
      collectors: idsOf(agreement.collectors),
      form: agreement.form,
      output: agreement.output.kind,
      purpose: proposal.request?.purpose ?? null,
      tier: proposal.request?.tier ?? null,
      caseCommitment,
      expiresAtMs,
    });
  }

  /** Our decision stands against it. */
  denied(
    proposal: Proposal,
    phase: Deny['phase'],
    failed: readonly { readonly clause: string; readonly code: string }[],
  ): void {
    this.host.audit.append({
      ...aboutOf(this.session, this.host.identity.id, proposal),
      type: 'deny',
      phase,
      failed: failed.slice(0, 256).map(({ clause, code }) => ({ clause, code })),
    });
  }

  /** Ours before it leaves, another's as it arrives. */
  consented(proposal: Proposal, by: string, identifiers: number): void {
    this.host.audit.append({
      ...aboutOf(this.session, by, proposal),
      type: 'consent',
      proposal: encodeHex(hashProposal(proposal)),
      identifiers: identifiers === 0 ? null : bandOf(identifiers),
    });
  }

  /** Ours before it leaves. */
  refused(proposal: Proposal, by: string, reasons: readonly string[]): void {
    this.host.audit.append({
      ...aboutOf(this.session, by, proposal),
      type: 'refuse',
      proposal: encodeHex(hashProposal(proposal)),
      reasons: [...reasons],
    });
  }

  /**
   * The ledger as the machine sees it, with the log beside it: every consent that arrives, and the start, which the
   * machine charges just before its freeze leaves.
   */
  around(ledger: StationLedger): StationLedger {
    return {
      compare: (proposal, consent) => {
        ledger.compare(proposal, consent);
        this.consented(proposal, consent.from, consent.identifiers);
      },
      charge: (proposal, consents) => {
        const repeats = ledger.charge(proposal, consents);
        const hash = hashProposal(proposal);
        const about = aboutOf(this.session, this.host.identity.id, proposal);
        if (repeats === undefined) {
          const microEpsilon = proposal.agreement.privacy?.microEpsilon ?? null;
          this.host.audit.append({ ...about, type: 'ledger', change: 'charge', partner: null, microEpsilon });
        }
        this.host.audit.append({
          ...about,
          type: 'start',
          proposal: encodeHex(hash),
          consents: encodeHex(hashConsents(consents, proposal.agreement, hash)),
        });
        return repeats;
      },
    };
  }

  /**
   * The end, before anybody is told of it. Refusals of others are written here, too: they end the session.
   * @throws TallyError `store.write`, `log.broken`: then there is no result.
   */
  ended(facts: SessionFacts, messages: readonly SignedMessage[]): void {
    const { proposal, outcome, failure, transcript } = facts;
    const self = this.host.identity.id;
    // What we found ourselves; a code that another station told us is its word.
    if (failure?.by === self && failure.error.fault === 'peer' && !absences.has(failure.error.code)) {
      const others =
        proposal === undefined ? [] : idsOf(stationsOf(proposal.agreement)).filter((id) => id !== self);
      const [from = null] = others.length === 1 ? others : [];
      const agreement = proposal?.agreement.standing?.agreement;
      this.host.attempts.note({ from, code: failure.error.code, ...(agreement && { agreement }) });
    }
    if (proposal === undefined) return;
    for (const message of messages) {
      if (message.type === 'refusal' && message.from !== self) {
        this.refused(proposal, message.from, message.reasons);
      }
    }
    const records = outcome?.kind === 'matches' ? (outcome.summary?.records ?? null) : null;
    const isDone = facts.state === 'done';
    const kind: Outcome = !isDone ? 'aborted' : outcome?.kind === 'stored' ? 'stored' : 'done';
    this.host.audit.append({
      ...aboutOf(this.session, self, proposal),
      type: 'result',
      proposal: encodeHex(hashProposal(proposal)),
      outcome: kind,
      transcript: isDone && transcript !== undefined ? encodeHex(transcript) : null,
      code: failure?.error.code ?? null,
      records: isDone && records !== null ? bandOf(records) : null,
    });
  }

  /** A result that was written and then could not be kept. Never throws: nobody was told of it. */
  lost(facts: SessionFacts): void {
    try {
      this.ended({ ...facts, state: 'aborted' }, []);
    } catch (thrown) {
      const error = pubError(asTallyError(thrown));
      this.host.log.error('audit.result', { session: pub(this.session), error });
    }
  }
}

/** The result of a session that was under way when the process stopped. */
export function auditInterrupted(audit: AuditLog, detail: SessionDetail, self: string): void {
  audit.append({
    ...aboutOf(detail.session, self, undefined),
    type: 'result',
    proposal: null,
    outcome: 'aborted',
    transcript: null,
    code: 'peer.left',
    records: null,
  });
}
