/**
 * Verification of signatures, remembered: what tests have in the place of `packages/protocol/src/signature`.
 *
 * Purpose: in a test all stations of a session are in one process, and each verifies what all were sent. A question is
 * asked once; the platform's verifier, which is ten times as fast, may say yes to it, and no is always the real one's
 * answer. Assumes: verification is a pure function of its arguments; what differs between the two (small orders, other
 * encodings) is tested beside the real one, which has its own import there. Does not know: who asks. Child processes and
 * workers have the real one.
 */
import { createHash, createPublicKey, verify as verifyNatively } from 'node:crypto';
import { verifyEd25519 as verify } from '../../packages/protocol/src/signature/index.ts';

export * from '../../packages/protocol/src/signature/index.ts';

const answers = new Map<string, boolean>();

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

function isAccepted(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    const key = createPublicKey({ key: Buffer.concat([prefix, publicKey]), format: 'der', type: 'spki' });
    return verifyNatively(null, message, key, signature);
  } catch {
    return false;
  }
}
