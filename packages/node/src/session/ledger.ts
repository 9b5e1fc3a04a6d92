/**
 * A session's part in the privacy ledger, from the node's side.
 *
 * Purpose: what a session asks of the node's ledger, in its order: findings, reserve, statement, confirm, end.
 * Assumes: `KeptLedger` keeps and counts; the machine calls it before its freeze. Does not know: channels, the vault.
 */
import { type KeptLedger, type LedgerReason } from '@tallystick/host/ledger';
import { pub, pubError, type Log } from '@tallystick/host/log';
import { ledgerScopeOf } from '@tallystick/protocol/chain';
import { versionCommitment } from '@tallystick/protocol/privacy';
import type { MessageOf } from '@tallystick/protocol/wire';
import type { SessionDetail } from '../control/api.ts';
import type { SessionHost, StoredList } from './types.ts';

type Proposal = MessageOf<'proposal'>;

/** The same for the same contents towards the same parties; towards others it is another. */
export function versionOf(proposal: Proposal, self: string, { version }: StoredList): string {
  const { series } = ledgerScopeOf(proposal);
  return versionCommitment(Buffer.from(version, 'hex'), series, self);
}

/** An answer that was deleted cannot stand in for another. */
const isAnswerKept = (detail: SessionDetail | undefined): boolean =>
  detail?.state === 'done' && detail.retention.deletedAtMs === null;

export class SessionLedger {
  private readonly ledger: KeptLedger;
  private readonly self: string;
  private readonly log: Log;
  private readonly kept: SessionHost['kept'];

  constructor({ ledger, identity, log, kept }: Pick<SessionHost, 'ledger' | 'identity' | 'log' | 'kept'>) {
    this.ledger = ledger;
    this.self = identity.id;
    this.log = log;
    this.kept = kept;
  }

  findings(proposal: Proposal): LedgerReason[] {
    return this.ledger.findings(proposal);
  }

  versionOf(proposal: Proposal, list: StoredList): string {
    return versionOf(proposal, this.self, list);
  }

  /** Holds what our consent may cost; gives the commitment to the list's version. Throws `privacy.budget`. */
  reserve(proposal: Proposal, list: StoredList, identifiers: number): string {
    const version = versionOf(proposal, this.self, list);
    this.ledger.reserve(proposal, { version, identifiers });
    return version;
  }

  statement(proposal: Proposal): ReturnType<KeptLedger['statement']> {
    return this.ledger.statement(proposal, (session) => isAnswerKept(this.kept(session)));
  }

  confirm(proposal: Proposal | undefined): void {
    if (proposal !== undefined) this.ledger.confirm(proposal);
  }

  /** A ledger that fails now has failed before anything was charged, or keeps its charge: the session's end stands. */
  end(proposal: Proposal | undefined, isDone: boolean): void {
    if (proposal === undefined) return;
    try {
      this.ledger.end(proposal, isDone);
    } catch (thrown) {
      this.log.error('ledger.end', { session: pub(proposal.session), error: pubError(thrown) });
    }
  }
}
