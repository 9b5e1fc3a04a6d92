/**
 * Links between two nodes.
 *
 * Purpose: give both ends a token, wait for both to join, pipe between them, end both together; with limits
 * on how many, how long unpaired, how long idle.
 * Assumes: ids are those of registered nodes. Does not know: what passes (TLS between the nodes).
 */
import { encodeBase64url, encodeMessage, type Socket } from '@tallystick/host/channel';
import type { Clock } from '@tallystick/host/clock';
import type { Random } from '@tallystick/host/random';
import { type ErrorCode, TallyError } from '@tallystick/protocol/errors';
import { createPipe, type Pipe } from './pipe.ts';

export type Direction = 'from-dialler' | 'from-rung';

export interface RelayOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly maxLinksPerNode: number;
  readonly highWaterBytes: number;
  /** A link whose two ends have not both joined by then ends with `peer.absent`. */
  readonly unpairedMs: number;
  /** A link without a byte for so long ends with `session.deadline`. */
  readonly idleMs: number;
  /** Sees every message of every link: for tests that record traffic. */
  readonly observe?: ((link: string, direction: Direction, message: Uint8Array) => void) | undefined;
  /** Replaces messages: for tests of a hostile relay, which both nodes must notice. */
  readonly interfere?:
    | ((link: string, direction: Direction, message: Uint8Array) => readonly Uint8Array[])
    | undefined;
}

export interface NewLink {
  readonly link: string;
  readonly diallerToken: string;
  readonly rungToken: string;
}

export interface Relay {
  /** @throws TallyError `channel.overflow` where one of the nodes has too many links. */
  open(dialler: string, rung: string): NewLink;
  /** The rung node will not come: the dialler is told the code. */
  refuse(link: string, rung: string, code: ErrorCode): void;
  /** Takes over the socket. @throws TallyError `peer.absent` for a token that is unknown, used or expired. */
  join(token: string, socket: Socket): void;
  /** Ends every link of a node that has gone. */
  drop(node: string): void;
  readonly links: number;
  readonly relayedBytes: number;
  readonly heldBytes: number;
  close(): void;
}

interface End {
  readonly node: string;
  socket: Socket | undefined;
  pipe: Pipe | undefined;
}

interface Link {
  readonly id: string;
  readonly ends: Readonly<Record<Direction, End>>;
  readonly tokens: readonly string[];
  refused: ErrorCode | undefined;
  ended: boolean;
  lastMs: number;
  cancelTimer: () => void;
}

const directions: readonly Direction[] = ['from-dialler', 'from-rung'];
const other = (direction: Direction): Direction =>
  direction === 'from-dialler' ? 'from-rung' : 'from-dialler';

export function createRelay(options: RelayOptions): Relay {
  const { clock, random } = options;
  const links = new Map<string, Link>();
  const tokens = new Map<string, { link: Link; direction: Direction }>();
  let relayedBytes = 0;

  const linksOf = (node: string): Link[] =>
    [...links.values()].filter(({ ends }) => directions.some((direction) => ends[direction].node === node));

  /** Takes the link off the books and closes what is open, each end once its last bytes have left. */
  const end = (link: Link, code: ErrorCode | undefined): void => {
    if (link.ended) return;
    link.ended = true;
    link.cancelTimer();
    links.delete(link.id);
    for (const token of link.tokens) tokens.delete(token);
    for (const direction of directions) {
      const socket = link.ends[direction].socket;
      if (socket === undefined) continue;
      const close = (): void => socket.close(code);
      const towards = link.ends[other(direction)].pipe;
      if (towards === undefined) close();
      else towards.whenEmpty(close);
      // An end that neither reads nor leaves must not hold memory for ever.
      const cancel = clock.setTimer(clock.nowMs() + options.unpairedMs, () => socket.terminate());
      void socket.closed.then(cancel);
    }
  };

  const armIdle = (link: Link): void => {
    link.cancelTimer = clock.setTimer(link.lastMs + options.idleMs, () => {
      if (clock.nowMs() - link.lastMs >= options.idleMs) end(link, 'session.deadline');
      else armIdle(link);
    });
  };

  const pair = (link: Link, a: Socket, b: Socket): void => {
    link.cancelTimer();
    link.lastMs = clock.nowMs();
    armIdle(link);
    const sockets = { 'from-dialler': [a, b], 'from-rung': [b, a] } as const;
    for (const direction of directions) {
      const [from, to] = sockets[direction];
      const pipe = createPipe(from, to, {
        highWaterBytes: options.highWaterBytes,
        interfere:
          options.interfere && ((message) => options.interfere?.(link.id, direction, message) ?? [message]),
        onBytes(message) {
          relayedBytes += message.length;
          link.lastMs = clock.nowMs();
          options.observe?.(link.id, direction, message);
        },
      });
      link.ends[direction].pipe = pipe;
      from.onMessage((_text, message) => {
        if (message === undefined) end(link, 'wire.type');
        else if (!link.ended) pipe.take(message);
      });
    }
    for (const socket of [a, b]) socket.sendText(encodeMessage({ type: 'joined' }));
  };

  return {
    open(dialler, rung) {
      for (const node of [dialler, rung]) {
        if (linksOf(node).length >= options.maxLinksPerNode) {
          throw new TallyError(
            'channel.overflow',
            `node ${node}: want at most ${options.maxLinksPerNode} links`,
          );
        }
      }
      const [id, diallerToken, rungToken] = [random(32), random(32), random(32)].map(encodeBase64url) as [
        string,
        string,
        string,
      ];
      const link: Link = {
        id,
        ends: {
          'from-dialler': { node: dialler, socket: undefined, pipe: undefined },
          'from-rung': { node: rung, socket: undefined, pipe: undefined },
        },
        tokens: [diallerToken, rungToken],
        refused: undefined,
        ended: false,
        lastMs: clock.nowMs(),
        cancelTimer: clock.setTimer(clock.nowMs() + options.unpairedMs, () =>
          end(link, link.refused ?? 'peer.absent'),
        ),
      };
      links.set(id, link);
      tokens.set(diallerToken, { link, direction: 'from-dialler' });
      tokens.set(rungToken, { link, direction: 'from-rung' });
      return { link: id, diallerToken, rungToken };
    },
    refuse(id, rung, code) {
      const link = links.get(id);
      if (link === undefined || link.ends['from-rung'].node !== rung) return;
      link.refused = code;
      if (link.ends['from-dialler'].socket !== undefined) end(link, code);
    },
    join(token, socket) {
      const found = tokens.get(token);
      tokens.delete(token); // a token opens one socket, once
      if (found === undefined) throw new TallyError('peer.absent', 'link: unknown, used or expired');
      const { link, direction } = found;
      link.ends[direction].socket = socket;
      socket.onMessage(() => end(link, 'wire.order')); // nothing may come before `joined`
      void socket.closed.then((code) => end(link, code ?? 'peer.left'));
      if (link.refused !== undefined) return end(link, link.refused);
      const [a, b] = [link.ends['from-dialler'].socket, link.ends['from-rung'].socket];
      if (a !== undefined && b !== undefined) pair(link, a, b);
    },
    drop(node) {
      for (const link of linksOf(node)) end(link, 'peer.left');
    },
    get links() {
      return links.size;
    },
    get relayedBytes() {
      return relayedBytes;
    },
    get heldBytes() {
      let held = 0;
      for (const { ends } of links.values())
        for (const direction of directions) held += ends[direction].pipe?.heldBytes ?? 0;
      return held;
    },
    close() {
      for (const link of links.values()) end(link, 'peer.left');
    },
  };
}
