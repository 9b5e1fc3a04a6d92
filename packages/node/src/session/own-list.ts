/**
 * The own list of a session: opened in the vault, reserved in the ledger.
 *
 * Purpose: what our consent says of it. Where the ledger denies, the vault forgets it again, and another list, or the
 * same one later, may be tried.
 * Assumes: the session was offered and permitted. Does not know: channels, when consent is sent.
 */
import { pub } from '@tallystick/host/log';
import { agreementId } from '@tallystick/protocol/agreement';
import type { ConsentFacts } from '@tallystick/protocol/chain';
import { TallyError } from '@tallystick/protocol/errors';
import type { MessageOf } from '@tallystick/protocol/wire';
import type { SessionDetail } from '../control/api.ts';
import type { SessionLedger } from './ledger.ts';
import type { OwnSize } from './permission.ts';
import type { SessionHost, StoredList } from './types.ts';

export type ListFacts = Omit<ConsentFacts, 'channels' | 'ledger'>;

interface Opening {
  readonly proposal: MessageOf<'proposal'>;
  readonly proposalHash: Uint8Array;
  readonly list: StoredList;
  readonly isOver: () => boolean;
  /** Throws where the session is not permitted with a list of this size and version. */
  readonly permit: (own: OwnSize) => void;
}

/** @throws TallyError `session.state`, `list.*`, `privacy.budget`, `privacy.ledger`. */
export async function openOwnList(
  { vault, identity, limits, log, chunks }: SessionHost,
  ledger: SessionLedger,
  { proposal, proposalHash, list, isOver, permit }: Opening,
): Promise<{ readonly facts: ListFacts; readonly own: NonNullable<SessionDetail['own']> }> {
  const { session, agreement } = proposal;
  const request = {
    session,
    listId: list.listId,
    form: agreement.form,
    subject: agreement.subject,
    recipes: agreement.recipes,
    agreementId: agreementId(agreement),
    nodeId: identity.id,
    proposalHash,
    maxIdentifiers: limits.maxIdentifiers,
    // Noise is made for so many changes a record: a list that brought more would be protected less.
    identifiersPerRecord:
      agreement.privacy?.microEpsilon == null ? null : agreement.privacy.identifiersPerRecord,
    padTo: agreement.padTo,
    labels: agreement.labels?.find(({ party }) => party === identity.id) ?? null,
  };
  const opened = await vault.openSession(request, chunks(list));
  const { count, commitment, possession, labels, ...counts } = opened;
  const identifiers = count + counts.fillers;
  try {
    if (isOver()) throw new TallyError('session.state', 'consent: the session is over');
    permit({ identifiers, listVersion: ledger.versionOf(proposal, list) });
    const listVersion = ledger.reserve(proposal, list, identifiers);
    const { records } = counts;
    log.info('session.list', { session: pub(session), identifiers: pub(identifiers), records: pub(records) });
    return {
      facts: { identifiers, labels, keyCommitment: commitment, possession, listVersion },
      own: { list: list.name, identifiers: count, rejected: list.rejected, ...counts },
    };
  } catch (thrown) {
    await vault.endSession(session);
    throw thrown;
  }
}
