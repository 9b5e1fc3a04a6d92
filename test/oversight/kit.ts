/** An agreement of stations that are there: the world of the decisions' tests, with their keys. */
import type { SigningIdentity } from '@tallystick/host/identity';
import {
  type SignedAgreement,
  signersOf,
  signStanding,
  type StandingAgreement,
  standingId,
} from '@tallystick/protocol/agreement';
import { type PolicyRequest, requestId, signRequest } from '@tallystick/protocol/policy';
import { worldOf } from '../../packages/protocol/src/policy/world.testkit.ts';
import { agreementOf, hashOf, signerOf } from '../../packages/protocol/src/policy/world-agreement.testkit.ts';

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Signed by all; stations that are not there sign with the keys of tests. */
export function agreementAmong(
  identities: readonly SigningIdentity[],
  change: (agreement: StandingAgreement) => void = () => undefined,
): { readonly id: string; readonly signed: SignedAgreement } {
  const agreement = agreementOf();
  const named = new Map(identities.map((one) => [one.id, one]));
  for (const party of agreement.parties) {
    const identity = named.get(party.id);
    if (identity === undefined) continue;
    party.publicKey = hexOf(identity.publicKey);
    party.fingerprint = identity.fingerprint;
  }
  for (const body of agreement.oversight) {
    const identity = named.get(body.id);
    if (identity !== undefined) body.publicKey = hexOf(identity.publicKey);
  }
  change(agreement);
  const signatures = signersOf(agreement).map(({ id, publicKey }) => {
    const identity = named.get(id);
    const sign = identity === undefined ? signerOf(id) : (message: Uint8Array) => identity.sign(message);
    return signStanding(agreement, id, publicKey, sign);
  });
  return { id: standingId(agreement), signed: { agreement, signatures } };
}

/** A request of alba and borea that the agreement has nothing against, with an id of its own. */
export function requestUnder(
  agreement: string,
  nonce: string,
  times: Pick<PolicyRequest, 'createdAtMs' | 'expiresAtMs'>,
): { readonly id: string; readonly request: PolicyRequest } {
  const { request } = worldOf('pair');
  const draft = { ...request, ...times, agreement, nonce: hashOf(nonce) };
  const made = signRequest(draft, signerOf(`${draft.proposer}/${draft.requester}`));
  return { id: requestId(made), request: made };
}
