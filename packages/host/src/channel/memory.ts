/**
 * Channels inside one process, with faults on demand.
 *
 * Purpose: tests and examples of everything above the channel, without sockets or TLS.
 * Assumes: nothing is secret here: peers are named, not proved; `accept` still compares fingerprints.
 * Does not know: TLS; `exporterHash` is 32 random bytes that both ends share.
 */
import { Duplex } from 'node:stream';
import { type ErrorCode, TallyError } from '@tallystick/protocol/errors';
import { type Clock, systemClock } from '../clock/index.ts';
import type { Fingerprint, Identity } from '../identity/index.ts';
import { type Random, systemRandom } from '../random/index.ts';
import { openStreamChannel, type Transport } from './stream.ts';
import {
  type Channel,
  type ChannelFacts,
  type CoordinatorLink,
  defaultMaxFrameBytes,
  type LinkState,
  type Ring,
} from './types.ts';

/** Faults that a correct transport never shows; `index` counts the frames that one end sends, from 0. */
export interface LinkFaults {
  /** The connection breaks instead of this frame being sent. */
  readonly cut?: (index: number) => boolean;
  readonly duplicate?: (index: number) => boolean;
  /** This frame is held back and follows the next one. */
  readonly reorder?: (index: number) => boolean;
  /** Milliseconds before the frame leaves. */
  readonly delayMs?: (index: number) => number;
}

type Named = Pick<Identity, 'fingerprint'> & Partial<Pick<Identity, 'publicKey'>>;

export interface MemoryPairOptions {
  readonly client: Named;
  readonly server: Named;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly maxFrameBytes?: number;
  readonly inboxBytes?: number;
  readonly clientFaults?: LinkFaults;
  readonly serverFaults?: LinkFaults;
}

type Write = (frame: Uint8Array) => Promise<void>;

function withFaults(
  faults: LinkFaults,
  clock: Clock,
  cut: () => void,
): (frame: Uint8Array, write: Write) => Promise<void> {
  let index = 0;
  let held: Uint8Array | undefined;
  let broken = false;
  let last: Promise<void> = Promise.resolve();
  const pass = async (at: number, frame: Uint8Array, write: Write): Promise<void> => {
    const delayMs = faults.delayMs?.(at) ?? 0;
    if (delayMs > 0)
      await new Promise<void>((resolve) => void clock.setTimer(clock.nowMs() + delayMs, resolve));
    if (broken) throw new TallyError('peer.left', 'channel: cut');
    if (faults.cut?.(at) === true) {
      broken = true;
      return cut();
    }
    if (faults.reorder?.(at) === true && held === undefined) {
      held = frame;
      return;
    }
    await write(frame);
    if (faults.duplicate?.(at) === true) await write(frame);
    const late = held;
    held = undefined;
    if (late !== undefined) await write(late);
  };
  return (frame, write) => {
    const at = index++;
    const copy = frame.slice();
    const sent = last.then(() => pass(at, copy, write));
    last = sent.catch(() => undefined);
    return sent;
  };
}

/** One end of a byte pipe that behaves like a socket: an end that goes away is an end of file to the other. */
class StreamEnd extends Duplex {
  peer: StreamEnd | undefined;
  /** The other end's write, held until this end reads. */
  #held: (() => void) | undefined;
  #ended = false;

  override _read(): void {
    const held = this.#held;
    this.#held = undefined;
    held?.();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const { peer } = this;
    if (peer === undefined || peer.destroyed) return done();
    peer.#held = () => done();
    peer.push(chunk);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.peer !== undefined) this.peer.#endOfFile();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this._read();
    if (this.peer !== undefined) this.peer.#endOfFile();
    done(error);
  }

  #endOfFile(): void {
    if (this.#ended || this.destroyed) return;
    this.#ended = true;
    this.push(null);
  }
}

function countBytes(stream: Duplex): Transport {
  const counts = { sent: 0, received: 0 };
  const write = stream._write.bind(stream);
  stream._write = (chunk: Uint8Array, encoding, done) => {
    counts.sent += chunk.length;
    write(chunk, encoding, done);
  };
  stream.on('data', (chunk: Uint8Array) => {
    counts.received += chunk.length;
  });
  return {
    get bytesSent() {
      return counts.sent;
    },
    get bytesReceived() {
      return counts.received;
    },
    closeCode: undefined,
    close: () => void stream.destroy(),
    terminate: () => void stream.destroy(),
  };
}

/** Two ends of one channel, both open. */
export async function memoryChannelPair(
  options: MemoryPairOptions,
): Promise<{ client: Channel; server: Channel; cut: () => void }> {
  const clock = options.clock ?? systemClock;
  const clientStream = new StreamEnd();
  const serverStream = new StreamEnd();
  clientStream.peer = serverStream;
  serverStream.peer = clientStream;
  const exporterHash = (options.random ?? systemRandom)(32);
  const end = (role: ChannelFacts['role'], stream: Duplex, faults: LinkFaults | undefined) => {
    const [own, peer] =
      role === 'client' ? [options.client, options.server] : [options.server, options.client];
    return openStreamChannel({
      stream,
      facts: {
        role,
        localFingerprint: own.fingerprint,
        peerFingerprint: peer.fingerprint,
        peerPublicKey: peer.publicKey?.slice() ?? new Uint8Array(32),
        exporterHash: exporterHash.slice(),
      },
      transport: countBytes(stream),
      clock,
      maxFrameBytes: options.maxFrameBytes ?? defaultMaxFrameBytes,
      inboxBytes: options.inboxBytes ?? defaultMaxFrameBytes,
      ...(faults === undefined ? {} : { outgoing: withFaults(faults, clock, () => void stream.end()) }),
    });
  };
  const client = end('client', clientStream, options.clientFaults);
  const server = end('server', serverStream, options.serverFaults);
  await Promise.all([client.opened, server.opened]);
  return { client: client.channel, server: server.channel, cut: () => void clientStream.destroy() };
}

export interface MemoryCoordinator {
  /** As `connectCoordinator`, without the proof of the key. @throws TallyError `channel.auth` for an id in use. */
  connect(identity: Identity): Promise<CoordinatorLink>;
}

interface MemoryNode {
  readonly identity: Identity;
  readonly channels: Set<Channel>;
  ring: ((ring: Ring) => void) | undefined;
}

type PairSettings = Omit<MemoryPairOptions, 'client' | 'server'>;

/** A coordinator in memory: every link it makes takes these settings. */
export function memoryCoordinator(settings: PairSettings = {}): MemoryCoordinator {
  const nodes = new Map<string, MemoryNode>();

  const call = (from: MemoryNode, to: MemoryNode, expected: Fingerprint, tag: string): Promise<Channel> =>
    new Promise((resolve, reject) => {
      const mismatch = (): TallyError => new TallyError('channel.pin', 'certificate: not the pinned one');
      const ring: Ring = {
        from: from.identity.id,
        tag,
        async accept(pin) {
          if (pin !== from.identity.fingerprint || expected !== to.identity.fingerprint) {
            reject(mismatch());
            throw mismatch();
          }
          const pair = await memoryChannelPair({ ...settings, client: from.identity, server: to.identity });
          from.channels.add(pair.client);
          to.channels.add(pair.server);
          resolve(pair.client);
          return pair.server;
        },
        reject: (code = 'peer.unknown') => reject(new TallyError(code, `dial ${to.identity.id}: refused`)),
      };
      queueMicrotask(() => (to.ring === undefined ? ring.reject('peer.absent') : to.ring(ring)));
    });

  return {
    async connect(identity) {
      if (nodes.has(identity.id)) throw new TallyError('channel.auth', `id ${identity.id}: already online`);
      const self: MemoryNode = { identity, channels: new Set(), ring: undefined };
      nodes.set(identity.id, self);
      let state: LinkState = 'online';
      const handlers: ((state: LinkState, code: ErrorCode | undefined) => void)[] = [];
      let resolveClosed!: (code: ErrorCode | undefined) => void;
      const closed = new Promise<ErrorCode | undefined>((resolve) => {
        resolveClosed = resolve;
      });
      return {
        get state() {
          return state;
        },
        closed,
        onRing(handler) {
          self.ring = handler;
        },
        onState: (handler) => void handlers.push(handler),
        async dial(peerId, expected, tag) {
          const peer = nodes.get(peerId);
          if (state === 'closed' || peer === undefined)
            throw new TallyError('peer.absent', `dial ${peerId}: not online`);
          return call(self, peer, expected, tag);
        },
        async directory() {
          return [...nodes.values()].map(({ identity: { id, fingerprint } }) => ({
            id,
            fingerprint,
            online: true,
          }));
        },
        async close() {
          if (state === 'closed') return;
          state = 'closed';
          nodes.delete(identity.id);
          await Promise.all([...self.channels].map((channel) => channel.close('peer.left')));
          for (const handler of handlers) handler('closed', undefined);
          resolveClosed(undefined);
        },
      };
    },
  };
}
