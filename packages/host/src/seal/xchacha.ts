/**
 * XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) on OpenSSL.
 *
 * Purpose: the construction's two halves: HChaCha20 of the key and the first 16 bytes of the nonce
 * (@noble/ciphers) gives a subkey, under which ChaCha20-Poly1305 (RFC 8439, node:crypto) works on the data. Byte for byte
 * what @noble/ciphers' own gives, and for a list's chunks some twenty times faster: a million records are opened
 * at the start of a session.
 * Assumes: a 32-byte key and a 24-byte random nonce. Does not know: contexts.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { hchacha } from '@noble/ciphers/chacha.js';

const cipher = 'chacha20-poly1305';
export const authTagBytes = 16;
const hchachaNonceBytes = 16;

/** Little-endian words, whatever the machine's own order. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true));
}

const sigma = wordsOf(new TextEncoder().encode('expand 32-byte k'));

/** draft-irtf-cfrg-xchacha-03 §2.3: the subkey, and 4 zero bytes before the nonce's last 8. */
function subkeyOf(key: Uint8Array, nonce: Uint8Array): { subkey: Uint8Array; nonce: Uint8Array } {
  const keyWords = wordsOf(key);
  const words = new Uint32Array(8);
  hchacha(sigma, keyWords, wordsOf(nonce.subarray(0, hchachaNonceBytes)), words);
  const subkey = new Uint8Array(32);
  const view = new DataView(subkey.buffer);
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word, true);
  keyWords.fill(0);
  words.fill(0);
  const rest = new Uint8Array(12);
  rest.set(nonce.subarray(hchachaNonceBytes), 4);
  return { subkey, nonce: rest };
}

/** Ciphertext and tag: length + 16. */
export function encryptXChaCha(
  key: Uint8Array,
  nonce: Uint8Array,
  plain: Uint8Array,
  context: Uint8Array,
): Uint8Array {
  const part = subkeyOf(key, nonce);
  const sealing = createCipheriv(cipher, part.subkey, part.nonce, { authTagLength: authTagBytes });
  part.subkey.fill(0);
  sealing.setAAD(context, { plaintextLength: plain.length });
  const out = new Uint8Array(plain.length + authTagBytes);
  out.set(sealing.update(plain));
  sealing.final();
  out.set(sealing.getAuthTag(), plain.length);
  return out;
}

/** The plain bytes, in an array of their own; throws where they do not authenticate. */
export function decryptXChaCha(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  context: Uint8Array,
): Uint8Array {
  const part = subkeyOf(key, nonce);
  const opening = createDecipheriv(cipher, part.subkey, part.nonce, { authTagLength: authTagBytes });
  part.subkey.fill(0);
  const length = sealed.length - authTagBytes;
  opening.setAAD(context, { plaintextLength: length });
  opening.setAuthTag(sealed.subarray(length));
  const plain = opening.update(sealed.subarray(0, length));
  try {
    opening.final();
    return new Uint8Array(plain);
  } finally {
    plain.fill(0);
  }
}
