/**
 * What a node is called: its short id and the fingerprint of its key.
 *
 * Purpose: parse and derive both. A fingerprint is `sha256:` and the 43 characters of unpadded base64url
 * of SHA-256 over the DER SubjectPublicKeyInfo (RFC 5280 §4.1.2.7, RFC 4648 §5): what OpenSSL prints for
 * `openssl x509 -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256`, in another alphabet.
 * Assumes: nothing.
 * Does not know: whether anybody vouches for a fingerprint.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { TallyError } from '@tallystick/protocol/errors';

/** `sha256:` + 43 characters of base64url. */
export type Fingerprint = `sha256:${string}`;

/** @throws TallyError `argument.invalid` unless 1 to 32 of a-z, 0-9 and `-`, not starting with `-`. */
export function parseNodeId(text: string, field = 'id'): string {
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(text)) {
    throw new TallyError(
      'argument.invalid',
      `${field}: want 1 to 32 characters of a-z, 0-9, - (not first), got ${text.length} characters`,
    );
  }
  return text;
}

/** @throws TallyError `argument.invalid` unless `sha256:` and canonical base64url of 32 bytes follow. */
export function parseFingerprint(text: string, field = 'fingerprint'): Fingerprint {
  const digits = /^sha256:([A-Za-z0-9_-]{43})$/.exec(text)?.[1];
  // The last character carries 2 unused bits, which must be 0: one fingerprint, one spelling.
  if (digits === undefined || Buffer.from(digits, 'base64url').toString('base64url') !== digits) {
    throw new TallyError('argument.invalid', `${field}: want sha256: and 43 characters of base64url`);
  }
  return `sha256:${digits}`;
}

/** @param spki DER SubjectPublicKeyInfo. */
export function fingerprintOfSpki(spki: Uint8Array): Fingerprint {
  return `sha256:${createHash('sha256').update(spki).digest('base64url')}`;
}

export { fingerprintOfKey as fingerprintOfPublicKey } from '@tallystick/protocol/signature';

/** @param certificate DER. @throws TallyError `channel.certificate` where it does not parse. */
export function fingerprintOfCertificate(certificate: Uint8Array): Fingerprint {
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(certificate);
  } catch {
    throw new TallyError('channel.certificate', 'certificate: want DER of an X.509 certificate');
  }
  return fingerprintOfSpki(parsed.publicKey.export({ type: 'spki', format: 'der' }));
}
