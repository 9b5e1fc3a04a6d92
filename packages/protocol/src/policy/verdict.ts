/**
 * Verdicts: what an oversight body says about one request.
 *
 * Purpose: two words, each signed by the body with its own domain: an authorisation, which has the form of an approval
 * without an officer, and a veto with a coded reason. Both name the request by its id, so one that is heard twice, late
 * or from somebody else says no more than it said at first.
 * Assumes: strict Ed25519; the request's id covers the agreement's (request.ts). Does not know: how a verdict
 * travels, what it ends.
 */
import { z } from 'zod';
import { stationId } from '../agreement/ephemeral.ts';
import { type StandingAgreement, hex32 } from '../agreement/standing.ts';
import { encodeHex } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { canonicalBytes, domainHash, isSigned, type Sign, signValue } from '../wire/canonical.ts';
import { currentKey } from './keys.ts';
import { approvalSchema, isApprovalSigned, timeMs } from './request.ts';
import type { PolicyState } from './state.ts';

/** Why a body vetoes: a closed vocabulary, with one line for people. */
export const vetoReasonTexts = {
  'no-legal-basis': 'no legal basis covers it',
  'other-purpose': 'it serves another purpose than it names',
  disproportionate: 'more is asked than the purpose needs',
  unclear: 'what is asked, or why, is not clear',
  repeated: 'the same was asked before',
  conflict: 'whoever asks or approves has a conflict of interest',
  inquiry: 'an inquiry is open',
  order: 'a court or an authority ordered it',
} as const;

export type VetoReason = keyof typeof vetoReasonTexts;
export const vetoReasons = Object.keys(vetoReasonTexts) as [VetoReason, ...VetoReason[]];

const veto = z.strictObject({
  /** Id of the standing agreement. */
  agreement: hex32,
  request: hex32,
  by: stationId,
  reason: z.enum(vetoReasons),
  atMs: timeMs,
  signature: z.string().regex(/^[0-9a-f]{128}$/),
});

export type Veto = z.infer<typeof veto>;

export const verdictSchema = z.discriminatedUnion('kind', [
  /** `agreement` only says where to look for the body's key; the authorisation signs the request. */
  z.strictObject({ kind: z.literal('authorise'), agreement: hex32, approval: approvalSchema }),
  z.strictObject({ kind: z.literal('veto'), veto }),
]);

export type Verdict = z.infer<typeof verdictSchema>;

export function signVeto(body: Omit<Veto, 'signature'>, sign: Sign): Veto {
  return { ...body, signature: encodeHex(signValue('veto', body, sign)) };
}

/** @param publicKey of the body, hex. */
export function isVetoSigned({ signature, ...body }: Veto, publicKey: string): boolean {
  return isSigned('veto', body, signature, publicKey);
}

/** SHA-256 of what a veto says, without its signature, as hex: how an audit log names it. */
export function vetoHash({ signature: _, ...body }: Veto): string {
  return encodeHex(domainHash('veto', canonicalBytes(body)));
}

/** What a verdict is about and who says it, whatever its kind. */
export function verdictFacts(verdict: Verdict): {
  readonly agreement: string;
  readonly request: string;
  readonly by: string;
} {
  if (verdict.kind === 'veto') return verdict.veto;
  const { approval, agreement } = verdict;
  return { agreement, request: approval.request, by: approval.of };
}

type ReplacedKeys = PolicyState['membership']['keys'];

/**
 * A verdict of unknown origin, as one that a body of the agreement gave with a power that it has.
 * @param replaced keys that replace those of the agreement, as the fold of membership messages has them.
 * @throws TallyError `verdict.invalid`.
 */
export function parseVerdict(
  value: unknown,
  agreementOf: (
    id: string,
  ) => { readonly agreement: StandingAgreement; readonly replaced: ReplacedKeys } | undefined,
): Verdict {
  const parsed = verdictSchema.safeParse(value);
  const refuse = (why: string): TallyError => new TallyError('verdict.invalid', `verdict: ${why}`);
  if (!parsed.success) throw refuse(`${parsed.error.issues[0]?.path.join('.') ?? ''} has another form`);
  const verdict = parsed.data;
  const { agreement: id, by } = verdictFacts(verdict);
  const known = agreementOf(id);
  if (known === undefined) throw refuse('agreement: not held here');
  const body = known.agreement.oversight.find((one) => one.id === by);
  if (body === undefined) throw refuse('by: no oversight body of the agreement');
  if (!body.powers.includes(verdict.kind)) throw refuse(`by: has not the power to ${verdict.kind}`);
  const publicKey = currentKey(known.replaced, by, null, body.publicKey);
  const isGood =
    verdict.kind === 'veto'
      ? isVetoSigned(verdict.veto, publicKey)
      : verdict.approval.officer === null && isApprovalSigned(verdict.approval, publicKey);
  if (!isGood) throw refuse('signature: does not verify under the key of the body');
  return verdict;
}
