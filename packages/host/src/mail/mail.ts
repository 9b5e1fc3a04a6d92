/**
 * Mail: small questions and answers between two stations that pin each other, outside of any session.
 *
 * Purpose: membership messages, log heads, verdicts: one JSON letter each way over a channel that is opened when
 * somebody asks and closed when nobody does. A failure is a code; nothing here throws into the process.
 * Assumes: pins are the only authority on who a peer is. Does not know: what is asked.
 */
import { asTallyError, TallyError } from '@tallystick/protocol/errors';
import type { Channel, CoordinatorLink, Ring } from '../channel/index.ts';
import type { Clock } from '../clock/index.ts';
import type { Fingerprint } from '../identity/index.ts';
import { type Log, pub, pubError } from '../log/index.ts';
import { greet } from '../pump/index.ts';
import { answer, type MailHandler } from './answering.ts';
import { Asking } from './asking.ts';
import { Bucket } from './bucket.ts';

export type { MailHandler } from './answering.ts';

/** The tag of a ring that is for mail. */
export const mailTag = 'mail';

/** How long an answer may take unless the caller says otherwise, in milliseconds. */
const answerMs = 30_000;
const helloMs = 30_000;
/** Channels of one peer that are answered at a time. */
const maxChannels = 4;

export interface MailOptions {
  readonly link: Pick<CoordinatorLink, 'dial'>;
  /** Who is pinned, at this moment. */
  peers(): ReadonlyMap<string, Fingerprint>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Mail {
  /**
   * The peer's answer, plain JSON that nobody has checked. A question that failed may have been read: ask only what
   * may be asked twice.
   * @throws TallyError the code that the peer answered with, `peer.unknown`, `peer.absent`, `session.deadline`,
   * `session.busy`, `wire.*`, `channel.*`, `peer.left`, `mail.kind` where the peer does not know the kind.
   */
  ask(peer: string, kind: string, body: unknown, options?: { readonly timeoutMs?: number }): Promise<unknown>;
  /** One handler for each kind. */
  serve(kind: string, handler: MailHandler): void;
  /** A ring with the tag `mail`. */
  accept(ring: Ring): void;
  /** Ends every channel; what was asked ends with `peer.left`. Idempotent. */
  close(): Promise<void>;
}

export function createMail({ link, peers, clock, log }: MailOptions): Mail {
  const handlers = new Map<string, MailHandler>();
  /** Channels that this station dialled, one for each peer and pin. */
  const asking = new Map<string, Promise<Asking>>();
  /** Of pinned peers only: not more than the operator pinned. */
  const callers = new Map<string, { readonly bucket: Bucket; open: number }>();
  const channels = new Set<Channel>();
  let isClosed = false;

  /** A greeted channel, which ends when mail is closed. */
  const open = async (channel: Channel): Promise<Channel> => {
    channels.add(channel);
    void channel.closed.then(() => channels.delete(channel));
    if (isClosed) await channel.close('peer.left');
    await greet(channel, clock, helloMs);
    return channel;
  };

  const pinOf = (peer: string): Fingerprint => {
    const pin = peers().get(peer);
    if (pin === undefined) throw new TallyError('peer.unknown', `${peer}: not pinned`);
    return pin;
  };

  const dial = async (peer: string, pin: Fingerprint): Promise<Asking> => {
    const channel = await link.dial(peer, pin, mailTag);
    return new Asking(await open(channel), clock);
  };

  /** A peer that is pinned anew gets a new channel. */
  const openTo = async (peer: string): Promise<Asking> => {
    const pin = pinOf(peer);
    const key = `${peer} ${pin}`;
    const known = asking.get(key);
    if (known !== undefined) {
      const before = await known;
      if (before.isOpen) return before;
    }
    const newer = asking.get(key); // another caller may have dialled meanwhile
    if (newer !== undefined && newer !== known) return newer;
    const dialling = dial(peer, pin);
    asking.set(key, dialling);
    const forget = (): void => {
      if (asking.get(key) === dialling) asking.delete(key);
    };
    void dialling.then((made) => made.ended.then(forget), forget);
    return dialling;
  };

  const withinMs = async <T>(ms: number, kind: string, promise: Promise<T>): Promise<T> => {
    let cancel: () => void = () => undefined;
    const late = new Promise<never>((_, reject) => {
      cancel = clock.setTimer(clock.nowMs() + ms, () =>
        reject(new TallyError('session.deadline', `${kind}: no channel in time`)),
      );
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      cancel();
    }
  };

  const callerOf = (peer: string): { readonly bucket: Bucket; open: number } => {
    const caller = callers.get(peer) ?? { bucket: new Bucket(clock.nowMs()), open: 0 };
    callers.set(peer, caller);
    return caller;
  };

  const take = async (ring: Ring, pin: Fingerprint): Promise<void> => {
    const { from } = ring;
    const caller = callerOf(from);
    caller.open += 1;
    try {
      const channel = await open(await ring.accept(pin));
      const handler = (kind: string): MailHandler | undefined => handlers.get(kind);
      const isPinned = (): boolean => peers().get(from) === pin;
      await answer({ channel, from, bucket: caller.bucket, clock, log, handler, isPinned });
    } catch (thrown) {
      log.warn('mail.ring', { from: pub(from), error: pubError(thrown) });
    } finally {
      caller.open -= 1;
    }
  };

  return {
    async ask(peer, kind, body, { timeoutMs = answerMs } = {}) {
      const deadlineMs = clock.nowMs() + timeoutMs;
      if (isClosed) throw new TallyError('peer.left', 'mail: this station stops');
      try {
        const channel = await withinMs(timeoutMs, kind, openTo(peer));
        return await channel.ask(kind, body, deadlineMs);
      } catch (thrown) {
        throw asTallyError(thrown);
      }
    },
    serve(kind, handler) {
      if (handlers.has(kind)) throw new TallyError('internal.bug', `mail: ${kind} has a handler already`);
      handlers.set(kind, handler);
    },
    accept(ring) {
      const pin = peers().get(ring.from);
      if (pin === undefined) return ring.reject('peer.unknown');
      const { open: held, bucket } = callerOf(ring.from);
      if (isClosed || held >= maxChannels || bucket.isBanned(clock.nowMs())) {
        return ring.reject('session.busy');
      }
      void take(ring, pin);
    },
    async close() {
      isClosed = true;
      await Promise.all([...channels].map((channel) => channel.close('peer.left')));
    },
  };
}
