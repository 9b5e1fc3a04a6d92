/**
 * The hashing beside the engine: elements that came evaluated to tags, seeds to weights.
 *
 * Purpose: the batch forms of `tagElements` and `expandWeights` of the suite, bytes for bytes the same, on OpenSSL.
 * Assumes: `crypto.hash` (Node 20.12 or later); to a `latin1` text it takes a third of the time of any other way here.
 * Does not know: scalars, engines; what the engine hashes itself.
 */
import { hash } from 'node:crypto';
import {
  elementBytes,
  tagPrefix,
  weightBytes,
  weightsDomain,
  weightsPerBlock,
} from '@tallystick/protocol/suite';

const hashBytes = 64;

/** A Node view on the same bytes: it can take a latin1 text without an array in between. */
const viewOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/** The tags of n elements: n·32 bytes in, n·tagBytes out; see `tagElements` of the suite. */
export function tagsOf(elements: Uint8Array, tagContext: Uint8Array, tagBytes: number): Uint8Array {
  const count = elements.length / elementBytes;
  const at = tagPrefix.length + tagContext.length;
  const input = new Uint8Array(at + elementBytes);
  input.set(tagPrefix);
  input.set(tagContext, tagPrefix.length);
  const out = new Uint8Array(count * tagBytes);
  const outView = viewOf(out);
  for (let i = 0; i < count; i++) {
    input.set(elements.subarray(i * elementBytes, (i + 1) * elementBytes), at);
    outView.write(hash('sha512', input, 'binary'), i * tagBytes, tagBytes, 'latin1');
  }
  return out;
}

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
