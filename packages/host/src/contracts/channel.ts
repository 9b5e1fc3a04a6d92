/** The contract of `Channel`: what both ends of any adapter's pair must do. */
import { randomBytes } from 'node:crypto';
import type { TallyError } from '@tallystick/protocol/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Channel } from '../channel/index.ts';

export interface ChannelPair {
  readonly client: Channel;
  readonly server: Channel;
  /** Breaks the connection without a word. */
  cut(): void;
  /** Frees everything, channels included. */
  dispose(): Promise<void>;
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: TallyError) => error.code,
  );

const settled = async (promise: Promise<unknown>, ms: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const done = promise.then(
    () => true,
    () => true,
  );
  const result = await Promise.race([done, late]);
  clearTimeout(timer);
  return result;
};

/** @param makePair a fresh pair whose frames may be up to `maxFrameBytes`. */
export function channelContract(
  name: string,
  makePair: (maxFrameBytes: number) => Promise<ChannelPair>,
): void {
  const maxFrameBytes = 256 * 1024;

  describe(`channel contract: ${name}`, () => {
    let pair: ChannelPair;
    beforeEach(async () => {
      pair = await makePair(maxFrameBytes);
    });
    afterEach(() => pair.dispose());

    it('states facts that both ends agree on', () => {
      const { client, server } = pair;
      expect(client.facts.role).toBe('client');
      expect(server.facts.role).toBe('server');
      expect(client.facts.peerFingerprint).toBe(server.facts.localFingerprint);
      expect(server.facts.peerFingerprint).toBe(client.facts.localFingerprint);
      expect(client.facts.localFingerprint).not.toBe(server.facts.localFingerprint);
      expect(client.facts.exporterHash).toHaveLength(32);
      expect(client.facts.exporterHash).toEqual(server.facts.exporterHash);
    });

    it('has another exporter hash for every channel', async () => {
      const second = await makePair(maxFrameBytes);
      try {
        expect(second.client.facts.exporterHash).not.toEqual(pair.client.facts.exporterHash);
      } finally {
        await second.dispose();
      }
    });

    it('keeps frames whole and in order, both ways at once, of every size', async () => {
      const sizes = [0, 1, 3, 4, 5, 1000, 16_384, 65_537, maxFrameBytes];
      const frames = sizes.map((size) => new Uint8Array(randomBytes(size)));
      const exchange = async (from: Channel, to: Channel): Promise<void> => {
        const sending = (async () => {
          for (const frame of frames) await from.send(frame);
        })();
        for (const frame of frames) {
          const got = await to.receive();
          expect(got?.length).toBe(frame.length);
          expect(Buffer.compare(got ?? new Uint8Array(1), frame)).toBe(0);
        }
        await sending;
      };
      await Promise.all([exchange(pair.client, pair.server), exchange(pair.server, pair.client)]);
    });

    it('takes a copy: the caller may zero the frame at once', async () => {
      const frame = new Uint8Array(40_000).fill(7);
      const sending = pair.client.send(frame);
      frame.fill(0);
      await sending;
      const got = await pair.server.receive();
      expect(got?.every((byte) => byte === 7)).toBe(true);
    });

    it('keeps the order of calls that do not wait for one another', async () => {
      const count = 200;
      const sends = Array.from({ length: count }, (_, i) => pair.client.send(Uint8Array.of(i & 255)));
      for (let i = 0; i < count; i++) expect((await pair.server.receive())?.[0]).toBe(i & 255);
      await Promise.all(sends);
    });

    it('counts bytes of frames and of the transport', async () => {
      await pair.client.send(new Uint8Array(1000));
      await pair.client.send(new Uint8Array(24));
      await pair.server.receive();
      await pair.server.receive();
      expect(pair.client.counters.bytesSent).toBe(1024);
      expect(pair.server.counters.bytesReceived).toBe(1024);
      expect(pair.client.counters.transportBytesSent).toBeGreaterThanOrEqual(1024 + 8);
      expect(pair.server.counters.transportBytesReceived).toBe(pair.client.counters.transportBytesSent);
    });

    it('refuses to send a frame over the limit, and stays open', async () => {
      expect(await codeOf(pair.client.send(new Uint8Array(maxFrameBytes + 1)))).toBe('wire.length');
      await pair.client.send(Uint8Array.of(1));
      expect(await pair.server.receive()).toEqual(Uint8Array.of(1));
    });

    it('stalls a sender whose peer does not read', async () => {
      const chunk = new Uint8Array(maxFrameBytes);
      // Far more than inbox, relay and socket buffers hold together.
      const total = 256;
      let sent = 0;
      const sending = (async () => {
        for (; sent < total; sent++) await pair.client.send(chunk);
      })();
      let before = -1;
      while (before !== sent) {
        before = sent;
        await settled(sending, 300);
      }
      expect(sent).toBeLessThan(total);
      for (let i = 0; i < total; i++) expect((await pair.server.receive())?.length).toBe(chunk.length);
      await sending;
    });

    it('delivers what was sent before an orderly close, then ends both sides without a code', async () => {
      await pair.client.send(Uint8Array.of(1));
      await pair.client.send(Uint8Array.of(2));
      const closing = pair.client.close();
      const got: number[] = [];
      for await (const frame of pair.server) got.push(frame[0] ?? -1);
      await closing;
      expect(got).toEqual([1, 2]);
      expect(await pair.client.closed).toEqual({ by: 'local', code: undefined });
      expect(await pair.server.closed).toEqual({ by: 'peer', code: undefined });
    });

    it('tells the peer the code of a close', async () => {
      const waiting = codeOf(pair.server.receive());
      await pair.client.close('session.cancelled');
      expect(await waiting).toBe('session.cancelled');
      expect(await pair.server.closed).toEqual({ by: 'peer', code: 'session.cancelled' });
      expect(await codeOf(pair.server.send(new Uint8Array(1)))).toBe('session.cancelled');
      expect(await codeOf(pair.client.send(new Uint8Array(1)))).toBe('session.cancelled');
      expect(await codeOf(pair.client.receive())).toBe('session.cancelled');
    });

    it('ends both sides with peer.left when the connection breaks', async () => {
      const waiting = [codeOf(pair.client.receive()), codeOf(pair.server.receive())];
      pair.cut();
      expect(await Promise.all(waiting)).toEqual(['peer.left', 'peer.left']);
      expect((await pair.client.closed).by).toBe('transport');
      expect(await codeOf(pair.server.send(new Uint8Array(1)))).toBe('peer.left');
    });

    it('settles a send that is stalled when the channel ends', async () => {
      const chunk = new Uint8Array(maxFrameBytes);
      const sending = (async () => {
        for (;;) {
          await pair.client.send(chunk);
          await new Promise((resolve) => setImmediate(resolve)); // so that a broken stall fails, not hangs
        }
      })();
      await settled(sending, 300);
      pair.cut();
      expect(await codeOf(sending)).toBe('peer.left');
    });

    it('survives both ends closing at once, and closing twice', async () => {
      await Promise.all([pair.client.close(), pair.server.close('session.deadline'), pair.client.close()]);
      await pair.client.close();
      expect((await pair.client.closed).by).toMatch(/local|peer/);
    });

    it('refuses a second consumer', async () => {
      const first = pair.server.receive();
      expect(await codeOf(pair.server.receive())).toBe('internal.bug');
      await pair.client.send(Uint8Array.of(9));
      expect(await first).toEqual(Uint8Array.of(9));
    });
  });
}
