/**
 * Identifier → uniform bytes: the hashing half of hash_to_ristretto255 (RFC 9380 appendix B).
 *
 * Purpose: `expand_message_xmd` with SHA-512 and the domain separation tag of a session. The mapping half is the
 * group engine's `hashAndBlind`.
 * Assumes: identifiers are the UTF-8 text of a recipe. Does not know: recipes, engines, scalars.
 */
import { expand_message_xmd } from '@noble/curves/abstract/hash-to-curve.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concatBytes, encodeU32, utf8 } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { type MessageBatch, uniformBytes } from './group.ts';

/** The one ciphersuite of this version, by name. */
export const suiteName = 'ristretto255-SHA512';

const dstPrefix = `tallystick-v1-${suiteName}`;

/**
 * The domain separation tag of every element of an agreement: the suite's prefix and the agreement's 32-byte id.
 * Binding the id makes elements of two agreements unrelated even for one scalar.
 */
export function elementDst(agreementId: Uint8Array): Uint8Array {
  if (agreementId.length !== 32) {
    throw new TallyError('argument.invalid', `agreement id: want 32 bytes, got ${agreementId.length}`);
  }
  return concatBytes(utf8(dstPrefix), agreementId);
}

const sentinelPrefix = `tallystick-v1-sentinel-${suiteName}`;

/** The domain separation tag of a session's sentinels: never that of an identifier. */
export function sentinelDst(agreementId: Uint8Array): Uint8Array {
  return concatBytes(utf8(sentinelPrefix), agreementId);
}

/** Sentinel i of a session: the same at every party, from the hash of all consents. */
export function sentinelMessage(consentsHash: Uint8Array, i: number): Uint8Array {
  return concatBytes(consentsHash, encodeU32(i));
}

const fillerPrefix = `tallystick-v1-filler-${suiteName}`;

/** The domain separation tag of the random elements that fill a padded list: never that of an identifier. */
export function fillerDst(agreementId: Uint8Array): Uint8Array {
  return concatBytes(utf8(fillerPrefix), agreementId);
}

/** 64 uniform bytes of one message: expand_message_xmd, SHA-512 (RFC 9380 §5.3.1). */
export function expandMessage(message: Uint8Array, dst: Uint8Array): Uint8Array {
  return expand_message_xmd(message, dst, uniformBytes, sha512);
}

const maxDstBytes = 255;

/** Throws `argument.invalid` unless a domain separation tag has 1..255 bytes (RFC 9380 §3.1, §5.3.1). */
export function checkDst(dst: Uint8Array): void {
  if (dst.length === 0 || dst.length > maxDstBytes) {
    throw new TallyError('argument.invalid', `dst: want 1 to ${maxDstBytes} bytes, got ${dst.length}`);
  }
}

/** Throws `argument.invalid` unless `ends` cuts all of `text` and nothing else. */
export function checkMessages({ text, ends }: MessageBatch): void {
  let last = 0;
  for (const end of ends) {
    if (end < last) throw new TallyError('argument.invalid', 'message ends: want them increasing');
    last = end;
  }
  if (last !== text.length) {
    throw new TallyError('argument.invalid', `message ends: want the last to be ${text.length}, got ${last}`);
  }
}

/** 64 uniform bytes of each of n messages: n·64 bytes, for the caller to wipe. Throws `argument.invalid`. */
export function expandMessages(messages: MessageBatch, dst: Uint8Array): Uint8Array {
  checkMessages(messages);
  checkDst(dst);
  const { text, ends } = messages;
  const out = new Uint8Array(ends.length * uniformBytes);
  for (let i = 0, start = 0; i < ends.length; i++) {
    const end = ends[i] as number;
    out.set(expandMessage(text.subarray(start, end), dst), i * uniformBytes);
    start = end;
  }
  return out;
}
