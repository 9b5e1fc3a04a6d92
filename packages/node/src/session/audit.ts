/**
 * A session's part in the audit log of its node.
 *
 * Purpose: how it ended, before anybody is told of it; what did not belong, as attempts.
 * Assumes: what leads to the end is written as every station writes it (host/audit, SessionLog).
 * Does not know: how entries are kept, decisions.
 */
import { type Attempts, type AuditLog, SessionLog } from '@tallystick/host/audit';
import { type Log, pub, pubError } from '@tallystick/host/log';
import { bandOf, type EntryBody } from '@tallystick/protocol/audit';
import { encodeHex } from '@tallystick/protocol/bytes';
import { stationsOf } from '@tallystick/protocol/chain';
import { asTallyError } from '@tallystick/protocol/errors';
import type { SignedMessage } from '@tallystick/protocol/wire';
import type { SessionFacts } from './detail.ts';

type Outcome = Extract<EntryBody, { type: 'result' }>['outcome'];

export interface SessionAuditHost {
  readonly audit: AuditLog;
  readonly attempts: Attempts;
  readonly identity: { readonly id: string };
  readonly log: Log;
}

/** Nobody said anything wrong. */
const absences: ReadonlySet<string> = new Set(['peer.left', 'session.deadline']);

export class SessionAudit extends SessionLog {
  private readonly host: SessionAuditHost;

  constructor(host: SessionAuditHost, session: string) {
    super(host, session);
    this.host = host;
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
        proposal === undefined ? [] : stationsOf(proposal.agreement).filter(({ id }) => id !== self);
      const named = failure.error.among ?? others.map(({ id }) => id);
      const from = named.length === 1 ? (named[0] ?? null) : null;
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
    this.result(proposal, {
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
      this.host.log.error('audit.result', { session: pub(facts.session), error });
    }
  }
}
