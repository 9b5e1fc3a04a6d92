/**
 * The fingerprint of an identity key, as people compare it.
 *
 * Purpose: `sha256:` and the 43 characters of unpadded base64url of SHA-256 over the DER SubjectPublicKeyInfo of an
 * Ed25519 key (RFC 8410 §4, RFC 4648 §5).
 * Does not know: certificates, pins.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';

/** SubjectPublicKeyInfo of an Ed25519 key up to its 32 raw bytes (RFC 8410 §4). */
const spkiPrefix = Uint8Array.from([0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]);
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function encodeBase64Url(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff;
    for (bits += 8; bits >= 6; bits -= 6) text += alphabet[(held >> (bits - 6)) & 63];
  }
  return bits === 0 ? text : text + (alphabet[(held << (6 - bits)) & 63] as string);
}

/** @param publicKey raw Ed25519 key, 32 bytes. @throws TallyError `argument.invalid`. */
export function fingerprintOfKey(publicKey: Uint8Array): `sha256:${string}` {
  if (publicKey.length !== 32)
    throw new TallyError('argument.invalid', `public key: want 32 bytes, got ${publicKey.length}`);
  return `sha256:${encodeBase64Url(sha256(concatBytes(spkiPrefix, publicKey)))}`;
}
