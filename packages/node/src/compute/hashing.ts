/**
 * The hashing beside the engine: seeds to weights.
 *
 * Purpose: the batch form of `expandWeights` of the suite, byte for byte the same, on OpenSSL.
 * Assumes: `crypto.hash` (Node 20.12 or later); to a `latin1` text it takes a third of the time of any other way here.
 * Does not know: scalars, engines; what the engine hashes itself.
 */
import { hash } from 'node:crypto';
import { weightBytes, weightsDomain, weightsPerBlock } from '@tallystick/protocol/suite';

const hashBytes = 64;

/** A Node view on the same bytes: it can take a latin1 text without an array in between. */
const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/** Weights `start` to `start + count` − 1 of a 32-byte seed: count·16 bytes; see `expandWeights` of the suite. */
export function weightsOf(seed: Uint8Array, start: number, count: number): Uint8Array {
  const input = new Uint8Array(weightsDomain.length + seed.length + 4);
  input.set(weightsDomain);
  input.set(seed, weightsDomain.length);
  const number = new DataView(input.buffer, input.length - 4);
  const blocks = Math.ceil(count / weightsPerBlock);
  const out = new Uint8Array(blocks * hashBytes);
  const outView = viewOf(out);
  for (let block = 0; block < blocks; block++) {
    number.setUint32(0, start / weightsPerBlock + block);
    outView.write(hash('sha512', input, 'binary'), block * hashBytes, hashBytes, 'latin1');
  }
  input.fill(0);
  return out.subarray(0, count * weightBytes);
}
