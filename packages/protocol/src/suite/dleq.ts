/**
 * Proof that two pairs share a discrete logarithm: K = k·B and Z = k·M for one k (RFC 9497 §2.2).
 *
 * Purpose: a hop shows that it multiplied by the scalar behind its K, without showing the scalar. Batches are folded
 * into one pair first, by weights (weights.ts) and a multi-scalar multiplication.
 * Assumes: `statement` names everything else the proof is about; the challenge hashes all of it (strong Fiat–Shamir).
 * A proof takes a handful of operations in @noble/curves' BigInt arithmetic, which is not constant time; the threat
 * model says so.
 * Does not know: streams, sessions, where randomness comes from.
 *
 * The construction is RFC 9497's GenerateProof/VerifyProof for one pair: c = H(statement, B, K, M, Z, t2, t3),
 * s = r − c·k. The challenge is a parameter so that the RFC's own vectors can be run through the same code.
 */
import { ed25519, ristretto255 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes, encodeU32, equalBytes, utf8 } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { elementBytes, scalarBytes } from './group.ts';
import { encodeScalar, parseScalar } from './scalar.ts';

const { Point } = ristretto255;
const Fn = ed25519.Point.Fn;
type Element = InstanceType<typeof Point>;

/** c ‖ s, 32 bytes each, little-endian. */
export const dleqBytes = 2 * scalarBytes;
/** Fresh randomness that a proof wants. */
export const dleqRandomBytes = 32;

/** What c hashes after the statement: encodings of B, K, M, Z, t2 = r·B, t3 = r·M, 32 bytes each, in this order. */
export type DleqChallenge = (statement: Uint8Array, elements: readonly Uint8Array[]) => bigint;

/** 64 uniform bytes, little-endian, modulo ℓ (RFC 9496 §4.4). */
function reduceWide(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number);
  return Fn.create(value);
}

const challengeDomain = utf8('tallystick-v1-dleq');
const nonceDomain = utf8('tallystick-v1-dleq-nonce');

/** Tallystick's own challenge: every part behind its length. */
export const statementChallenge: DleqChallenge = (statement, elements) => {
  const parts = [statement, ...elements].flatMap((part) => [encodeU32(part.length), part]);
  return reduceWide(sha512(concatBytes(challengeDomain, ...parts)));
};

/** The element of canonical bytes; throws `element.encoding`, `element.identity` (RFC 9496 §4.3.1). */
function parsePoint(bytes: Uint8Array, field: string): Element {
  if (bytes.length !== elementBytes) {
    throw new TallyError('element.length', `${field}: want ${elementBytes} bytes, got ${bytes.length}`);
  }
  let point: Element;
  try {
    point = Point.fromBytes(bytes);
  } catch {
    throw new TallyError('element.encoding', `${field}: no canonical encoding`);
  }
  if (point.is0()) throw new TallyError('element.identity', `${field}: the identity`);
  return point;
}

/** k·M: 32 bytes. Throws `element.*`, `scalar.range`. */
export function multiplyElement(k: Uint8Array, element: Uint8Array): Uint8Array {
  return parsePoint(element, 'element').multiply(parseScalar(k)).toBytes();
}

/** Both elements added: 32 bytes; the identity is allowed in and out. */
export function addElements(a: Uint8Array, b: Uint8Array): Uint8Array {
  return Point.fromBytes(a).add(Point.fromBytes(b)).toBytes();
}

/**
 * Proves that Z = k·M for the k of K = k·B: 64 bytes. Returns Z as well.
 * @param random 32 fresh bytes; the nonce is H(k ‖ statement ‖ M ‖ random), so a poor source alone does not reveal k
 * @throws TallyError `scalar.range`, `element.*`, `argument.invalid`
 */
export function proveDleq(
  k: Uint8Array,
  element: Uint8Array,
  statement: Uint8Array,
  random: Uint8Array,
): { product: Uint8Array; proof: Uint8Array } {
  if (random.length !== dleqRandomBytes) {
    throw new TallyError('argument.invalid', `random: want ${dleqRandomBytes} bytes, got ${random.length}`);
  }
  const seed = concatBytes(nonceDomain, k, encodeU32(statement.length), statement, element, random);
  const wide = sha512(seed);
  const nonce = reduceWide(wide);
  seed.fill(0);
  wide.fill(0);
  if (nonce === 0n) throw new TallyError('internal.bug', 'dleq: nonce is zero');
  return proveWithNonce(k, element, statement, nonce, statementChallenge);
}

/** The proof for a nonce of the caller's: exported for the RFC's vectors; a nonce used twice reveals k. */
export function proveWithNonce(
  k: Uint8Array,
  element: Uint8Array,
  statement: Uint8Array,
  nonce: bigint,
  challenge: DleqChallenge,
): { product: Uint8Array; proof: Uint8Array } {
  const secret = parseScalar(k);
  const m = parsePoint(element, 'element');
  const z = m.multiply(secret);
  const commitment = Point.BASE.multiply(secret);
  const elements = [Point.BASE, commitment, m, z, Point.BASE.multiply(nonce), m.multiply(nonce)];
  const c = challenge(
    statement,
    elements.map((point) => point.toBytes()),
  );
  const s = Fn.sub(nonce, Fn.mul(c, secret)); // RFC 9497 §2.2.1
  return { product: z.toBytes(), proof: concatBytes(encodeScalar(c), encodeScalar(s)) };
}

/** Whether the proof holds. Anything malformed, the identity included, is false. */
export function verifyDleq(
  commitment: Uint8Array,
  element: Uint8Array,
  product: Uint8Array,
  statement: Uint8Array,
  proof: Uint8Array,
  challenge: DleqChallenge = statementChallenge,
): boolean {
  if (proof.length !== dleqBytes) return false;
  let k: Element;
  let m: Element;
  let z: Element;
  let c: bigint;
  let s: bigint;
  try {
    k = parsePoint(commitment, 'commitment');
    m = parsePoint(element, 'element');
    z = parsePoint(product, 'product');
    c = parseScalar(proof.subarray(0, scalarBytes));
    s = parseScalar(proof.subarray(scalarBytes));
  } catch {
    return false;
  }
  // t2 = s·B + c·K, t3 = s·M + c·Z (RFC 9497 §2.2.2); everything here is public
  const t2 = Point.BASE.multiplyUnsafe(s).add(k.multiplyUnsafe(c));
  const t3 = m.multiplyUnsafe(s).add(z.multiplyUnsafe(c));
  const elements = [Point.BASE, k, m, z, t2, t3].map((point) => point.toBytes());
  return equalBytes(encodeScalar(challenge(statement, elements)), proof.subarray(0, scalarBytes));
}
