/**
 * Tags: truncated hashes of fully evaluated elements.
 *
 * Purpose: how long a tag is, and what it is. Raw encodings have two constant bits and are never truncated
 * themselves; the hash is one SHA-512 block and binds the session.
 * Assumes: `context` is the 32-byte hash of all consents. Does not know: which list a tag is of.
 */
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8 } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { elementBytes } from './group.ts';

/** Input of a tag before context and encoding. */
export const tagPrefix: Uint8Array = utf8('tallystick-v1-tag');
const contextBytes = 32;
const hashBytes = 64;
const collisionBits = 40;

/**
 * Bytes of a tag for lists of these sizes: t >= log2((Σ n)²/2) + 40 bits, rounded up to bytes, so that an
 * accidental collision among all tags of a session has probability at most 2^-40 (birthday bound).
 */
export function tagBytesFor(sizes: readonly number[]): number {
  let sum = 0n;
  for (const size of sizes) sum += BigInt(size);
  if (sum === 0n) throw new TallyError('argument.invalid', 'sizes: want at least one identifier, got none');
  // Bits of (Σ n)², rounded up: the least e with 2^e >= (Σ n)².
  const exponent = (sum * sum - 1n).toString(2).length;
  return Math.ceil((exponent - 1 + collisionBits) / 8);
}

/** Throws `argument.invalid` unless the context has 32 bytes and a tag 1..64. */
export function checkTagTerms(tagContext: Uint8Array, tagBytes: number): void {
  if (tagContext.length !== contextBytes) {
    throw new TallyError(
      'argument.invalid',
      `tag context: want ${contextBytes} bytes, got ${tagContext.length}`,
    );
  }
  if (!Number.isInteger(tagBytes) || tagBytes < 1 || tagBytes > hashBytes) {
    throw new TallyError('argument.invalid', `tag bytes: want 1 to ${hashBytes}, got ${tagBytes}`);
  }
}

/** SHA-512(prefix ‖ context ‖ encoding) cut to `tagBytes`, for each of n elements: n·32 bytes in, n·tagBytes out. */
export function tagElements(elements: Uint8Array, context: Uint8Array, tagBytes: number): Uint8Array {
  checkTagTerms(context, tagBytes);
  if (elements.length % elementBytes !== 0) {
    throw new TallyError(
      'element.length',
      `elements: want whole ${elementBytes} bytes, got ${elements.length}`,
    );
  }
  const count = elements.length / elementBytes;
  const input = concatBytes(tagPrefix, context, new Uint8Array(elementBytes));
  const out = new Uint8Array(count * tagBytes);
  for (let i = 0; i < count; i++) {
    input.set(elements.subarray(i * elementBytes, (i + 1) * elementBytes), input.length - elementBytes);
    out.set(sha512(input).subarray(0, tagBytes), i * tagBytes);
  }
  return out;
}
