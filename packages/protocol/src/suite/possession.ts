/**
 * Proof of possession of a session scalar: a Schnorr proof bound to who proves and what is proposed.
 *
 * Purpose: K = k·B stands in a consent; without a proof bound to node and proposal a party could repeat another
 * party's K as its own.
 * Assumes: the verifier holds K, the node id and the proposal hash from the consent itself. The prover's few
 * operations use @noble/curves' BigInt arithmetic, which is not constant time; the threat model says so.
 * Does not know: consents, sessions, where randomness comes from.
 *
 * Source: Schnorr identification made non-interactive by Fiat–Shamir (RFC 8235 §3, with the prover's commitment
 * compressed away: the proof is challenge ‖ response). The challenge hashes the whole statement (strong
 * Fiat–Shamir); the nonce is H(k ‖ statement ‖ fresh randomness), so that neither a broken random source nor a
 * repeated statement alone reveals k.
 */
import { ristretto255 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes, encodeU32, equalBytes, utf8 } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { elementBytes, scalarBytes } from './group.ts';
import { commitScalar, encodeScalar, parseScalar } from './scalar.ts';

export const possessionBytes = 2 * scalarBytes;
/** Fresh randomness that a proof wants. */
export const possessionRandomBytes = 32;

const { Point } = ristretto255;
const domain = utf8('tallystick-v1-possession');
const nonceDomain = utf8('tallystick-v1-possession-nonce');
const hashBytes = 32;

/** What the proof is bound to: the element DST, the prover's node id, the 32-byte hash of the proposal. */
export interface PossessionStatement {
  readonly dst: Uint8Array;
  readonly nodeId: string;
  readonly proposalHash: Uint8Array;
}

/** Every part behind its length, so that no two statements have the same bytes. */
function encodeStatement(statement: PossessionStatement, commitment: Uint8Array): Uint8Array {
  if (statement.proposalHash.length !== hashBytes) {
    throw new TallyError(
      'argument.invalid',
      `proposal hash: want ${hashBytes} bytes, got ${statement.proposalHash.length}`,
    );
  }
  const parts = [statement.dst, utf8(statement.nodeId), statement.proposalHash, commitment];
  return concatBytes(...parts.flatMap((part) => [encodeU32(part.length), part]));
}

/** 64 bytes, little-endian, modulo ℓ (RFC 9496 §4.4). */
function reduceWide(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number);
  return Point.Fn.create(value);
}

function challengeOf(encoded: Uint8Array, nonceCommitment: Uint8Array): bigint {
  return reduceWide(sha512(concatBytes(domain, encoded, nonceCommitment)));
}

/**
 * Proves knowledge of k with K = k·B for this statement: 64 bytes, challenge ‖ response.
 * @param random 32 fresh random bytes.
 * @throws TallyError `scalar.range`, `argument.invalid`.
 */
export function createPossession(
  k: Uint8Array,
  statement: PossessionStatement,
  random: Uint8Array,
): Uint8Array {
  if (random.length !== possessionRandomBytes) {
    throw new TallyError(
      'argument.invalid',
      `random: want ${possessionRandomBytes} bytes, got ${random.length}`,
    );
  }
  const secret = parseScalar(k);
  const encoded = encodeStatement(statement, commitScalar(k));
  const seed = concatBytes(nonceDomain, k, encoded, random);
  const wide = sha512(seed);
  const nonce = reduceWide(wide);
  seed.fill(0);
  wide.fill(0);
  if (nonce === 0n) throw new TallyError('internal.bug', 'possession: nonce is zero');
  const challenge = challengeOf(encoded, Point.BASE.multiply(nonce).toBytes());
  const response = Point.Fn.add(nonce, Point.Fn.mul(challenge, secret));
  return concatBytes(encodeScalar(challenge), encodeScalar(response));
}

/** Whether the proof holds for this commitment and statement. Anything malformed is false. */
export function verifyPossession(
  commitment: Uint8Array,
  statement: PossessionStatement,
  proof: Uint8Array,
): boolean {
  if (commitment.length !== elementBytes || proof.length !== possessionBytes) return false;
  let point: InstanceType<typeof Point>;
  let challenge: bigint;
  let response: bigint;
  try {
    point = Point.fromBytes(commitment); // RFC 9496 §4.3.1
    challenge = parseScalar(proof.subarray(0, scalarBytes));
    response = parseScalar(proof.subarray(scalarBytes));
  } catch {
    return false;
  }
  if (point.is0()) return false;
  // R = s·B − c·K; everything here is public
  const nonceCommitment = Point.BASE.multiplyUnsafe(response).subtract(point.multiplyUnsafe(challenge));
  const expected = challengeOf(encodeStatement(statement, commitment), nonceCommitment.toBytes());
  return equalBytes(encodeScalar(expected), proof.subarray(0, scalarBytes));
}
