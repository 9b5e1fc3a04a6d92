/**
 * Session scalars of ristretto255 (integers modulo ℓ = 2^252 + 27742317777372353535851937790883648493).
 *
 * Purpose: draw, invert, multiply and halve-check scalars; a handful a session, never in a loop over elements.
 * Assumes: `random` gives cryptographically strong bytes. These few operations use @noble/curves' BigInt field,
 * which is not constant time; the threat model says so.
 * Does not know: whose scalar it is.
 */
import { ed25519, ristretto255 } from '@noble/curves/ed25519.js';
import { TallyError } from '../errors/index.ts';
import { scalarBytes } from './group.ts';

/** Gives `length` random bytes of cryptographic strength. */
export type RandomBytes = (length: number) => Uint8Array;

const Fn = ed25519.Point.Fn;

/** The integer of a canonical, non-zero scalar; throws `scalar.range`. */
export function parseScalar(bytes: Uint8Array): bigint {
  if (bytes.length !== scalarBytes) {
    throw new TallyError('scalar.range', `scalar: want ${scalarBytes} bytes, got ${bytes.length}`);
  }
  let value = 0n;
  for (let i = scalarBytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number);
  if (value === 0n) throw new TallyError('scalar.range', 'scalar: want 1..order-1, got zero');
  if (value >= Fn.ORDER) throw new TallyError('scalar.range', 'scalar: want 1..order-1, got a larger number');
  return value;
}

/** A scalar as 32 bytes, little-endian (RFC 9496 §4.4). */
export function encodeScalar(value: bigint): Uint8Array {
  const out = new Uint8Array(scalarBytes);
  let rest = Fn.create(value);
  for (let i = 0; i < scalarBytes; i++) {
    out[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return out;
}

/** Uniform in 1..ℓ−1 by reducing 64 random bytes (RFC 9496 §4.4); the bias is below 2^-250. */
export function drawScalar(random: RandomBytes): Uint8Array {
  for (;;) {
    const wide = random(64);
    let value = 0n;
    for (let i = 63; i >= 0; i--) value = (value << 8n) | BigInt(wide[i] as number);
    wide.fill(0);
    const reduced = Fn.create(value);
    if (reduced !== 0n) return encodeScalar(reduced);
  }
}

/** a·b mod ℓ, as bytes. */
export function multiplyScalars(a: Uint8Array, b: Uint8Array): Uint8Array {
  return encodeScalar(Fn.mul(parseScalar(a), parseScalar(b)));
}

/** a^-1 mod ℓ, as bytes. */
export function invertScalar(a: Uint8Array): Uint8Array {
  return encodeScalar(Fn.inv(parseScalar(a)));
}

/** K = k·B, the commitment to a session scalar: 32 bytes. */
export function commitScalar(k: Uint8Array): Uint8Array {
  return ristretto255.Point.BASE.multiply(parseScalar(k)).toBytes();
}
