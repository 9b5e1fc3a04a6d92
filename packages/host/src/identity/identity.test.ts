import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { systemClock } from '../clock/index.ts';
import { systemRandom } from '../random/index.ts';
import {
  createIdentity,
  encodeIdentity,
  fingerprintOfCertificate,
  fingerprintOfPublicKey,
  parseFingerprint,
  parseIdentity,
  parseNodeId,
  publicIdentity,
  verifyEd25519,
} from './index.ts';

const make = (id: string) => createIdentity(id, systemClock, systemRandom);

it('has a self-signed certificate whose SPKI is what the fingerprint says', async () => {
  const identity = await make('agency-a');
  const certificate = new X509Certificate(identity.certificate);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.subject).toBe('CN=agency-a');
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  expect(identity.fingerprint).toBe(`sha256:${createHash('sha256').update(spki).digest('base64url')}`);
  expect(fingerprintOfPublicKey(identity.publicKey)).toBe(identity.fingerprint);
  expect(fingerprintOfCertificate(identity.certificate)).toBe(identity.fingerprint);
  expect((await make('agency-a')).fingerprint).not.toBe(identity.fingerprint);
});

it('signs what protocol verifies, and nothing else', async () => {
  const [identity, other] = [await make('a'), await make('b')];
  const message = new Uint8Array(100).fill(3);
  const signature = identity.sign(message);
  expect(verifyEd25519(identity.publicKey, message, signature)).toBe(true);
  expect(verifyEd25519(other.publicKey, message, signature)).toBe(false);
  expect(verifyEd25519(identity.publicKey, message.slice(1), signature)).toBe(false);
  expect(verifyEd25519(identity.publicKey, message, signature.slice(1))).toBe(false);
  for (const at of [0, 31, 32, 63]) {
    const bent = signature.slice();
    bent[at] = (bent[at] ?? 0) ^ 1;
    expect(verifyEd25519(identity.publicKey, message, bent)).toBe(false);
  }
  expect(verifyEd25519(new Uint8Array(32), message, new Uint8Array(64))).toBe(false);
});

it('survives storing, and refuses what is not an identity', async () => {
  const identity = await make('a');
  const bytes = encodeIdentity(identity);
  const again = parseIdentity(bytes);
  expect(publicIdentity(again)).toEqual(publicIdentity(identity));
  expect(verifyEd25519(identity.publicKey, Uint8Array.of(1), again.sign(Uint8Array.of(1)))).toBe(true);
  const stored = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
  const foreign = JSON.parse(new TextDecoder().decode(encodeIdentity(await make('a')))) as Record<
    string,
    unknown
  >;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'der',
  });
  const bad = [
    { ...stored, version: 2 },
    { ...stored, key: foreign['key'] },
    { ...stored, key: 'AAAA' },
    { ...stored, key: rsa.toString('base64') },
  ];
  for (const value of bad) {
    expect(() => parseIdentity(new TextEncoder().encode(JSON.stringify(value)))).toThrow(
      expect.objectContaining({ code: 'store.corrupt' }),
    );
  }
  expect(JSON.stringify(publicIdentity(identity))).not.toContain('rivate');
});

it('parses ids and fingerprints strictly', () => {
  const fingerprint = fingerprintOfPublicKey(new Uint8Array(32).fill(9));
  expect(parseFingerprint(fingerprint)).toBe(fingerprint);
  const last = fingerprint.at(-1) ?? '';
  // The next letter differs in bits that base64 does not use: another spelling of the same bytes.
  const respelled = fingerprint.slice(0, -1) + String.fromCharCode(last.charCodeAt(0) + 1);
  for (const text of [
    '',
    fingerprint.slice(7),
    fingerprint.toUpperCase(),
    `${fingerprint}=`,
    `${fingerprint} `,
    respelled,
  ]) {
    expect(() => parseFingerprint(text)).toThrow(expect.objectContaining({ code: 'argument.invalid' }));
  }
  expect(['a', 'ofac', '0-a'].map((id) => parseNodeId(id))).toEqual(['a', 'ofac', '0-a']);
  for (const id of ['', 'A', 'a b', '-a', 'a\n', 'a'.repeat(33), '../a']) {
    expect(() => parseNodeId(id)).toThrow(expect.objectContaining({ code: 'argument.invalid' }));
  }
});
