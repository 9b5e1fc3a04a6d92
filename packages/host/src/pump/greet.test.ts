/** The first frame each way: what a peer says of its version and its clock, and what comes of one that does not fit. */
import { encodeHello, parseHello } from '@tallystick/protocol/wire';
import { expect, test } from 'vitest';
import { type Channel, memoryChannelPair } from '../channel/index.ts';
import { type Clock, fakeClock } from '../clock/index.ts';
import type { Fingerprint } from '../identity/index.ts';
import { type Greeting, greet, softwareName } from './index.ts';

const named = (id: string) => ({ fingerprint: `sha256:${id.repeat(43)}` as Fingerprint });
const pair = () => memoryChannelPair({ client: named('a'), server: named('b') });

/** Greets a peer that says `hello` at our `readMs`, after we spoke at `sentMs`. */
async function greeted(sentMs: number, readMs: number, hello: Uint8Array): Promise<Greeting> {
  let nowMs = sentMs;
  const clock: Clock = { nowMs: () => nowMs, setTimer: () => () => undefined };
  const { client, server } = await pair();
  try {
    const greeting = greet(client, clock, 60_000);
    await server.receive();
    nowMs = readMs;
    await server.send(hello);
    return await greeting;
  } finally {
    await Promise.all([client.close(), server.close()]);
  }
}

test.each([
  ['on time', 1_000, 1_000, 1_000, 0],
  ['ahead', 1_000, 1_200, 61_000, 60_000],
  ['behind', 61_000, 61_200, 1_000, -60_200],
  ['on time, and a minute under way: it may be as far off as that', 1_000, 61_000, 1_000, -60_000],
  ['the same, the other way', 1_000, 61_000, 61_000, 60_000],
  ['in the middle of a slow exchange', 1_000, 61_000, 31_000, 30_000],
])("a peer's clock is off by no less than it is: %s", async (_, sentMs, readMs, theirsMs, want) => {
  const { offsetMs } = await greeted(sentMs, readMs, encodeHello('x/1.0.0', theirsMs));
  expect(Math.abs(offsetMs)).toBe(Math.abs(want));
  // In the very middle either sign is as good.
  if (Math.abs(theirsMs - sentMs) !== Math.abs(theirsMs - readMs)) expect(offsetMs).toBe(want);
});

test.each([
  ['tallystick/0.1.0', '0.1.0'],
  ['another/1.2.3-rc/4', '1.2.3-rc/4'],
  ['no-slash', 'no-slash'],
  ['nothing/', ''],
  ['', ''],
])('the version that %j says', async (software, want) => {
  expect((await greeted(5, 6, encodeHello(software, 5))).version).toBe(want);
});

test('both speak at once, and each says its own name and time', async () => {
  const { client, server } = await pair();
  const [north, south] = [fakeClock(10_000), fakeClock(13_000)];
  const both = await Promise.all([greet(client, north, 60_000), greet(server, south, 60_000)]);
  expect(both.map(({ offsetMs }) => offsetMs)).toEqual([3_000, -3_000]);
  const version = softwareName.split('/')[1];
  expect(both.map((one) => [one.version, one.protocol])).toEqual([
    [version, 1],
    [version, 1],
  ]);
  expect([north.pending, south.pending]).toEqual([0, 0]);
  await Promise.all([client.close(), server.close()]);
});

test.each<[string, (peer: Channel, late: () => void) => unknown, string]>([
  ['no version in common', (peer) => peer.send(encodeHello('x/9.9.9', 1, [2, 99])), 'wire.version'],
  ['another message', (peer) => peer.send(Buffer.from('{"type":"alive"}')), 'wire.message'],
  ['no JSON', (peer) => peer.send(Uint8Array.of(0xff, 0xfe)), 'wire.frame'],
  ['too long', (peer) => peer.send(new Uint8Array(1025).fill(0x20)), 'wire.length'],
  ['gone', (peer) => peer.close(), 'peer.left'],
  ['nothing in time', (_, late) => late(), 'session.deadline'],
])('%s: a coded end, which the peer hears', async (name, say, want) => {
  const { client, server } = await pair();
  const clock = fakeClock(10_000);
  const code = greet(client, clock, 60_000).then(
    () => 'greeted',
    (thrown: { code: string }) => thrown.code,
  );
  const ours = parseHello((await server.receive()) as Uint8Array);
  expect(ours).toEqual({ protocol: 1, software: softwareName, atMs: 10_000 });
  await say(server, () => clock.advance(60_000));
  expect(await code).toBe(want);
  expect(clock.pending).toBe(0);
  if (name !== 'gone') expect((await server.closed).code).toBe(want);
  await client.closed;
});
