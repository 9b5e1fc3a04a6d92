/**
 * A channel over any duplex byte stream.
 *
 * Purpose: framing, backpressure both ways, counters, and one coded end, for the TLS adapter and the
 * in-memory one alike.
 * Assumes: the stream is authenticated already (or a test); nobody else reads it.
 * Does not know: TLS, WebSockets, fingerprints.
 */
import type { Duplex } from 'node:stream';
import { codeOfAbort, type ErrorCode, errorTable, TallyError } from '@tallystick/protocol/errors';
import type { Clock } from '../clock/index.ts';
import { createFrameParser, encodeEnd, encodeFrame, encodeReady, type FrameEvent } from './framing.ts';
import { closedError, createInbox } from './inbox.ts';
import type { Channel, ChannelClosed, ChannelFacts } from './types.ts';

/** What lies below the stream. */
export interface Transport {
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Why the transport ended, where it said so; a hint from the relay, not authenticated. */
  readonly closeCode: ErrorCode | undefined;
  /** Asks for the end of the transport, with a code for the other side. */
  close(code: ErrorCode | undefined): void;
  /** Cuts it. */
  terminate(): void;
}

export interface StreamChannelOptions {
  readonly stream: Duplex;
  readonly facts: ChannelFacts;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly maxFrameBytes: number;
  /** Received frames kept before the sender is stalled, in bytes. */
  readonly inboxBytes: number;
  /** Where the peer was refused: the code it is told instead of `ready`; the channel ends at once. */
  readonly refusal?: ErrorCode | undefined;
  /** Stands between `send` and the stream: faults in tests. */
  readonly outgoing?: (frame: Uint8Array, write: (frame: Uint8Array) => Promise<void>) => Promise<void>;
}

export interface OpeningChannel {
  readonly channel: Channel;
  /** Resolves when the other end has said that it is ready too; rejects with the code of the end. */
  readonly opened: Promise<void>;
}

/** How long a close waits for its last bytes to leave: with a code (nobody needs them) and without. */
const abortFlushMs = 3_000;
const orderlyFlushMs = 30_000;

export function openStreamChannel(options: StreamChannelOptions): OpeningChannel {
  const { stream, facts, transport, clock, maxFrameBytes } = options;
  const parser = createFrameParser(maxFrameBytes);
  const inbox = createInbox(options.inboxBytes, (pause) => void (pause ? stream.pause() : stream.resume()));
  const counters = {
    bytesSent: 0,
    bytesReceived: 0,
    get transportBytesSent() {
      return transport.bytesSent;
    },
    get transportBytesReceived() {
      return transport.bytesReceived;
    },
  };
  let ended: ChannelClosed | undefined;
  let ready = false;
  let opened!: () => void;
  let notOpened!: (error: TallyError) => void;
  const opening = new Promise<void>((resolve, reject) => {
    opened = resolve;
    notOpened = reject;
  });
  opening.catch(() => undefined); // whoever awaits it sees the rejection
  let resolveClosed!: (closed: ChannelClosed) => void;
  const closed = new Promise<ChannelClosed>((resolve) => {
    resolveClosed = resolve;
  });
  const drainWaiters = new Set<() => void>();
  const wake = (): void => {
    for (const waiter of drainWaiters) waiter();
    drainWaiters.clear();
  };
  let streamGone = false;
  let announceGone!: () => void;
  const gone = new Promise<void>((resolve) => {
    announceGone = resolve;
  });

  /** First end wins: no more frames in or out; the transport follows. */
  const end = (how: ChannelClosed, discard: boolean): boolean => {
    if (ended !== undefined) return false;
    ended = how;
    inbox.end(how, discard);
    notOpened(closedError(how));
    wake();
    return true;
  };

  /** Writes an end signal, flushes, closes the transport; cuts it when that takes too long. */
  const finish = async (how: ChannelClosed, tell: boolean): Promise<void> => {
    const flushMs = how.code === undefined ? orderlyFlushMs : abortFlushMs;
    const cancel = clock.setTimer(clock.nowMs() + flushMs, () => {
      stream.destroy();
      transport.terminate();
    });
    stream.resume(); // what still comes in is parsed no more, but must not hold the end up
    if (!streamGone) {
      if (tell && stream.writable)
        stream.write(encodeEnd(how.code === undefined ? 0 : errorTable[how.code].abort));
      stream.end(() => transport.close(how.code));
    }
    await gone;
    cancel();
    transport.close(how.code);
    resolveClosed(how);
  };

  const endAndFinish = (how: ChannelClosed, tell: boolean, discard: boolean): void => {
    if (end(how, discard)) void finish(how, tell);
  };

  const take = (event: FrameEvent): void => {
    if (ended !== undefined) return;
    if (event.kind === 'end') {
      const code = event.abort === 0 ? undefined : (codeOfAbort(event.abort) ?? 'wire.message');
      return endAndFinish({ by: 'peer', code }, false, false);
    }
    if (event.kind === 'ready' ? ready : !ready) {
      throw new TallyError('wire.frame', 'frame: want ready once and first');
    }
    if (event.kind === 'ready') {
      ready = true;
      return opened();
    }
    counters.bytesReceived += event.frame.length;
    inbox.put(event.frame);
  };

  stream.on('data', (chunk: Uint8Array) => {
    if (ended !== undefined) return;
    try {
      for (const event of parser.push(chunk)) take(event);
    } catch (error) {
      const code = error instanceof TallyError ? error.code : 'internal.bug';
      endAndFinish({ by: 'transport', code }, true, false);
    }
  });
  stream.on('drain', wake);
  let failure: ErrorCode | undefined;
  stream.on('error', () => {
    failure = 'channel.tls'; // what can fail below an established stream: a record that does not authenticate
  });
  const lost = (): void => {
    if (ended !== undefined) return;
    endAndFinish({ by: 'transport', code: transport.closeCode ?? failure ?? 'peer.left' }, false, false);
  };
  stream.on('end', lost);
  stream.on('close', () => {
    streamGone = true;
    if (failure !== undefined) transport.close(failure);
    lost();
    wake();
    announceGone();
  });
  if (stream.destroyed) {
    streamGone = true;
    announceGone();
    queueMicrotask(lost);
  } else if (options.refusal !== undefined) {
    endAndFinish({ by: 'local', code: options.refusal }, true, true);
  } else {
    stream.write(encodeReady());
  }

  const write = async (frame: Uint8Array): Promise<void> => {
    if (ended !== undefined) throw closedError(ended);
    const accepted = stream.write(encodeFrame(frame));
    counters.bytesSent += frame.length;
    if (accepted) return;
    await new Promise<void>((resolve) => void drainWaiters.add(resolve));
    if (ended !== undefined) throw closedError(ended);
  };
  const outgoing = options.outgoing ?? ((frame, next) => next(frame));

  const channel: Channel = {
    facts,
    counters,
    closed,
    async send(frame) {
      if (frame.length > maxFrameBytes) {
        throw new TallyError(
          'wire.length',
          `frame: want at most ${maxFrameBytes} bytes, got ${frame.length}`,
        );
      }
      if (ended !== undefined) throw closedError(ended);
      await outgoing(frame, write);
    },
    receive: () => inbox.take(),
    async close(code) {
      endAndFinish({ by: 'local', code }, true, true);
      await closed;
    },
    async *[Symbol.asyncIterator]() {
      for (let frame = await inbox.take(); frame !== undefined; frame = await inbox.take()) yield frame;
    },
  };
  return { channel, opened: opening };
}
