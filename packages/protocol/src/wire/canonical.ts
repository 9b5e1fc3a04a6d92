/**
 * Canonical JSON and the hashes and signatures over it.
 *
 * Purpose: one text for one value (RFC 8785), so that a hash or a signature of a message means the same at every
 * node; every hash and signature carries its own domain.
 * Assumes: values are plain JSON. Signing is a function of the caller's; verifying is strict Ed25519 (RFC 8032 §5.1.7).
 * Does not know: keys at rest, what a message means.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import serialize from 'canonicalize';
import { concatBytes, encodeU32, parseHex, utf8 } from '../bytes/index.ts';
import { TallyError } from '../errors/index.ts';
import { verifyEd25519 } from '../signature/index.ts';

/** Signs a message with this node's Ed25519 identity key: 64 bytes. */
export type Sign = (message: Uint8Array) => Uint8Array;

/** RFC 8785 bytes of a plain JSON value. */
export function canonicalBytes(value: unknown): Uint8Array {
  const text = serialize(value);
  if (text === undefined)
    throw new TallyError('argument.invalid', 'canonical json: want a value, got undefined');
  return utf8(text);
}

/** SHA-256 over a domain name and parts, each part preceded by its length: 32 bytes, without ambiguity. */
export function domainHash(domain: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const framed: Uint8Array[] = [];
  for (const part of [utf8(`tallystick-v1-${domain}`), ...parts]) framed.push(encodeU32(part.length), part);
  return sha256(concatBytes(...framed));
}

function signedBytes(domain: string, value: unknown): Uint8Array {
  return concatBytes(utf8(`tallystick-v1-sign-${domain}\0`), canonicalBytes(value));
}

/** Ed25519 over the domain and the canonical form of a value. */
export function signValue(domain: string, value: unknown, sign: Sign): Uint8Array {
  return sign(signedBytes(domain, value));
}

/** Whether the signature (hex) of a value verifies under the public key (hex, 32 bytes). Never throws for plain JSON. */
export function isSigned(domain: string, value: unknown, signature: string, publicKey: string): boolean {
  try {
    return verifyEd25519(parseHex(publicKey), signedBytes(domain, value), parseHex(signature));
  } catch {
    return false;
  }
}

/** Throws `consent.signature` unless the signature (hex) verifies under the public key (hex, 32 bytes). */
export function verifyValue(domain: string, value: unknown, signature: string, publicKey: string): void {
  if (isSigned(domain, value, signature, publicKey)) return;
  throw new TallyError('consent.signature', `${domain}: signature does not verify`);
}
