/**
 * The coordinator as a server: directory, rendezvous, relay.
 *
 * Purpose: take sockets, register nodes that prove their key, ring one for another, pipe links.
 * Assumes: nodes do not trust it: they pin each other's certificates inside the links it pipes.
 * Does not know: sessions, agreements, anything that passes on a link. The collector, where it runs in the
 * same process, is a node like others: it connects to `url` over loopback with an identity of its own.
 */
import {
  abortOf,
  chooseVersion,
  codeOf,
  defaultPingMs,
  encodeMessage,
  keepAlive,
  listenSockets,
  maxMessageBytes,
  type NodeMessage,
  parseNodeMessage,
  type Socket,
} from '@tallystick/host/channel';
import { type Clock, systemClock } from '@tallystick/host/clock';
import type { Fingerprint } from '@tallystick/host/identity';
import { type Log, pub, pubError, silentLog } from '@tallystick/host/log';
import { type Random, systemRandom } from '@tallystick/host/random';
import { asTallyError, TallyError } from '@tallystick/protocol/errors';
import { createDirectory } from '../directory/index.ts';
import { createRelay, type RelayOptions } from '../relay/index.ts';
import { challengeNode, type Registration } from './registration.ts';

export interface CoordinatorLimits {
  readonly maxNodes: number;
  readonly maxSockets: number;
  readonly maxLinksPerNode: number;
  /** Bytes a link may hold in each direction before its sender is stalled. */
  readonly highWaterBytes: number;
  /** From connection to `welcome` or `join`. */
  readonly handshakeMs: number;
  readonly unpairedMs: number;
  readonly idleMs: number;
  readonly pingMs: number;
  /** Control messages a node may send in any `burstMs`. */
  readonly maxBurst: number;
  readonly burstMs: number;
}

export const defaultLimits: CoordinatorLimits = {
  maxNodes: 1_000,
  maxSockets: 4_000,
  maxLinksPerNode: 64,
  highWaterBytes: 1 << 20,
  handshakeMs: 10_000,
  unpairedMs: 15_000,
  idleMs: 3_600_000,
  pingMs: defaultPingMs,
  maxBurst: 300,
  burstMs: 10_000,
};

export interface CoordinatorOptions {
  readonly host?: string;
  /** 0 (default): the system chooses. */
  readonly port?: number;
  readonly limits?: Partial<CoordinatorLimits>;
  /** Where given, only these keys may register. */
  readonly allow?: readonly Fingerprint[];
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Log;
  readonly observe?: RelayOptions['observe'];
  readonly interfere?: RelayOptions['interfere'];
}

export interface CoordinatorStats {
  readonly nodes: number;
  readonly sockets: number;
  readonly links: number;
  /** Bytes of links passed on since the start. */
  readonly relayedBytes: number;
  /** Bytes of links taken and not yet passed on. */
  readonly heldBytes: number;
}

export interface Coordinator {
  readonly url: string;
  readonly port: number;
  readonly stats: CoordinatorStats;
  close(): Promise<void>;
}

/** @throws TallyError `channel.listen` where the port is taken. */
export async function startCoordinator(options: CoordinatorOptions = {}): Promise<Coordinator> {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? systemRandom;
  const log = options.log ?? silentLog;
  const limits: CoordinatorLimits = { ...defaultLimits, ...options.limits };
  const directory = createDirectory<Socket>(limits.maxNodes, options.allow);
  const relay = createRelay({
    clock,
    random,
    maxLinksPerNode: limits.maxLinksPerNode,
    highWaterBytes: limits.highWaterBytes,
    unpairedMs: limits.unpairedMs,
    idleMs: limits.idleMs,
    observe: options.observe,
    interfere: options.interfere,
  });
  const sockets = new Set<Socket>();

  const dial = (from: string, socket: Socket, message: Extract<NodeMessage, { type: 'dial' }>): void => {
    const { request, to, tag } = message;
    try {
      const peer = directory.find(to);
      if (peer === undefined || peer === socket)
        throw new TallyError('peer.absent', `node ${to}: not online`);
      const { link, diallerToken, rungToken } = relay.open(from, to);
      peer.sendText(encodeMessage({ type: 'ring', link, token: rungToken, from, tag }));
      socket.sendText(encodeMessage({ type: 'linked', request, link, token: diallerToken }));
    } catch (error) {
      socket.sendText(encodeMessage({ type: 'failed', request, abort: abortOf(asTallyError(error).code) }));
    }
  };

  /** From `welcome` on: the socket is the node's control socket until it closes. */
  const serveNode = (socket: Socket, { id, fingerprint }: Registration): void => {
    const before = directory.register(id, fingerprint, socket);
    if (before !== undefined) {
      relay.drop(id);
      before.close('channel.auth'); // one process per identity: the newer one stays
    }
    log.info('node.online', { id: pub(id) });
    const stop = keepAlive(socket, clock, limits.pingMs);
    void socket.closed.then(() => {
      stop();
      if (directory.find(id) !== socket) return;
      directory.leave(id, socket);
      relay.drop(id);
      log.info('node.offline', { id: pub(id) });
    });
    let count = 0;
    let sinceMs = clock.nowMs();
    guard(socket, (message) => {
      if (clock.nowMs() - sinceMs >= limits.burstMs) {
        sinceMs = clock.nowMs();
        count = 0;
      }
      if (++count > limits.maxBurst)
        throw new TallyError('channel.overflow', `node ${id}: too many control messages`);
      switch (message.type) {
        case 'dial':
          return dial(id, socket, message);
        case 'answer':
          return relay.refuse(message.link, id, codeOf(message.abort));
        case 'list':
          return socket.sendText(
            encodeMessage({ type: 'nodes', request: message.request, nodes: directory.list() }),
          );
        default:
          throw new TallyError('wire.order', `control message ${message.type}: not due after welcome`);
      }
    });
    socket.sendText(encodeMessage({ type: 'welcome' }));
  };

  /** Parses what the socket says; the first refusal ends it, with its code. */
  const guard = (socket: Socket, handle: (message: NodeMessage) => void): void => {
    socket.onMessage((text) => {
      try {
        if (text === undefined) throw new TallyError('wire.type', 'control message: want text, got binary');
        handle(parseNodeMessage(text));
      } catch (error) {
        const coded = asTallyError(error);
        log.warn('socket.refused', { error: pubError(coded) });
        socket.onMessage(() => undefined);
        socket.close(coded.code);
        const cancel = clock.setTimer(clock.nowMs() + limits.handshakeMs, () => socket.terminate());
        void socket.closed.then(cancel);
      }
    });
  };

  const onSocket = (socket: Socket): void => {
    if (sockets.size >= limits.maxSockets) return socket.terminate();
    sockets.add(socket);
    const cancelLate = clock.setTimer(clock.nowMs() + limits.handshakeMs, () => socket.terminate());
    void socket.closed.then(() => {
      cancelLate();
      sockets.delete(socket);
    });
    let registration: Registration | undefined;
    guard(socket, (message) => {
      if (message.type === 'hello' && registration === undefined) {
        registration = challengeNode(message, socket, random);
      } else if (message.type === 'proof' && registration !== undefined) {
        registration.verify(message);
        cancelLate();
        serveNode(socket, registration);
      } else if (message.type === 'join' && registration === undefined) {
        chooseVersion(message.versions);
        cancelLate();
        relay.join(message.token, socket);
      } else {
        throw new TallyError('wire.order', `control message ${message.type}: not due before welcome`);
      }
    });
  };

  const server = await listenSockets({
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    maxMessageBytes,
    onSocket,
  });
  log.info('coordinator.listening', { port: pub(server.port) });
  return {
    url: server.url,
    port: server.port,
    get stats() {
      return {
        nodes: directory.online,
        sockets: sockets.size,
        links: relay.links,
        relayedBytes: relay.relayedBytes,
        heldBytes: relay.heldBytes,
      };
    },
    async close() {
      relay.close();
      const all = [...sockets];
      for (const socket of all) socket.close();
      await server.close();
      await Promise.all(all.map((socket) => socket.closed));
    },
  };
}
