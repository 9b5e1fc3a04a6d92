/**
 * How a socket becomes a registered node.
 *
 * Purpose: `hello` → challenge → `proof`, one step after the other.
 * Assumes: Ed25519 signatures cannot be forged. Does not know: the directory's rules.
 */
import {
  chooseVersion,
  encodeBase64url,
  encodeMessage,
  type NodeMessage,
  parseBase64url,
  registrationBytes,
  type Socket,
} from '@tallystick/host/channel';
import { type Fingerprint, fingerprintOfPublicKey, verifyEd25519 } from '@tallystick/host/identity';
import type { Random } from '@tallystick/host/random';
import { TallyError } from '@tallystick/protocol/errors';

export interface Registration {
  readonly id: string;
  readonly fingerprint: Fingerprint;
  /** @throws TallyError `channel.auth` where the signature is not the node's over the challenge. */
  verify(message: Extract<NodeMessage, { type: 'proof' }>): void;
}

/** Answers a `hello`. @throws TallyError `wire.version`. */
export function challengeNode(
  hello: Extract<NodeMessage, { type: 'hello' }>,
  socket: Socket,
  random: Random,
): Registration {
  const version = chooseVersion(hello.versions);
  const publicKey = parseBase64url(hello.publicKey);
  const challenge = random(32);
  socket.sendText(encodeMessage({ type: 'challenge', version, challenge: encodeBase64url(challenge) }));
  return {
    id: hello.id,
    fingerprint: fingerprintOfPublicKey(publicKey),
    verify({ signature }) {
      const signed = registrationBytes(hello.id, publicKey, challenge);
      if (!verifyEd25519(publicKey, signed, parseBase64url(signature))) {
        throw new TallyError('channel.auth', `node ${hello.id}: the signature does not verify`);
      }
    },
  };
}
