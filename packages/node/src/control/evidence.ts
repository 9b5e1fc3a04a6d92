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
import type { SessionDetail } from './api.ts';

/** Why something is not kept of a session. */
export function whatBecame({ state, retention: { deletedAtMs } }: SessionDetail): string {
  if (deletedAtMs === null) return `state ${state}`;
  return `deleted on ${new Date(deletedAtMs).toISOString().slice(0, 10)} under retention`;
}

/** Throws `session.state` where none is kept: the session goes on, or ended before it began. */
export function evidenceOf(
  store: Pick<NodeStore, 'evidence'>,
  identity: SigningIdentity,
  detail: SessionDetail,
  salts: boolean,
): Evidence {
  const evidence = store.evidence(detail.session);
  if (evidence === undefined)
    throw new TallyError('session.state', `evidence: none is kept of this session, ${whatBecame(detail)}`);
  return salts ? evidence : withoutSalts(evidence, (message) => identity.sign(message));
}
