/**
 * A node's identity: an Ed25519 key and a certificate that the key signed for itself.
 *
 * Purpose: make it at `init`, put it into bytes to be sealed, take it out again.
 * Assumes: whoever compares fingerprints did so by another way; nobody else vouches for the certificate.
 * Does not know: where the sealed bytes are kept.
 */
import 'reflect-metadata'; // @peculiar/x509 resolves its parts through it
import { createPrivateKey, createPublicKey, type KeyObject, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { TallyError } from '@tallystick/protocol/errors';
import { z } from 'zod';
import type { Clock } from '../clock/index.ts';
import type { Random } from '../random/index.ts';
import { type Fingerprint, fingerprintOfCertificate, fingerprintOfPublicKey, parseNodeId } from './names.ts';
import { signEd25519 } from './signature.ts';

/** What others may know. */
export interface Identity {
  readonly id: string;
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** DER of the self-signed X.509 certificate. */
  readonly certificate: Uint8Array;
  /** Of the certificate's SubjectPublicKeyInfo. */
  readonly fingerprint: Fingerprint;
}

export interface SigningIdentity extends Identity {
  /** Stays inside node:crypto; exported only by `encodeIdentity` and for TLS. */
  readonly privateKey: KeyObject;
  /** @returns an Ed25519 signature, 64 bytes. The message must carry its own domain separation. */
  sign(message: Uint8Array): Uint8Array;
}

/** RFC 5280 §4.1.2.5: the value for "no well-defined expiration date"; what counts is the pin. */
const noExpiry = new Date('9999-12-31T23:59:59Z');
const dayMs = 86_400_000;

/** @throws TallyError `argument.invalid` where the id is none. */
export async function createIdentity(id: string, clock: Clock, random: Random): Promise<SigningIdentity> {
  const name = parseNodeId(id);
  const keys = (await webcrypto.subtle.generateKey('Ed25519', true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const serial = random(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // RFC 5280 §4.1.2.2: positive, no leading zero octet
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: Buffer.from(serial).toString('hex'),
      name: `CN=${name}`,
      notBefore: new Date(clock.nowMs() - dayMs),
      notAfter: noExpiry,
      keys,
      signingAlgorithm: { name: 'Ed25519' },
    },
    webcrypto as unknown as NonNullable<Parameters<typeof x509.X509CertificateGenerator.createSelfSigned>[1]>,
  );
  const pkcs8 = new Uint8Array(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  try {
    return assemble(name, pkcs8, new Uint8Array(certificate.rawData));
  } finally {
    pkcs8.fill(0);
  }
}

function assemble(id: string, pkcs8: Uint8Array, certificate: Uint8Array): SigningIdentity {
  const privateKey = createPrivateKey({
    key: Buffer.from(pkcs8.buffer, pkcs8.byteOffset, pkcs8.length),
    format: 'der',
    type: 'pkcs8',
  });
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
  if (jwk.crv !== 'Ed25519' || jwk.x === undefined) {
    throw new TallyError('store.corrupt', 'identity.key: want an Ed25519 key');
  }
  const publicKey = Uint8Array.from(Buffer.from(jwk.x, 'base64url'));
  const fingerprint = fingerprintOfPublicKey(publicKey);
  if (fingerprintOfCertificate(certificate) !== fingerprint) {
    throw new TallyError('store.corrupt', 'identity.certificate: want a certificate of the identity key');
  }
  return {
    id,
    publicKey,
    certificate,
    fingerprint,
    privateKey,
    sign: (message) => signEd25519(privateKey, message),
  };
}

/** The part that may be shown. */
export function publicIdentity(identity: Identity): Identity {
  const { id, publicKey, certificate, fingerprint } = identity;
  return { id, publicKey, certificate, fingerprint };
}

const storedIdentity = z.strictObject({
  version: z.literal(1),
  id: z.string(),
  key: z.base64(),
  certificate: z.base64(),
});

/** Private key included: to be sealed before it is stored, and zeroed. */
export function encodeIdentity(identity: SigningIdentity): Uint8Array {
  const key = identity.privateKey.export({ type: 'pkcs8', format: 'der' });
  const stored: z.infer<typeof storedIdentity> = {
    version: 1,
    id: identity.id,
    key: key.toString('base64'),
    certificate: Buffer.from(identity.certificate).toString('base64'),
  };
  key.fill(0);
  return new TextEncoder().encode(JSON.stringify(stored));
}

/** @param bytes unsealed. @throws TallyError `store.corrupt` where they are no identity. */
export function parseIdentity(bytes: Uint8Array): SigningIdentity {
  let stored: z.infer<typeof storedIdentity>;
  try {
    stored = storedIdentity.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    throw new TallyError('store.corrupt', 'identity: want the stored form of version 1');
  }
  const pkcs8 = Buffer.from(stored.key, 'base64');
  try {
    return assemble(
      parseNodeId(stored.id, 'identity.id'),
      pkcs8,
      new Uint8Array(Buffer.from(stored.certificate, 'base64')),
    );
  } catch (error) {
    if (error instanceof TallyError) throw error;
    throw new TallyError('store.corrupt', 'identity.key: want an Ed25519 key in PKCS #8');
  } finally {
    pkcs8.fill(0);
  }
}
