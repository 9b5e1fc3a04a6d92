/** protocol.md, Channel: what TLS between two nodes must refuse. The peers here are real TLS endpoints. */
import { type Duplex, duplexPair } from 'node:stream';
import * as tls from 'node:tls';
import type { TallyError } from '@tallystick/protocol/errors';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../clock/index.ts';
import { createIdentity, type Fingerprint, type SigningIdentity } from '../identity/index.ts';
import { systemRandom } from '../random/index.ts';
import { openStreamChannel, type Transport } from './stream.ts';
import { checkHandshake, type SecureStream, secureStream, tlsOptions } from './tls.ts';
import type { ChannelFacts } from './types.ts';

let a: SigningIdentity;
let b: SigningIdentity;
let stranger: SigningIdentity;
beforeAll(async () => {
  const make = (id: string) => createIdentity(id, systemClock, systemRandom);
  [a, b, stranger] = [await make('a'), await make('b'), await make('a')];
});

const open: { destroy(): void }[] = [];
afterEach(() => {
  for (const stream of open.splice(0)) stream.destroy();
});

function pipe(): [Duplex, Duplex] {
  const [left, right] = duplexPair();
  for (const stream of [left, right]) {
    stream.on('error', () => undefined);
    open.push(stream);
  }
  // A pair in memory does not carry destruction over; a socket does.
  left.on('close', () => void right.destroy());
  right.on('close', () => void left.destroy());
  return [left, right];
}

const secure = (stream: Duplex, role: ChannelFacts['role'], own: SigningIdentity, pin: Fingerprint) =>
  secureStream(stream, role, own, pin, systemClock, 5_000);

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'resolved',
    (error: TallyError) => error.code,
  );

/** A channel as the link opens it. */
function channelOver({ socket, facts, refusal }: SecureStream) {
  const transport: Transport = {
    bytesSent: 0,
    bytesReceived: 0,
    closeCode: undefined,
    close: () => void socket.destroy(),
    terminate: () => void socket.destroy(),
  };
  const settings = {
    stream: socket,
    facts,
    transport,
    clock: systemClock,
    maxFrameBytes: 100,
    inboxBytes: 100,
  };
  return openStreamChannel({ ...settings, refusal: refusal?.code });
}

/** Any TLS client, over `stream`. */
function anyClient(stream: Duplex, options: tls.ConnectionOptions): Promise<tls.TLSSocket> {
  const socket = tls.connect({ socket: stream, rejectUnauthorized: false, ...options });
  open.push(socket);
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', () => resolve(socket));
    socket.on('error', reject);
  });
}

it('agrees on the exporter, and knows both keys, when both pins are right', async () => {
  const [left, right] = pipe();
  const [client, server] = await Promise.all([
    secure(left, 'client', a, b.fingerprint),
    secure(right, 'server', b, a.fingerprint),
  ]);
  expect([client.refusal, server.refusal]).toEqual([undefined, undefined]);
  expect(client.facts.exporterHash).toEqual(server.facts.exporterHash);
  expect(client.socket.getProtocol()).toBe('TLSv1.3');
  await Promise.all([channelOver(client).opened, channelOver(server).opened]);
});

it.each(['client', 'server'] as const)(
  'refuses a certificate that is not the pinned one, as %s, and both sides know',
  async (fooled) => {
    const [left, right] = pipe();
    // The stranger has the right name (CN=a) and a certificate of its own.
    const [client, server] = await Promise.all([
      secure(left, 'client', fooled === 'server' ? stranger : a, b.fingerprint),
      secure(right, 'server', fooled === 'client' ? stranger : b, a.fingerprint),
    ]);
    const [refuser, refused] = fooled === 'client' ? [client, server] : [server, client];
    expect(refuser.refusal?.code).toBe('channel.pin');
    expect(refused.refusal).toBeUndefined();
    const [one, other] = [channelOver(refuser), channelOver(refused)];
    expect(await codeOf(one.opened)).toBe('channel.pin');
    expect(await codeOf(other.opened)).toBe('channel.pin');
    expect(await one.channel.closed).toEqual({ by: 'local', code: 'channel.pin' });
    expect(await other.channel.closed).toEqual({ by: 'peer', code: 'channel.pin' });
    expect(await codeOf(other.channel.send(Uint8Array.of(1)))).toBe('channel.pin');
  },
);

it('refuses a client without a certificate', async () => {
  const [left, right] = pipe();
  const [server] = await Promise.all([secure(right, 'server', b, a.fingerprint), anyClient(left, {})]);
  expect(server.refusal?.code).toBe('channel.certificate');
});

it.each(['client', 'server'] as const)('speaks no TLS 1.2, as %s', async (role) => {
  const [left, right] = pipe();
  const old = { ...tlsOptions(b), minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const;
  if (role === 'server') {
    const [server, client] = [
      codeOf(secure(right, 'server', b, a.fingerprint)),
      codeOf(anyClient(left, old)),
    ];
    expect(await server).toBe('channel.tls');
    expect(await client).not.toBe('resolved');
  } else {
    const server = tls.createServer({ ...old, requestCert: true, rejectUnauthorized: false });
    server.on('tlsClientError', () => undefined);
    const client = codeOf(secure(left, 'client', a, b.fingerprint));
    server.emit('connection', right);
    expect(await client).toBe('channel.tls');
  }
});

it('gives up on a peer that says nothing', async () => {
  const [left] = pipe();
  expect(await codeOf(secureStream(left, 'client', a, b.fingerprint, systemClock, 20))).toBe('channel.tls');
});

/** A server with b's key as one would write it: tickets on. Resolves with its side of one connection. */
function naiveServer(stream: Duplex, ticketKeys: Buffer): Promise<tls.TLSSocket> {
  const { secureOptions: _without, ...options } = tlsOptions(b);
  const server = tls.createServer({ ...options, requestCert: true, rejectUnauthorized: false, ticketKeys });
  return new Promise((resolve, reject) => {
    server.once('secureConnection', (socket) => {
      open.push(socket);
      socket.write('x'); // a TLS 1.3 client reads its ticket with the first data
      resolve(socket);
    });
    server.once('tlsClientError', reject);
    server.emit('connection', stream);
  });
}

const nextSession = (socket: tls.TLSSocket): Promise<Buffer> =>
  new Promise((resolve) => {
    socket.once('session', resolve);
    socket.resume();
  });

it('would be fooled by an old ticket if it asked `authorized`; the checks refuse the resumed session', async () => {
  const ticketKeys = Buffer.from(systemRandom(48));
  const [left, right] = pipe();
  const [client] = await Promise.all([anyClient(left, tlsOptions(a)), naiveServer(right, ticketKeys)]);
  const session = await nextSession(client);
  const [left2, right2] = pipe();
  const [resumed, naive] = await Promise.all([
    anyClient(left2, { session }),
    naiveServer(right2, ticketKeys),
  ]);
  expect(resumed.isSessionReused()).toBe(true); // no certificate was sent this time, and the server went along
  expect(naive.isSessionReused()).toBe(true);
  expect(() => checkHandshake(naive, a.fingerprint)).toThrow(
    expect.objectContaining({ code: 'channel.resumed' }),
  );
});

it('resumes no session: neither an old ticket nor what OpenSSL hands out in spite of NO_TICKET', async () => {
  const [left, right] = pipe();
  const [client] = await Promise.all([
    anyClient(left, tlsOptions(a)),
    naiveServer(right, Buffer.from(systemRandom(48))),
  ]);
  const sessions = [await nextSession(client)];

  const [left2, right2] = pipe();
  const [ours, server] = await Promise.all([
    anyClient(left2, tlsOptions(a)),
    secure(right2, 'server', b, a.fingerprint),
  ]);
  expect(server.refusal).toBeUndefined();
  ours.on('session', (session: Buffer) => void sessions.push(session));
  server.socket.write('data');
  await new Promise((resolve) => ours.once('data', resolve));

  for (const session of sessions) {
    const [left3, right3] = pipe();
    const [again, checked] = await Promise.all([
      anyClient(left3, { session }),
      secure(right3, 'server', b, a.fingerprint),
    ]);
    expect(again.isSessionReused()).toBe(false);
    expect(checked.refusal?.code).toBe('channel.certificate'); // a full handshake, in which it has none to show
  }
});

it('never reads a byte from a peer before its certificate is checked', async () => {
  const [left, right] = pipe();
  const [server, client] = await Promise.all([
    secure(right, 'server', b, a.fingerprint),
    anyClient(left, tlsOptions(stranger)),
  ]);
  client.write(Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 1, 7)); // ready, then a frame of one byte
  const { channel, opened } = channelOver(server);
  expect(await codeOf(opened)).toBe('channel.pin');
  expect(await codeOf(channel.receive())).toBe('channel.pin');
  expect(channel.counters.bytesReceived).toBe(0);
});
