/**
 * The evidence that a session leaves.
 *
 * Purpose: when it is over, well or not, what was signed in it becomes a file of this node's.
 * Does not know: where it is kept, who is given it.
 */
import type { SigningIdentity } from '@tallystick/host/identity';
import type { PartyMachine } from '@tallystick/protocol/chain';
import { createEvidence, type Evidence } from '@tallystick/protocol/evidence';
import type { SessionFacts } from './detail.ts';

/** Nothing before the end, and nothing of a session that never got a proposal. */
export function keptEvidence(
  { messages, opening }: PartyMachine['record'],
  { session, state, outcome }: Pick<SessionFacts, 'session' | 'state' | 'outcome'>,
  identity: SigningIdentity,
): Evidence | undefined {
  if ((state !== 'done' && state !== 'aborted') || messages.length === 0) return undefined;
  const ended = state === 'done' && outcome?.kind === 'stored' ? ('stored' as const) : state;
  const facts = { session, holder: identity.id, ended, messages, opening };
  return createEvidence(facts, (message) => identity.sign(message));
}
