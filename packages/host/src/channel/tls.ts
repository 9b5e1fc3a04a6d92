/**
 * TLS 1.3 between two nodes, both certificates pinned.
 *
 * Purpose: turn an untrusted duplex stream into an authenticated one, or refuse with a code. Refuses before
 * one byte of application data is read: another version than 1.3, a resumed session, no certificate,
 * another key than the pinned one.
 * Assumes: both ends know each other's SPKI fingerprint.
 * Does not know: WebSockets, frames. Never looks at `authorized`: nobody signs these certificates, and with
 * `rejectUnauthorized: false` a resumed client without a certificate counts as authorized.
 */
import { constants, createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import * as tls from 'node:tls';
import { TallyError } from '@tallystick/protocol/errors';
import type { Clock } from '../clock/index.ts';
import { type Fingerprint, fingerprintOfSpki, type SigningIdentity } from '../identity/index.ts';
import { type ChannelFacts, exporterLabel } from './types.ts';

const exporterBytes = 32;

/** What both ends put into their TLS context; made anew for every connection, so no state is shared. */
export function tlsOptions(identity: SigningIdentity): tls.SecureContextOptions {
  const certificate = Buffer.from(identity.certificate).toString('base64');
  return {
    key: identity.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    sigalgs: 'ed25519',
    // OpenSSL then still sends session ids in TLS 1.3; they name nothing, since no session is stored.
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

/** SubjectPublicKeyInfo of an Ed25519 key (RFC 8410 §4): 12 bytes, then the 32 of the key. */
const ed25519SpkiBytes = 44;

/**
 * The checks behind the handshake, in this order; returns the peer's raw Ed25519 key, 32 bytes. Call it once: on a
 * client of Node 20 a second `getPeerX509Certificate` finds nothing.
 * @throws TallyError `channel.tls`, `channel.resumed`, `channel.certificate`, `channel.pin`.
 */
export function checkHandshake(
  socket: Pick<tls.TLSSocket, 'getProtocol' | 'isSessionReused' | 'getPeerX509Certificate'>,
  expected: Fingerprint,
): Uint8Array {
  if (socket.getProtocol() !== 'TLSv1.3') throw new TallyError('channel.tls', 'tls: want version 1.3');
  if (socket.isSessionReused())
    throw new TallyError('channel.resumed', 'tls: want a full handshake, got a resumed session');
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined)
    throw new TallyError('channel.certificate', 'tls: want a certificate, got none');
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  const got = fingerprintOfSpki(spki);
  if (got !== expected) throw new TallyError('channel.pin', `certificate: want ${expected}, got ${got}`);
  if (spki.length !== ed25519SpkiBytes)
    throw new TallyError('channel.certificate', 'certificate: want an Ed25519 key');
  return Uint8Array.from(spki.subarray(-32));
}

/** Completes the handshake; nothing about the peer is checked yet. Rejects with `channel.tls`. */
function shakeHands(
  stream: Duplex,
  role: ChannelFacts['role'],
  identity: SigningIdentity,
): Promise<tls.TLSSocket> {
  return new Promise((resolve, reject) => {
    const failed = (cause?: unknown): void => {
      reject(new TallyError('channel.tls', 'tls: the handshake failed', { cause }));
      stream.destroy();
    };
    stream.once('error', failed);
    stream.once('close', () => failed());
    if (role === 'client') {
      // `checkServerIdentity` compares host names, which nodes have none of; the pin is compared instead.
      const socket = tls.connect({
        socket: stream,
        rejectUnauthorized: false,
        checkServerIdentity: () => undefined,
        ...tlsOptions(identity),
      });
      socket.once('secureConnect', () => resolve(socket));
      socket.on('error', failed);
      return;
    }
    // A server that never listens, one for each connection: no session store, no shared ticket key.
    const server = tls.createServer({
      requestCert: true,
      rejectUnauthorized: false,
      sessionTimeout: 1,
      ...tlsOptions(identity),
    });
    server.once('secureConnection', (socket) => {
      socket.on('error', failed);
      resolve(socket);
    });
    server.once('tlsClientError', failed);
    server.emit('connection', stream);
  });
}

export interface SecureStream {
  readonly socket: tls.TLSSocket;
  readonly facts: ChannelFacts;
  /** Set where the peer was refused: the socket may only be used to say so. */
  readonly refusal: TallyError | undefined;
}

/**
 * Runs the handshake over the stream and checks the peer. A refused peer is returned with its refusal, so
 * that the caller can tell it the code inside TLS; a handshake that fails rejects.
 * @throws TallyError `channel.tls` (also where it takes longer than `handshakeMs`).
 */
export async function secureStream(
  stream: Duplex,
  role: ChannelFacts['role'],
  identity: SigningIdentity,
  expected: Fingerprint,
  clock: Clock,
  handshakeMs: number,
): Promise<SecureStream> {
  const cancel = clock.setTimer(clock.nowMs() + handshakeMs, () => stream.destroy());
  try {
    const socket = await shakeHands(stream, role, identity);
    let refusal: TallyError | undefined;
    let peerPublicKey: Uint8Array = new Uint8Array(0); // of a refused peer: none
    try {
      peerPublicKey = checkHandshake(socket, expected);
    } catch (error) {
      if (!(error instanceof TallyError)) throw error;
      refusal = error;
    }
    // RFC 8446 §7.5. It does not cover the client's certificate: consents sign both fingerprints as well.
    const exported = socket.exportKeyingMaterial(exporterBytes, exporterLabel, Buffer.alloc(0));
    const facts: ChannelFacts = {
      peerFingerprint: expected,
      peerPublicKey,
      localFingerprint: identity.fingerprint,
      role,
      exporterHash: Uint8Array.from(createHash('sha256').update(exported).digest()),
    };
    exported.fill(0);
    return { socket, facts, refusal };
  } finally {
    cancel();
  }
}
