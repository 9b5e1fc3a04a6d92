/**
 * The evidence of a session, as its node hands it out.
 *
 * Purpose: one way for a running node and for one that is stopped.
 * Assumes: whoever asks is the node's owner, and knows what salts are for. Does not know: where it goes.
 */
import type { SigningIdentity } from '@tallystick/host/identity';
import { TallyError } from '@tallystick/protocol/errors';
import { type Evidence, withoutSalts } from '@tallystick/protocol/evidence';
import type { NodeStore } from '../daemon/store.ts';

/** Throws `session.state` where none is kept: the session goes on, or ended before it began. */
export function evidenceOf(
  store: Pick<NodeStore, 'evidence'>,
  identity: SigningIdentity,
  session: string,
  salts: boolean,
  state: string,
): Evidence {
  const evidence = store.evidence(session);
  if (evidence === undefined)
    throw new TallyError('session.state', `evidence: none is kept of this session, state ${state}`);
  return salts ? evidence : withoutSalts(evidence, (message) => identity.sign(message));
}
