/**
 * Members of the tests' agreement, and what they say.
 *
 * Purpose: messages signed by a name's key, and the fold of several. Assumes: ../policy/world.testkit.ts.
 * Does not know: what a message should do.
 */
import { standingId } from '../agreement/signed.ts';
import { agreementOf, hashOf, keyOf, signerOf } from '../policy/world-agreement.testkit.ts';
import { nowMs, signAll } from '../policy/world.testkit.ts';
import { applyMembership, type MembershipOutcome } from './fold.ts';
import { type MembershipBody, type MembershipMessage, provePossession, signMembership } from './messages.ts';
import { emptyMembership, type Membership, membersHash } from './state.ts';

export const signed = signAll(agreementOf());
export const agreement = standingId(signed.agreement);
export const everybody = ['alba', 'borea', 'cedra', 'watch', 'inspect'];
export type Part<T> = T extends unknown ? Omit<T, 'agreement' | 'from' | 'sequence' | 'atMs'> : never;

/** A message; the key is that of the sender's name unless another is given. */
export function say(
  from: string,
  sequence: number,
  part: Part<MembershipBody>,
  key = from,
): MembershipMessage {
  const body = { agreement, from, sequence, atMs: nowMs + sequence, ...part } as MembershipBody;
  return signMembership(body, signerOf(key));
}

export function rotation(
  from: string,
  sequence: number,
  officer: string | null,
  newKey: string,
): MembershipMessage {
  const body = {
    agreement,
    from,
    sequence,
    atMs: nowMs + sequence,
    type: 'rotate' as const,
    officer,
    publicKey: keyOf(newKey),
  };
  return signMembership({ ...body, possession: provePossession(body, signerOf(newKey)) }, signerOf(from));
}

export const suspend = { type: 'suspend', reason: 'incident' } as const;
export const withdraw = { type: 'withdraw' } as const;
export const renew = (next: string, afterMs = 1000) =>
  ({ type: 'renew', next: hashOf(next), fromMs: nowMs + afterMs }) as const;
export const affirm = (membership: Membership) =>
  ({ type: 'affirm', members: membersHash(membership) }) as const;
export const lift = (by: string, sequence: number) => ({
  type: 'resume' as const,
  lifts: [{ by, sequence }],
});

export function fold(messages: readonly MembershipMessage[], from = emptyMembership(signed)): Membership {
  return messages.reduce((membership, message) => {
    const outcome = applyMembership(membership, message);
    if (outcome.kind !== 'applied')
      throw new Error(`${message.type} of ${message.from}: ${JSON.stringify(outcome)}`);
    return outcome.membership;
  }, from);
}

export const reasons = (outcome: MembershipOutcome): readonly string[] =>
  outcome.kind === 'refused' ? outcome.reasons : [outcome.kind];
