/**
 * The signed agreement: its id, its signatures, who still has to sign.
 *
 * Purpose: an agreement stands when every party and every oversight body has signed the same canonical bytes
 * (RFC 8785); the id is SHA-256 of these bytes.
 * Assumes: strict Ed25519 (../signature). Does not know: private keys, validity in time, messages after signing.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { z } from 'zod';
import { encodeHex } from '../bytes/index.ts';
import { canonicalBytes, isSigned, type Sign, signValue } from '../wire/canonical.ts';
import { checkStanding } from './check.ts';
import { stationId } from './ephemeral.ts';
import { type Checked, checkShape, type Problem } from './problems.ts';
import { hex32, type StandingAgreement } from './standing.ts';

const domain = 'standing-agreement';

const signature = z.strictObject({
  by: stationId,
  publicKey: hex32,
  signature: z.string().regex(/^[0-9a-f]{128}$/),
});

export type AgreementSignature = z.infer<typeof signature>;

const envelope = z.strictObject({ agreement: z.unknown(), signatures: z.array(signature).max(64) });

/** Signed by some or by all; `verifySigned` says. */
export interface SignedAgreement {
  readonly agreement: StandingAgreement;
  readonly signatures: readonly AgreementSignature[];
}

/** SHA-256 of the canonical bytes, as hex: what `sha256sum` prints for the file that `agreement show --canonical` writes. */
export function standingId(agreement: StandingAgreement): string {
  return encodeHex(sha256(canonicalBytes(agreement)));
}

interface Signer {
  readonly id: string;
  readonly publicKey: string;
  readonly path: string;
}

/** Everybody whose signature an agreement needs: its parties, then its oversight. */
export function signersOf({ parties, oversight }: StandingAgreement): Signer[] {
  return [
    ...parties.map(({ id, publicKey }, i) => ({ id, publicKey, path: `parties.${i}` })),
    ...oversight.map(({ id, publicKey }, i) => ({ id, publicKey, path: `oversight.${i}` })),
  ];
}

/** One signature, made with the key that the agreement names for the signer. */
export function signStanding(
  agreement: StandingAgreement,
  by: string,
  publicKey: string,
  sign: Sign,
): AgreementSignature {
  return { by, publicKey, signature: encodeHex(signValue(domain, agreement, sign)) };
}

function signatureProblem(
  given: AgreementSignature,
  signers: readonly Signer[],
  { agreement, signatures }: SignedAgreement,
) {
  const signer = signers.find(({ id }) => id === given.by);
  if (signer === undefined) return 'signature.unknown-signer';
  if (signatures.find(({ by }) => by === given.by) !== given) return 'signature.repeated';
  if (signer.publicKey !== given.publicKey) return 'signature.wrong-key';
  return isSigned(domain, agreement, given.signature, given.publicKey) ? undefined : 'signature.wrong';
}

/** What is wrong with the signatures that are there. */
export function wrongSignatures(signed: SignedAgreement): Problem[] {
  const signers = signersOf(signed.agreement);
  return signed.signatures.flatMap((given, i) => {
    const code = signatureProblem(given, signers, signed);
    return code === undefined ? [] : [{ path: `signatures.${i}`, code }];
  });
}

/** Who has not signed. */
export function missingSignatures({ agreement, signatures }: SignedAgreement): Problem[] {
  return signersOf(agreement)
    .filter(({ id }) => !signatures.some(({ by }) => by === id))
    .map(({ path }) => ({ path, code: 'signature.missing' }));
}

/** The shape of a signed agreement and of the agreement within; signatures are not looked at. */
export function checkSignedShape(value: unknown): Checked<SignedAgreement> {
  const { value: outer, problems } = checkShape(envelope, value);
  if (typeof value !== 'object' || value === null || !('agreement' in value)) {
    return { value: undefined, problems };
  }
  const { value: agreement, problems: within } = checkStanding(value.agreement);
  if (outer !== undefined && agreement !== undefined) {
    return { value: { agreement, signatures: outer.signatures }, problems: [] };
  }
  return { value: undefined, problems: [...problems, ...within] };
}

/** A signed agreement that stands, or everything that is wrong with it: shape, contradictions, every signature. */
export function verifySigned(value: unknown): Checked<SignedAgreement> {
  const checked = checkSignedShape(value);
  if (checked.value === undefined) return checked;
  const problems = [...wrongSignatures(checked.value), ...missingSignatures(checked.value)];
  return problems.length === 0 ? checked : { value: undefined, problems };
}
