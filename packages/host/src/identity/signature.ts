/**
 * Signatures with a node's identity key: Ed25519 (RFC 8032) by node:crypto; verification is protocol's, so
 * that every machine accepts the same signatures.
 */
import { type KeyObject, sign } from 'node:crypto';

export { verifyEd25519 } from '@tallystick/protocol/signature';

/** @returns 64 bytes. */
export function signEd25519(privateKey: KeyObject, message: Uint8Array): Uint8Array {
  return Uint8Array.from(sign(null, message, privateKey));
}
