/**
 * Notices: a party tells an oversight body of a request, and signs that it did.
 *
 * Purpose: that the body can show later who asked: the proposer's signature over the request's id, under the key that
 * the agreement names. Another party that was asked signs its own notice, which says that it was asked.
 * Assumes: strict Ed25519; the request's id covers all of it but its approvals (request.ts). Does not know: mail, what a
 * body says to it.
 */
import type { StandingAgreement } from '../agreement/standing.ts';
import { encodeHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { isSigned, type Sign, signValue } from '../wire/canonical.ts';
import { currentKey } from './keys.ts';
import { checkRequestShape, type PolicyRequest, requestId } from './request.ts';
import type { PolicyState } from './state.ts';

export interface Notice {
  readonly request: PolicyRequest;
  /** Ed25519, hex, over the domain `notice` and `{ by, request: id }`. */
  readonly signature: string;
}

const bodyOf = (by: string, request: PolicyRequest) => ({ by, request: requestId(request) });

/** @param by the party that tells, and that signs with its own key. */
export function signNotice(request: PolicyRequest, by: string, sign: Sign): Notice {
  return { request, signature: encodeHex(signValue('notice', bodyOf(by, request), sign)) };
}

/**
 * A notice of unknown form, as one of the party that brought it.
 * @param agreementOf the agreement with keys that replace its own, as the fold of membership messages has them;
 * undefined where it is not held.
 * @throws TallyError `wire.message`, `agreement.unknown`, `notice.invalid`.
 */
export function parseNotice(
  from: string,
  value: unknown,
  agreementOf: (
    id: string,
  ) =>
    | { readonly agreement: StandingAgreement; readonly replaced: PolicyState['membership']['keys'] }
    | undefined,
): Notice {
  const told = value as { readonly request?: unknown; readonly signature?: unknown } | null;
  const { value: request } = checkRequestShape(told?.request);
  if (request === undefined) throw new TallyError('wire.message', 'request: fields do not match');
  const known = agreementOf(request.agreement);
  if (known === undefined) {
    throw new TallyError('agreement.unknown', 'request.agreement: not installed here');
  }
  // Who has no part in it has nothing to tell, and could fill a desk with others' names.
  if (from !== request.proposer && !request.lists.some(({ party }) => party === from)) {
    throw new TallyError('wire.message', `request: ${from} has no part in it`);
  }
  const refuse = (why: string): TallyError => new TallyError('notice.invalid', `notice: ${why}`);
  const party = known.agreement.parties.find(({ id }) => id === from);
  if (party === undefined) throw refuse(`by: ${from} is no party of the agreement`);
  const { signature } = told as { readonly signature?: unknown };
  if (typeof signature !== 'string' || !/^[0-9a-f]{128}$/.test(signature)) {
    throw refuse('signature: want 128 hex digits');
  }
  const publicKey = currentKey(known.replaced, from, null, party.publicKey);
  if (!isSigned('notice', bodyOf(from, request), signature, publicKey)) {
    throw refuse(`signature: does not verify under the key of ${from}`);
  }
  return { request, signature };
}
