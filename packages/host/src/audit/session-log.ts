/**
 * What a station writes of one session.
 *
 * Purpose: in the order of a session: proposal, consents or refusals, the charge, the start before the freeze leaves, a
 * collector's release before its numbers leave, the result. Each is durable before the act; where one cannot be written,
 * the act does not happen.
 * Assumes: a station's log is its own word; the same session stands in every other station's log too.
 * Does not know: how entries are kept (log.ts), decisions.
 */
import { bandOf, type EntryBody } from '@tallystick/protocol/audit';
import { encodeHex } from '@tallystick/protocol/bytes';
import {
  hashConsents,
  hashProposal,
  type NotedHead,
  notedHead,
  type StationLedger,
} from '@tallystick/protocol/chain';
import type { MessageOf } from '@tallystick/protocol/wire';
import type { AuditLog } from './log.ts';

type Proposal = MessageOf<'proposal'>;
type Deny = Extract<EntryBody, { type: 'deny' }>;
type Result = Extract<EntryBody, { type: 'result' }>;

export interface SessionLogOptions {
  readonly audit: Pick<AuditLog, 'append' | 'appendWith'>;
  readonly identity: { readonly id: string };
}

/**
 * At the start of a process: sessions that it was in when it stopped have ended by that. A log that is broken says nothing.
 * @throws TallyError `store.write`.
 */
export function tellInterrupted(audit: Pick<AuditLog, 'append' | 'unended' | 'broken'>, self: string): void {
  if (audit.broken !== undefined) return;
  for (const { session, agreement, request, proposal } of audit.unended) {
    const about = { by: self, session, agreement, request };
    const ended = { outcome: 'aborted', transcript: null, code: 'peer.left', records: null } as const;
    audit.append({ ...about, type: 'result', proposal, ...ended });
  }
}

/** What every entry of a session has in common. */
const aboutOf = (session: string, by: string, proposal: Proposal | undefined) => ({
  by,
  session,
  agreement: proposal?.agreement.standing?.agreement ?? null,
  request: proposal?.agreement.standing?.request ?? null,
});

const idsOf = (stations: readonly { readonly id: string }[]): string[] => stations.map(({ id }) => id);

export class SessionLog {
  private readonly options: SessionLogOptions;
  private readonly session: string;

  constructor(options: SessionLogOptions, session: string) {
    this.options = options;
    this.session = session;
  }

  /** Before it is sent, or as soon as it arrived. */
  proposed(proposal: Proposal): void {
    const { agreement, caseCommitment, expiresAtMs } = proposal;
    this.options.audit.append({
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
    this.options.audit.append({
      ...aboutOf(this.session, this.options.identity.id, proposal),
      type: 'deny',
      phase,
      failed: failed.slice(0, 256).map(({ clause, code }) => ({ clause, code })),
    });
  }

  /** Ours before it leaves, another's as it arrives; with the head of its log that it shows. */
  consented(proposal: Proposal, by: string, identifiers: number, log: NotedHead | null): void {
    this.options.audit.append({
      ...aboutOf(this.session, by, proposal),
      type: 'consent',
      proposal: encodeHex(hashProposal(proposal)),
      identifiers: identifiers === 0 ? null : bandOf(identifiers),
      log,
    });
  }

  /** Officers' approvals that the session starts with: what each signed is the request. Before anything leaves. */
  approved(proposal: Proposal, approvals: readonly { readonly id: string; readonly of: string }[]): void {
    const about = aboutOf(this.session, this.options.identity.id, proposal);
    for (const { id, of } of approvals) {
      this.options.audit.append({ ...about, type: 'approve', approval: id, of });
    }
  }

  /** Ours before it leaves. */
  refused(proposal: Proposal, by: string, reasons: readonly string[]): void {
    this.options.audit.append({
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
        this.consented(proposal, consent.from, consent.identifiers, notedHead(consent));
      },
      charge: (proposal, consents) => {
        const { audit, identity } = this.options;
        const hash = hashProposal(proposal);
        const about = aboutOf(this.session, identity.id, proposal);
        const microEpsilon = proposal.agreement.privacy?.microEpsilon ?? null;
        const charged: EntryBody = {
          ...about,
          type: 'ledger',
          change: 'charge',
          partner: null,
          microEpsilon,
        };
        // No charge without its entry, and no entry without its charge.
        const repeats = audit.appendWith(() => {
          const result = ledger.charge(proposal, consents);
          return { result, entry: result === undefined ? charged : null };
        });
        audit.append({
          ...about,
          type: 'start',
          proposal: encodeHex(hash),
          consents: encodeHex(hashConsents(consents, proposal.agreement, hash)),
        });
        return repeats;
      },
    };
  }

  /** A collector's numbers, or marks, before they leave. */
  released(proposal: Proposal, transcript: Uint8Array): void {
    this.options.audit.append({
      ...aboutOf(this.session, this.options.identity.id, proposal),
      type: 'release',
      proposal: encodeHex(hashProposal(proposal)),
      transcript: encodeHex(transcript),
    });
  }

  /** The end. @param proposal undefined: it is not known any more */
  result(
    proposal: Proposal | undefined,
    facts: Pick<Result, 'outcome' | 'transcript' | 'code' | 'records'>,
  ): void {
    this.options.audit.append({
      ...aboutOf(this.session, this.options.identity.id, proposal),
      type: 'result',
      proposal: proposal === undefined ? null : encodeHex(hashProposal(proposal)),
      ...facts,
    });
  }
}
