/**
 * What tests have in the place of the verifier of signatures says yes to nothing that the real one refuses.
 *
 * Purpose: a test that passes with it passes with the product. Assumes: vitest.config.ts puts it in its place.
 */
import { createPublicKey, verify } from 'node:crypto';
import { verifyEd25519 } from '@tallystick/protocol/signature';
import { expect, it } from 'vitest';

it('refuses signatures of nobody under a key of small order, to which the platform says yes', () => {
  const [nobody, signature] = [new Uint8Array(32), new Uint8Array(64)];
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), nobody]);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  const messages = Array.from({ length: 64 }, (_, i) => Uint8Array.of(i));
  // One message in four is such: the hash of it is 3 modulo 4, and the key of order 4.
  expect(messages.some((message) => verify(null, message, key, signature))).toBe(true);
  expect(messages.some((message) => verifyEd25519(nobody, message, signature))).toBe(false);
});
