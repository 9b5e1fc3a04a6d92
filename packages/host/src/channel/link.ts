/**
 * A node's link to its coordinator over WebSockets.
 *
 * Purpose: stay registered (reconnecting with growing pauses), dial peers, be rung by them.
 * Assumes: a coordinator that speaks `rendezvous.ts`; it is not trusted with anything but delivery.
 * Does not know: sessions.
 */
import { type ErrorCode, TallyError } from '@tallystick/protocol/errors';
import { type Clock, systemClock } from '../clock/index.ts';
import { type Fingerprint, parseFingerprint, parseNodeId, type SigningIdentity } from '../identity/index.ts';
import { type Log, pub, pubError, silentLog } from '../log/index.ts';
import { type Random, systemRandom } from '../random/index.ts';
import { defaultPingMs, keepAlive } from './keepalive.ts';
import { type OpenOptions, openChannel, openControl } from './opening.ts';
import {
  abortOf,
  codeOf,
  type CoordinatorMessage,
  encodeMessage,
  maxTagLength,
  type NodeMessage,
  parseCoordinatorMessage,
} from './rendezvous.ts';
import type { Socket } from './socket.ts';
import {
  type Channel,
  type ChannelFacts,
  type CoordinatorLink,
  defaultMaxFrameBytes,
  type DirectoryEntry,
  type LinkState,
  type Ring,
} from './types.ts';

export interface ConnectOptions {
  /** `ws://` or `wss://` address of the coordinator. */
  readonly url: string;
  readonly identity: SigningIdentity;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Log;
  /** Register again after a lost connection; default true. The first attempt always fails at once. */
  readonly reconnect?: boolean;
  readonly pingMs?: number;
  /** Longest wait for each step of a handshake; default 10 s. */
  readonly handshakeMs?: number;
  readonly maxFrameBytes?: number;
  /** Received frames a channel keeps before it stalls the sender; default 1 MiB. */
  readonly inboxBytes?: number;
}

const firstPauseMs = 250;
const longestPauseMs = 10_000;
/** After these the coordinator would only say the same again. */
const final: ReadonlySet<ErrorCode> = new Set(['channel.auth', 'wire.version']);

interface Pending {
  resolve(message: CoordinatorMessage): void;
  reject(error: TallyError): void;
}

/** Registers at a coordinator. @throws TallyError `channel.refused`, `channel.auth`, `wire.version`. */
export async function connectCoordinator(options: ConnectOptions): Promise<CoordinatorLink> {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? systemRandom;
  const log = options.log ?? silentLog;
  const open: OpenOptions = {
    url: options.url,
    identity: options.identity,
    clock,
    handshakeMs: options.handshakeMs ?? 10_000,
    maxFrameBytes: options.maxFrameBytes ?? defaultMaxFrameBytes,
    inboxBytes: options.inboxBytes ?? defaultMaxFrameBytes,
  };
  let state: LinkState = 'online';
  let control: Socket | undefined;
  let cancelRetry: () => void = () => undefined;
  let ringHandler: ((ring: Ring) => void) | undefined;
  const stateHandlers: ((state: LinkState, code: ErrorCode | undefined) => void)[] = [];
  const pending = new Map<number, Pending>();
  const channels = new Map<Channel, () => void>();
  let requests = 0;
  let resolveClosed!: (code: ErrorCode | undefined) => void;
  const closed = new Promise<ErrorCode | undefined>((resolve) => {
    resolveClosed = resolve;
  });

  const enter = (next: LinkState, code: ErrorCode | undefined): void => {
    if (state === 'closed' || state === next) return;
    state = next;
    log.info('link.state', { state: pub(next), code: pub(code ?? null) });
    for (const handler of stateHandlers) handler(next, code);
    if (next === 'closed') resolveClosed(code);
  };

  const openTracked = async (
    token: string,
    role: ChannelFacts['role'],
    expected: Fingerprint,
  ): Promise<Channel> => {
    const { channel, terminate } = await openChannel(open, token, role, expected);
    if (state === 'closed') {
      void channel.close('peer.left');
      throw new TallyError('peer.left', 'link: closed');
    }
    channels.set(channel, terminate);
    void channel.closed.then(() => channels.delete(channel));
    return channel;
  };

  const say = (message: NodeMessage): void => control?.sendText(encodeMessage(message));

  const ring = ({ from, tag, link, token }: Extract<CoordinatorMessage, { type: 'ring' }>): void => {
    let answered = false;
    const answer = (): void => {
      if (answered) throw new TallyError('internal.bug', 'ring: answered twice');
      answered = true;
    };
    const call: Ring = {
      from,
      tag,
      accept(expected) {
        answer();
        return openTracked(token, 'server', expected);
      },
      reject(code = 'peer.unknown') {
        answer();
        say({ type: 'answer', link, abort: abortOf(code) });
      },
    };
    if (ringHandler === undefined) call.reject('peer.absent');
    else ringHandler(call);
  };

  const hear = (text: string | undefined): void => {
    const message = parseCoordinatorMessage(text ?? '');
    switch (message.type) {
      case 'ring':
        return ring(message);
      case 'linked':
      case 'failed':
      case 'nodes': {
        const waiting = pending.get(message.request);
        pending.delete(message.request);
        return waiting?.resolve(message);
      }
      default:
        throw new TallyError('wire.order', `control message ${message.type}: not due after welcome`);
    }
  };

  const attach = (socket: Socket): void => {
    control = socket;
    const stop = keepAlive(socket, clock, options.pingMs ?? defaultPingMs);
    socket.onMessage((text) => {
      try {
        hear(text);
      } catch (error) {
        log.warn('link.message', { error: pubError(error) });
        socket.close('wire.message');
      }
    });
    void socket.closed.then((code) => {
      stop();
      if (control === socket) lost(code);
    });
  };

  const lost = (code: ErrorCode | undefined): void => {
    control = undefined;
    for (const { reject } of pending.values())
      reject(new TallyError('channel.refused', 'coordinator: connection lost'));
    pending.clear();
    for (const terminate of channels.values()) terminate(); // the coordinator ends them too; do not wait for it
    if (state === 'closed') return;
    if (options.reconnect === false || (code !== undefined && final.has(code))) return enter('closed', code);
    enter('reconnecting', code);
    retry(firstPauseMs);
  };

  const retry = (pauseMs: number): void => {
    // Jitter keeps a hundred nodes from knocking in one instant after a coordinator's restart.
    const jitter = 0.5 + (random(1)[0] ?? 0) / 256;
    cancelRetry = clock.setTimer(clock.nowMs() + Math.ceil(pauseMs * jitter), () => {
      openControl(open).then(
        (socket) => {
          if (state === 'closed') return socket.close();
          attach(socket);
          enter('online', undefined);
        },
        (error: unknown) => {
          const code = error instanceof TallyError ? error.code : 'internal.bug';
          if (state === 'closed') return;
          if (final.has(code)) enter('closed', code);
          else retry(Math.min(2 * pauseMs, longestPauseMs));
        },
      );
    });
  };

  const ask = (message: (request: number) => NodeMessage): Promise<CoordinatorMessage> =>
    new Promise((resolve, reject) => {
      if (control === undefined) return reject(new TallyError('channel.refused', `coordinator: ${state}`));
      const request = requests++ % 0x1_0000_0000;
      const cancel = clock.setTimer(clock.nowMs() + open.handshakeMs, () => {
        pending.delete(request);
        reject(new TallyError('channel.refused', `coordinator: no answer within ${open.handshakeMs} ms`));
      });
      pending.set(request, {
        resolve(answer) {
          cancel();
          resolve(answer);
        },
        reject(error) {
          cancel();
          reject(error);
        },
      });
      say(message(request));
    });

  attach(await openControl(open));

  return {
    get state() {
      return state;
    },
    closed,
    onRing(handler) {
      ringHandler = handler;
    },
    onState: (handler) => void stateHandlers.push(handler),
    async dial(peerId, expected, tag) {
      const to = parseNodeId(peerId, 'peer');
      if (tag.length > maxTagLength)
        throw new TallyError(
          'argument.invalid',
          `tag: want at most ${maxTagLength} characters, got ${tag.length}`,
        );
      const answer = await ask((request) => ({ type: 'dial', request, to, tag }));
      if (answer.type === 'failed')
        throw new TallyError(codeOf(answer.abort), `dial ${to}: the coordinator refused`);
      if (answer.type !== 'linked')
        throw new TallyError('wire.order', `dial ${to}: want linked, got ${answer.type}`);
      return openTracked(answer.token, 'client', expected);
    },
    async directory() {
      const answer = await ask((request) => ({ type: 'list', request }));
      if (answer.type !== 'nodes') throw new TallyError('wire.order', `list: want nodes, got ${answer.type}`);
      return answer.nodes.map(
        (node): DirectoryEntry => ({ ...node, fingerprint: parseFingerprint(node.fingerprint) }),
      );
    },
    async close() {
      if (state !== 'closed') {
        cancelRetry();
        enter('closed', undefined);
        await Promise.all([...channels.keys()].map((channel) => channel.close('peer.left')));
        const socket = control;
        control = undefined;
        for (const { reject } of pending.values()) reject(new TallyError('channel.refused', 'link: closed'));
        pending.clear();
        if (socket !== undefined) {
          socket.close();
          const cancel = clock.setTimer(clock.nowMs() + 2_000, () => socket.terminate());
          await socket.closed;
          cancel();
        }
      }
      await closed;
    },
  };
}
