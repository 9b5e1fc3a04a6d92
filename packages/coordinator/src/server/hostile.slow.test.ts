/** A relay that swaps, delays, replays; clients that break the rules of rendezvous. */
import { connect } from 'node:net';
import { abortOf, encodeBase64url, maxMessageBytes, rendezvousVersions } from '@tallystick/host/channel';
import type { ErrorCode, TallyError } from '@tallystick/protocol/errors';
import { afterEach, describe, expect, it } from 'vitest';
import type { Direction } from '../relay/index.ts';
import { type Coordinator, startCoordinator } from './index.ts';
import { startPlace } from './testing.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'resolved',
    (error: TallyError) => error.code,
  );

type Interfere = (message: Uint8Array, index: number) => readonly Uint8Array[];

/** A pair whose relay interferes with what the dialler sends from when `armed` is set. */
async function hostilePlace(interfere: Interfere) {
  const state = { armed: false };
  let index = 0;
  const place = await startPlace({
    interfere: (_link: string, direction: Direction, message: Uint8Array) =>
      state.armed && direction === 'from-dialler' ? interfere(message, index++) : [message],
  });
  cleanups.push(place.dispose);
  return { state, ...(await place.pair()) };
}

describe('a hostile relay', () => {
  const held: Uint8Array[] = [];
  const attacks: [string, Interfere][] = [
    ['flips a bit', (message) => [message.map((byte, at) => (at === message.length - 1 ? byte ^ 1 : byte))]],
    ['replays a message', (message) => [message, message]],
    [
      'swaps two messages',
      (message, index) => {
        if (index === 0) held.push(message);
        return index === 0 ? [] : [message, ...held.splice(0)];
      },
    ],
    ['drops a message', (message, index) => (index === 0 ? [] : [message])],
    ['cuts a message', (message) => [message.subarray(0, message.length - 1)]],
    ['inserts bytes of its own', (message) => [Uint8Array.of(23, 3, 3, 0, 1, 0), message]],
  ];

  it.each(attacks)(
    'that %s breaks the channel, with a code on both sides, and no wrong frame arrives',
    async (_name, interfere) => {
      const { state, client, server } = await hostilePlace(interfere);
      state.armed = true;
      const got: number[] = [];
      const reading = codeOf(
        (async () => {
          for await (const frame of server) got.push(frame[0] ?? -1);
        })(),
      );
      const sending = codeOf(
        (async () => {
          for (let i = 0; i < 1000; i++) {
            await client.send(Uint8Array.of(i & 255));
            await new Promise((resolve) => setImmediate(resolve)); // messages of their own
          }
          await client.receive();
        })(),
      );
      expect(await reading).toBe('channel.tls');
      expect(await sending).toBe('channel.tls');
      expect(got).toEqual(got.map((_, i) => i)); // at most a true beginning
      expect([await client.closed, await server.closed].map(({ by, code }) => [by, code])).toEqual([
        ['transport', 'channel.tls'],
        ['transport', 'channel.tls'],
      ]);
    },
  );

  it('breaks the handshake too, with a code on both sides', async () => {
    const place = await startPlace({
      interfere: (_l, _d, message) => [message.map((byte, at) => (at === 60 ? byte ^ 1 : byte))],
    });
    cleanups.push(place.dispose);
    const codes: string[] = [];
    const serving = new Promise<void>((resolve) =>
      place.linkB.onRing(
        (ring) =>
          void codeOf(ring.accept(place.a.fingerprint))
            .then((code) => void codes.push(code))
            .then(resolve),
      ),
    );
    codes.push(await codeOf(place.linkA.dial('b', place.b.fingerprint, '')));
    await serving;
    expect(codes).toEqual(['channel.tls', 'channel.tls']);
  });

  it('sees no plaintext', async () => {
    const seen: Uint8Array[] = [];
    const place = await startPlace({
      observe: (_link, _direction, message) => void seen.push(Uint8Array.from(message)),
    });
    cleanups.push(place.dispose);
    const { client, server } = await place.pair();
    await client.send(new TextEncoder().encode('passport:AFG:O1234567'));
    await server.receive();
    const traffic = Buffer.concat(seen);
    expect(traffic.includes('1234567')).toBe(false);
    expect(traffic.length).toBe(place.coordinator.stats.relayedBytes);
    const { transportBytesSent, transportBytesReceived } = client.counters;
    expect(traffic.length).toBe(transportBytesSent + transportBytesReceived);
  });
});

it('stalls a sender whose peer does not read instead of filling its memory', async () => {
  const highWaterBytes = 64 * 1024;
  const place = await startPlace({ limits: { highWaterBytes } });
  cleanups.push(place.dispose);
  const { client, server } = await place.pair();
  const chunk = new Uint8Array(256 * 1024);
  let sent = 0;
  let most = 0;
  const total = 200;
  const sending = (async () => {
    for (; sent < total; sent++) {
      await client.send(chunk);
      most = Math.max(most, place.coordinator.stats.heldBytes);
    }
  })();
  for (let before = -1; (before !== sent || most === 0) && sent < total; ) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 300));
    most = Math.max(most, place.coordinator.stats.heldBytes);
  }
  expect(sent).toBeLessThan(total);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(highWaterBytes + maxMessageBytes);
  for (let i = 0; i < total; i++) expect((await server.receive())?.length).toBe(chunk.length);
  await sending;
  expect(server.counters.bytesReceived).toBe(total * chunk.length);
});

/** A client that speaks WebSocket by hand, through Node's own global one where there is none: plain sockets. */
function speak(coordinator: Coordinator, messages: readonly (string | Uint8Array)[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(coordinator.port, '127.0.0.1');
    const key = Buffer.alloc(16, 1).toString('base64');
    socket.write(
      `GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
    );
    let upgraded = false;
    let bytes = Buffer.alloc(0);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed without a close frame')));
    socket.on('data', (data) => {
      bytes = Buffer.concat([bytes, data]);
      if (!upgraded) {
        const end = bytes.indexOf('\r\n\r\n');
        if (end < 0) return;
        upgraded = true;
        bytes = bytes.subarray(end + 4);
        for (const message of messages) socket.write(clientFrame(message));
      }
      // RFC 6455 §5.2: opcode and length; a server does not mask.
      while (bytes.length >= 2) {
        const long = bytes[1] === 126;
        const length = long ? bytes.readUInt16BE(2) : (bytes[1] ?? 0);
        const start = long ? 4 : 2;
        if (bytes.length < start + length) return;
        if (bytes[0] === 0x88) {
          resolve(bytes.readUInt16BE(start));
          socket.destroy();
          return;
        }
        bytes = bytes.subarray(start + length);
      }
    });
  });
}

function clientFrame(message: string | Uint8Array): Buffer {
  const payload = Buffer.from(message);
  const header = Buffer.alloc(14); // a mask of zeros leaves the payload as it is
  header[0] = typeof message === 'string' ? 0x81 : 0x82;
  header[1] = 0x80 | 127;
  header.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([header, payload]);
}

describe('a client that breaks the rules', () => {
  const hello = {
    type: 'hello',
    versions: rendezvousVersions,
    id: 'x',
    publicKey: encodeBase64url(new Uint8Array(32)),
  };
  const cases: [string, (string | Uint8Array)[], ErrorCode][] = [
    ['no JSON', ['nonsense'], 'wire.message'],
    ['an unknown type', ['{"type":"surprise"}'], 'wire.type'],
    ['a type of the prototype', ['{"type":"constructor"}'], 'wire.type'],
    ['binary', [Uint8Array.of(1, 2)], 'wire.type'],
    ['a field of the wrong form', [JSON.stringify({ ...hello, id: '../x' })], 'wire.message'],
    ['no version in common', [JSON.stringify({ ...hello, versions: [99], news: true })], 'wire.version'],
    ['a message that is not due', ['{"type":"list","request":1}'], 'wire.order'],
    ['hello twice', [JSON.stringify(hello), JSON.stringify(hello)], 'wire.order'],
    [
      'a signature of nobody',
      [
        JSON.stringify(hello),
        JSON.stringify({ type: 'proof', signature: encodeBase64url(new Uint8Array(64)) }),
      ],
      'channel.auth',
    ],
    [
      'a token of nobody',
      [
        JSON.stringify({
          type: 'join',
          versions: rendezvousVersions,
          token: encodeBase64url(new Uint8Array(32)),
        }),
      ],
      'peer.absent',
    ],
    [
      'a join of another version',
      [JSON.stringify({ type: 'join', versions: [2], token: encodeBase64url(new Uint8Array(32)) })],
      'wire.version',
    ],
  ];

  it.each(cases)('is told the code: %s', async (_name, messages, code) => {
    const coordinator = await startCoordinator();
    cleanups.push(coordinator.close);
    expect(await speak(coordinator, messages)).toBe(4000 + abortOf(code));
  });

  it('is cut for a message over the limit', async () => {
    const coordinator = await startCoordinator();
    cleanups.push(coordinator.close);
    expect(await speak(coordinator, ['x'.repeat(maxMessageBytes + 1)])).toBe(1009); // RFC 6455 §7.4.1
  });

  it('is cut for silence', async () => {
    const coordinator = await startCoordinator({ limits: { handshakeMs: 50 } });
    cleanups.push(coordinator.close);
    await expect(speak(coordinator, [])).rejects.toThrow('closed without a close frame');
    while (coordinator.stats.sockets > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('is stopped when it floods', async () => {
    const place = await startPlace({ limits: { maxBurst: 5 } }, { reconnect: false });
    cleanups.push(place.dispose);
    const asked = await Promise.all(Array.from({ length: 10 }, () => codeOf(place.linkA.directory())));
    expect(asked.filter((code) => code === 'resolved')).toHaveLength(5);
    expect(await place.linkA.closed).toBe('channel.overflow');
  });
});
