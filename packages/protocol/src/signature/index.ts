/**
 * Verification of identity signatures.
 *
 * Purpose: the one Ed25519 verifier, so that every machine accepts the same signatures.
 * Assumes: the caller knows which public key to expect. Does not know: private keys; packages/host signs.
 */
export { fingerprintOfKey } from './fingerprint.ts';

import { ed25519 } from '@noble/curves/ed25519.js';

export const signatureBytes = 64;
export const publicKeyBytes = 32;

/**
 * True where `signature` (64 bytes) by `publicKey` (32 bytes) covers `message`. Strict verification
 * (RFC 8032 §5.1.7, canonical encodings only); never throws.
 */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== publicKeyBytes || signature.length !== signatureBytes) return false;
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}
