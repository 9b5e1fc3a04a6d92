/** What a peer that holds the right key but not the rules can send. */
import { duplexPair } from 'node:stream';
import { expect, it } from 'vitest';
import { systemClock } from '../clock/index.ts';
import { encodeFrame, encodeReady } from './framing.ts';
import { openStreamChannel } from './stream.ts';
import type { ChannelFacts } from './types.ts';

const facts: ChannelFacts = {
  peerFingerprint: 'sha256:a',
  peerPublicKey: new Uint8Array(32),
  localFingerprint: 'sha256:b',
  role: 'server',
  exporterHash: new Uint8Array(32),
};

function open() {
  const [near, far] = duplexPair();
  far.resume();
  const transport = {
    bytesSent: 0,
    bytesReceived: 0,
    closeCode: undefined,
    close: () => void near.destroy(),
    terminate: () => void near.destroy(),
  };
  near.on('close', () => void far.destroy());
  return {
    far,
    ...openStreamChannel({
      stream: near,
      facts,
      transport,
      clock: systemClock,
      maxFrameBytes: 16,
      inboxBytes: 64,
    }),
  };
}

it.each([
  ['a frame before ready', [encodeFrame(Uint8Array.of(1))], 'wire.frame'],
  ['ready twice', [encodeReady(), encodeReady()], 'wire.frame'],
  ['a frame over the limit', [encodeReady(), encodeFrame(new Uint8Array(17))], 'wire.length'],
  ['an unknown signal', [encodeReady(), Uint8Array.of(0x90, 0, 0, 0)], 'wire.frame'],
  [
    'an end with a number that nobody knows',
    [encodeReady(), Uint8Array.of(0xc0, 0, 0x03, 0xe7)],
    'wire.message',
  ],
])('ends with a code: %s', async (_name, writes, code) => {
  const { far, channel } = open();
  for (const bytes of writes) far.write(bytes);
  expect((await channel.closed).code).toBe(code);
  await expect(channel.receive()).rejects.toMatchObject({ code });
});

it('is peer.left where the stream stops in the middle of a frame', async () => {
  const { far, channel } = open();
  far.write(encodeReady());
  far.end(encodeFrame(new Uint8Array(16)).subarray(0, 10));
  await expect(channel.receive()).rejects.toMatchObject({ code: 'peer.left' });
  expect(await channel.closed).toEqual({ by: 'transport', code: 'peer.left' });
});
