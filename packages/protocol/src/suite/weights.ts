/**
 * Weights that fold a batch into one pair: 128 bits each, little-endian.
 *
 * Purpose: Σ w·e over two streams agree for a random w only where every pair agrees, but for one chance in 2^128.
 * The owner of a list draws the seed for itself after the last element has arrived, so that nobody could choose an
 * element after seeing them.
 * Assumes: a seed is 32 bytes, uniform and secret until its fold is made. Does not know: streams, proofs.
 */
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes, encodeU32, utf8 } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { weightBytes } from './group.ts';

/** What every block of weights hashes first; then the seed and the block's number (4 bytes). */
export const weightsDomain: Uint8Array = utf8('tallystick-v1-weights');
export const weightSeedBytes = 32;
/** Weights to a SHA-512. */
export const weightsPerBlock = 64 / weightBytes;

/** Weights start … start + count − 1 of a seed: count·16 bytes. `start` must be a multiple of 4. */
export function expandWeights(seed: Uint8Array, start: number, count: number): Uint8Array {
  if (seed.length !== weightSeedBytes || start % weightsPerBlock !== 0) {
    throw new TallyError(
      'argument.invalid',
      `weights: want a seed of ${weightSeedBytes} bytes and whole blocks`,
    );
  }
  const out = new Uint8Array(Math.ceil(count / weightsPerBlock) * 64);
  const input = concatBytes(weightsDomain, seed, new Uint8Array(4));
  for (let block = 0; block * 64 < out.length; block++) {
    input.set(encodeU32(start / weightsPerBlock + block), input.length - 4);
    out.set(sha512(input), block * 64);
  }
  return out.subarray(0, count * weightBytes);
}
