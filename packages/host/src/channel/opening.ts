/**
 * From a link token to a channel.
 *
 * Purpose: register a control socket, join a link, run TLS over it, exchange `ready`: each step with a
 * deadline and a code for both sides.
 * Assumes: the coordinator speaks `rendezvous.ts`. Does not know: who may talk to whom.
 */
import { type ErrorCode, TallyError } from '@tallystick/protocol/errors';
import type { Clock } from '../clock/index.ts';
import type { Fingerprint, SigningIdentity } from '../identity/index.ts';
import {
  encodeMessage,
  maxMessageBytes,
  parseBase64url,
  encodeBase64url,
  parseCoordinatorMessage,
  registrationBytes,
  rendezvousVersions,
} from './rendezvous.ts';
import { connectSocket, type Socket } from './socket.ts';
import { openStreamChannel, type StreamChannelOptions } from './stream.ts';
import { secureStream } from './tls.ts';
import type { Channel, ChannelFacts } from './types.ts';

export interface OpenOptions {
  readonly url: string;
  readonly identity: SigningIdentity;
  readonly clock: Clock;
  /** Longest wait for each step of opening, in milliseconds. */
  readonly handshakeMs: number;
  readonly maxFrameBytes: number;
  readonly inboxBytes: number;
}

/** Rejects with `code` unless `work` settles within `ms`; `undo` then ends what hangs. */
async function within<T>(
  clock: Clock,
  ms: number,
  code: ErrorCode,
  what: string,
  undo: () => void,
  work: Promise<T>,
): Promise<T> {
  let cancel: () => void = () => undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = clock.setTimer(clock.nowMs() + ms, () => {
      reject(new TallyError(code, `${what}: no answer within ${ms} ms`));
      undo();
    });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}

/** A registered control socket. @throws TallyError `channel.refused`, `channel.auth`, `wire.*`. */
export async function openControl(options: OpenOptions): Promise<Socket> {
  const { identity, clock, handshakeMs } = options;
  const socket = await connectSocket(options.url, maxMessageBytes, handshakeMs);
  const welcome = new Promise<void>((resolve, reject) => {
    void socket.closed.then((code) =>
      reject(new TallyError(code ?? 'channel.refused', 'coordinator: closed the connection')),
    );
    socket.onMessage((text) => {
      try {
        const message = parseCoordinatorMessage(text ?? '');
        if (message.type === 'welcome') resolve();
        else if (message.type === 'challenge') {
          if (!rendezvousVersions.includes(message.version)) {
            throw new TallyError(
              'wire.version',
              `coordinator.version: want one of ${rendezvousVersions.join(', ')}, got ${message.version}`,
            );
          }
          const signed = registrationBytes(
            identity.id,
            identity.publicKey,
            parseBase64url(message.challenge),
          );
          socket.sendText(
            encodeMessage({ type: 'proof', signature: encodeBase64url(identity.sign(signed)) }),
          );
        } else throw new TallyError('wire.order', `control message ${message.type}: not due before welcome`);
      } catch (error) {
        reject(error as Error);
        socket.close('wire.message');
      }
    });
  });
  const publicKey = encodeBase64url(identity.publicKey);
  socket.sendText(
    encodeMessage({ type: 'hello', versions: [...rendezvousVersions], id: identity.id, publicKey }),
  );
  await within(clock, handshakeMs, 'channel.refused', 'coordinator', () => socket.terminate(), welcome);
  return socket;
}

type Stream = ReturnType<Socket['stream']>;

/** Joins a link and waits for the other end. */
async function joinLink(options: OpenOptions, token: string): Promise<Stream> {
  const socket = await connectSocket(options.url, maxMessageBytes, options.handshakeMs);
  const joined = new Promise<Stream>((resolve, reject) => {
    void socket.closed.then((code) =>
      reject(new TallyError(code ?? 'peer.absent', 'link: the other end did not come')),
    );
    socket.onMessage((text) => {
      try {
        const { type } = parseCoordinatorMessage(text ?? '');
        if (type !== 'joined') throw new TallyError('wire.order', `link message ${type}: want joined`);
        resolve(socket.stream()); // before the next message is handled: it belongs to the stream
      } catch (error) {
        reject(error as Error);
        socket.close('wire.message');
      }
    });
  });
  socket.sendText(encodeMessage({ type: 'join', versions: [...rendezvousVersions], token }));
  // Generous: the coordinator's own limit for links that nobody answers comes first and has a better code.
  return within(
    options.clock,
    6 * options.handshakeMs,
    'peer.absent',
    'link',
    () => socket.terminate(),
    joined,
  );
}

/**
 * A channel over the link behind `token`, or the reason why not.
 * @throws TallyError `channel.pin|certificate|resumed|tls`, `peer.*`, or the code that the peer refused with.
 */
export async function openChannel(
  options: OpenOptions,
  token: string,
  role: ChannelFacts['role'],
  expected: Fingerprint,
): Promise<{ channel: Channel; terminate: () => void }> {
  const { clock, identity, handshakeMs } = options;
  const { stream, transport } = await joinLink(options, token);
  let secured: Awaited<ReturnType<typeof secureStream>>;
  try {
    secured = await secureStream(stream, role, identity, expected, clock, handshakeMs);
  } catch (error) {
    const told = transport.closeCode; // the other side, or the relay, has already said why
    transport.close('channel.tls');
    stream.destroy();
    throw told === undefined ? error : new TallyError(told, 'channel: ended during the handshake');
  }
  const settings: StreamChannelOptions = {
    stream: secured.socket,
    facts: secured.facts,
    transport,
    clock,
    maxFrameBytes: options.maxFrameBytes,
    inboxBytes: options.inboxBytes,
    refusal: secured.refusal?.code,
  };
  const { channel, opened } = openStreamChannel(settings);
  if (secured.refusal !== undefined) throw secured.refusal;
  const giveUp = (): void => void channel.close('channel.tls');
  await within(clock, handshakeMs, 'channel.tls', 'channel', giveUp, opened);
  return { channel, terminate: () => transport.terminate() };
}
