/**
 * Verification of signatures, remembered: what tests have in the place of `packages/protocol/src/signature`.
 *
 * Purpose: in a test all stations of a session are in one process, and each verifies what all were sent. A question is
 * asked once; the platform's verifier, which is ten times as fast, may say yes to it where the key is of the prime order,
 * and no is always the real one's answer. For keys of a small order the platform says yes to signatures of nobody.
 * Assumes: verification is a pure function of its arguments. Does not know: who asks. Child processes and workers have the
 * real one.
 */
import { createHash, createPublicKey, verify as verifyNatively } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { verifyEd25519 as verify } from '../../packages/protocol/src/signature/index.ts';

export * from '../../packages/protocol/src/signature/index.ts';

const answers = new Map<string, boolean>();
/** By public key: is it of the prime order? */
const sound = new Map<string, boolean>();

export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const hash = createHash('sha256');
  for (const part of [publicKey, signature, message]) hash.update(`${part.length} `).update(part);
  const question = hash.digest('base64');
  const answer =
    answers.get(question) ??
    (isAccepted(publicKey, message, signature) || verify(publicKey, message, signature));
  answers.set(question, answer);
  return answer;
}

/** What stands before a key of 32 bytes in its DER form: RFC 8410, section 4. */
const prefix = Buffer.from('302a300506032b6570032100', 'hex');

function isSound(publicKey: Uint8Array): boolean {
  const name = Buffer.from(publicKey).toString('base64');
  let answer = sound.get(name);
  if (answer === undefined) {
    try {
      const point = ed25519.Point.fromBytes(publicKey);
      answer = !point.is0() && point.isTorsionFree();
    } catch {
      answer = false;
    }
    sound.set(name, answer);
  }
  return answer;
}

function isAccepted(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64 || !isSound(publicKey)) return false;
  try {
    const key = createPublicKey({ key: Buffer.concat([prefix, publicKey]), format: 'der', type: 'spki' });
    return verifyNatively(null, message, key, signature);
  } catch {
    return false;
  }
}
