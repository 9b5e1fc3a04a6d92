/**
 * What a test may reach for inside a node: calls of its vault, frames on its channels.
 *
 * Purpose: everything else of the node stays the product's own. Does not know: sessions, what a test expects.
 */
import type { Channel, CoordinatorLink } from '@tallystick/host/channel';
import type { Vault } from '@tallystick/node/vault';
import { TallyError } from '@tallystick/protocol/errors';

/** What the mail's channels are dialled with. */
const mailTag = 'mail';

type Step = (next: (...args: unknown[]) => Promise<unknown>, args: unknown[]) => Promise<unknown>;
/** Stands before calls of a node's vault, by method; may be changed at any time. */
export type VaultSteps = Partial<Record<keyof Vault, Step>>;

/** Stands on a channel: what is passed on instead of a frame. Undefined: the frame as it is; none: nothing. */
export type Tamper = (peer: string, frame: Uint8Array) => readonly Uint8Array[] | undefined;

/** A node's parts that a test may reach for. */
export interface Insides {
  readonly steps: VaultSteps;
  /** Channels of sessions that are or were open; those of mail are the node's own. */
  readonly channels: Channel[];
  /** Of these, the ones that are open. */
  readonly open: Set<Channel>;
  /** Nobody hears of its mail: a world whose clock jumps would write a week of it at once. */
  isWithoutMail: boolean;
  /** Sessions that the vault was told to forget. */
  readonly forgotten: Set<string>;
  link: CoordinatorLink | undefined;
  /** Before frames that leave. */
  send: Tamper | undefined;
  /** Before frames that arrived reach the node. */
  take: Tamper | undefined;
  /** Its channels stay open, but nothing more leaves. */
  isMute: boolean;
}

export function newInsides(): Insides {
  return {
    steps: {},
    channels: [],
    open: new Set(),
    isWithoutMail: false,
    forgotten: new Set(),
    link: undefined,
    send: undefined,
    take: undefined,
    isMute: false,
  };
}

/** A vault whose calls pass through the steps, by method. */
export function steppedVault(vault: Vault, { steps, forgotten }: Insides): Vault {
  // Not over the vault itself: it is frozen.
  return new Proxy({} as Vault, {
    get(_, name: keyof Vault) {
      const method = Reflect.get(vault, name) as unknown;
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) => {
        if (name === 'endSession') forgotten.add(String(args[0]));
        const next = (...other: unknown[]): Promise<unknown> =>
          Reflect.apply(method, vault, other.length > 0 ? other : args) as Promise<unknown>;
        const step = steps[name];
        return step === undefined ? next() : step(next, args);
      };
    },
  });
}

/**
 * A link that remembers its channels, and whose frames can be tampered with.
 * @param onSend sees every frame that the node sends, before it is tampered with
 */
export function watchedLink(
  link: CoordinatorLink,
  inside: Insides,
  onSend: (to: string, frame: Uint8Array) => void = () => undefined,
): CoordinatorLink {
  const remember = (peer: string, channel: Channel): Channel => {
    inside.channels.push(channel);
    inside.open.add(channel);
    void channel.closed.then(() => inside.open.delete(channel));
    return tamperedChannel(peer, channel, inside, onSend);
  };
  return {
    get state() {
      return link.state;
    },
    closed: link.closed,
    dial: async (peer, expected, tag) => {
      if (tag !== mailTag) return remember(peer, await link.dial(peer, expected, tag));
      if (inside.isWithoutMail) throw new TallyError('peer.absent', 'mail: none in this world');
      return link.dial(peer, expected, tag);
    },
    onRing: (handler) =>
      link.onRing((ring) => {
        if (ring.tag === mailTag) return handler(ring);
        return handler({
          from: ring.from,
          tag: ring.tag,
          accept: async (expected) => remember(ring.from, await ring.accept(expected)),
          reject: (code) => ring.reject(code),
        });
      }),
    onState: (handler) => link.onState(handler),
    directory: () => link.directory(),
    close: () => link.close(),
  };
}

function tamperedChannel(
  peer: string,
  channel: Channel,
  inside: Insides,
  onSend: (to: string, frame: Uint8Array) => void,
): Channel {
  const waiting: Uint8Array[] = [];
  return {
    facts: channel.facts,
    counters: channel.counters,
    closed: channel.closed,
    send: async (frame) => {
      onSend(peer, frame);
      if (inside.isMute) return new Promise<never>(() => undefined);
      await Promise.all((inside.send?.(peer, frame) ?? [frame]).map((one) => channel.send(one)));
    },
    receive: async () => {
      for (;;) {
        const next = waiting.shift();
        if (next !== undefined) return next;
        const frame = await channel.receive();
        if (frame === undefined) return undefined;
        waiting.push(...(inside.take?.(peer, frame) ?? [frame]));
      }
    },
    close: (code) => channel.close(code),
    [Symbol.asyncIterator]: () => channel[Symbol.asyncIterator](),
  };
}
