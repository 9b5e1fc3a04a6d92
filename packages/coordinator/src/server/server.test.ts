/** Directory, rendezvous and relay over real sockets. */
import {
  type Channel,
  connectCoordinator,
  type CoordinatorLink,
  type DirectoryEntry,
} from '@tallystick/host/channel';
import type { Fingerprint, SigningIdentity } from '@tallystick/host/identity';
import type { TallyError } from '@tallystick/protocol/errors';
import { afterEach, describe, expect, it } from 'vitest';
import { type CoordinatorOptions, startCoordinator } from './index.ts';
import { newIdentity, type Place, startPlace } from './testing.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function place(
  options?: CoordinatorOptions,
  connect?: Parameters<typeof startPlace>[1],
): Promise<Place> {
  const made = await startPlace(options, connect);
  cleanups.push(made.dispose);
  return made;
}

async function join(
  url: string,
  identity: SigningIdentity,
  more: { reconnect?: boolean } = {},
): Promise<CoordinatorLink> {
  const link = await connectCoordinator({ url, identity, ...more });
  cleanups.push(link.close);
  return link;
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'resolved',
    (error: TallyError) => error.code,
  );

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

const nextChannel = (link: CoordinatorLink, pin: Fingerprint) =>
  new Promise<Channel>((resolve, reject) =>
    link.onRing((ring) => void ring.accept(pin).then(resolve, reject)),
  );

describe('directory', () => {
  it('lists who has proved its key, and who has gone', async () => {
    const { coordinator, a, b, linkA, linkB } = await place();
    const entries: DirectoryEntry[] = [
      { id: 'a', fingerprint: a.fingerprint, online: true },
      { id: 'b', fingerprint: b.fingerprint, online: true },
    ];
    expect(await linkA.directory()).toEqual(entries);
    await linkB.close();
    await until(() => coordinator.stats.nodes === 1);
    expect((await linkA.directory()).map(({ online }) => online)).toEqual([true, false]);
  });

  it('refuses an id that is online with another key, for good', async () => {
    const { coordinator } = await place();
    expect(await codeOf(join(coordinator.url, await newIdentity('a')))).toBe('channel.auth');
  });

  it('refuses a key that is claimed and not held', async () => {
    const { coordinator } = await place();
    const [c, d] = [await newIdentity('c'), await newIdentity('d')];
    expect(await codeOf(join(coordinator.url, { ...c, sign: (message) => d.sign(message) }))).toBe(
      'channel.auth',
    );
    expect(await codeOf(join(coordinator.url, { ...c, id: 'x', sign: () => new Uint8Array(64) }))).toBe(
      'channel.auth',
    );
  });

  it('gives the place to a newer process of the same node, and does not fight over it', async () => {
    const { coordinator, a, b, linkA, linkB } = await place();
    const newer = await join(coordinator.url, a);
    expect(await linkA.closed).toBe('channel.auth');
    expect(linkA.state).toBe('closed');
    const ringing = nextChannel(newer, b.fingerprint);
    await linkB.dial('a', a.fingerprint, '');
    expect((await ringing).facts.role).toBe('server');
  });

  it('takes only keys on the allow-list, where there is one', async () => {
    const [c, d] = [await newIdentity('c'), await newIdentity('d')];
    const coordinator = await startCoordinator({ allow: [c.fingerprint] });
    cleanups.push(coordinator.close);
    await join(coordinator.url, c);
    expect(await codeOf(join(coordinator.url, d))).toBe('channel.auth');
  });

  it('takes so many nodes and no more', async () => {
    const { coordinator } = await place({ limits: { maxNodes: 2 } });
    expect(await codeOf(join(coordinator.url, await newIdentity('c')))).toBe('channel.overflow');
  });
});

describe('rendezvous', () => {
  it('passes the tag on, and the id', async () => {
    const { a, b, linkA, linkB } = await place();
    const rung = new Promise<[string, string]>((resolve) =>
      linkB.onRing((ring) => {
        resolve([ring.from, ring.tag]);
        ring.accept(a.fingerprint).catch(() => undefined);
      }),
    );
    await linkA.dial('b', b.fingerprint, 'session-7');
    expect(await rung).toEqual(['a', 'session-7']);
    expect(await codeOf(linkA.dial('b', b.fingerprint, 'x'.repeat(129)))).toBe('argument.invalid');
  });

  it('says peer.absent for who is not there, or does not listen', async () => {
    const { a, b, linkA } = await place();
    expect(await codeOf(linkA.dial('nobody', b.fingerprint, ''))).toBe('peer.absent');
    expect(await codeOf(linkA.dial('a', a.fingerprint, ''))).toBe('peer.absent');
    expect(await codeOf(linkA.dial('b', b.fingerprint, ''))).toBe('peer.absent');
  });

  it('passes the code of a rejection on', async () => {
    const { b, linkA, linkB } = await place();
    linkB.onRing((ring) => ring.reject());
    expect(await codeOf(linkA.dial('b', b.fingerprint, ''))).toBe('peer.unknown');
    linkB.onRing((ring) => ring.reject('session.busy'));
    expect(await codeOf(linkA.dial('b', b.fingerprint, ''))).toBe('session.busy');
  });

  it('says peer.absent where a ring is not answered in time', async () => {
    const { coordinator, b, linkA, linkB } = await place({ limits: { unpairedMs: 50 } });
    linkB.onRing(() => undefined);
    expect(await codeOf(linkA.dial('b', b.fingerprint, ''))).toBe('peer.absent');
    expect(coordinator.stats.links).toBe(0);
  });

  it('bounds the links of a node', async () => {
    const { a, b, linkA, linkB } = await place({ limits: { maxLinksPerNode: 2 } });
    linkB.onRing((ring) => void ring.accept(a.fingerprint));
    const first = await linkA.dial('b', b.fingerprint, '');
    await linkA.dial('b', b.fingerprint, '');
    expect(await codeOf(linkA.dial('b', b.fingerprint, ''))).toBe('channel.overflow');
    await first.close();
    await until(() => linkA.state === 'online');
    let code = 'channel.overflow';
    while (code === 'channel.overflow') code = await codeOf(linkA.dial('b', b.fingerprint, ''));
    expect(code).toBe('resolved');
  });

  it('tells both sides of a wrong pin, whoever has it', async () => {
    const { a, b, linkA, linkB } = await place();
    for (const [callee, caller] of [
      [a.fingerprint, a.fingerprint],
      [b.fingerprint, b.fingerprint],
    ] as const) {
      const serving = codeOf(nextChannel(linkB, caller));
      expect(await codeOf(linkA.dial('b', callee, ''))).toBe('channel.pin');
      expect(await serving).toBe('channel.pin');
    }
  });
});

describe('when somebody goes', () => {
  it('tells the other side of every channel', async () => {
    const { pair, linkA } = await place();
    const { server } = await pair();
    const waiting = codeOf(server.receive());
    await linkA.close();
    expect(await waiting).toBe('peer.left');
    expect((await server.closed).code).toBe('peer.left');
  });

  it('tells who still dials', async () => {
    const { b, linkA, linkB } = await place();
    linkB.onRing(() => void linkB.close());
    // Which of the two depends on whether the dialler had joined the link already.
    expect(['peer.left', 'peer.absent']).toContain(await codeOf(linkA.dial('b', b.fingerprint, '')));
  });

  it('ends a channel that is idle for too long', async () => {
    const { pair } = await place({ limits: { idleMs: 1_000 } });
    const { client, server } = await pair();
    expect((await client.closed).code).toBe('session.deadline');
    expect((await server.closed).code).toBe('session.deadline');
  });

  it('comes back by itself when the coordinator does', async () => {
    const first = await startCoordinator();
    const [a, b] = [await newIdentity('a'), await newIdentity('b')];
    const [linkA, linkB] = [await join(first.url, a), await join(first.url, b)];
    const states: string[] = [];
    linkA.onState((state) => void states.push(state));
    const ringing = nextChannel(linkB, a.fingerprint);
    const channel = await linkA.dial('b', b.fingerprint, '');
    await ringing;
    await first.close();
    expect((await channel.closed).code).toBe('peer.left');
    await until(() => linkA.state === 'reconnecting');
    expect(await codeOf(linkA.dial('b', b.fingerprint, ''))).toBe('channel.refused');
    const second = await startCoordinator({ port: first.port });
    cleanups.push(second.close);
    await until(() => second.stats.nodes === 2 && linkA.state === 'online');
    expect(states).toEqual(['reconnecting', 'online']);
    const again = nextChannel(linkB, a.fingerprint);
    await linkA.dial('b', b.fingerprint, '');
    await again;
  });

  it('stays down where it was told to', async () => {
    const coordinator = await startCoordinator();
    const link = await join(coordinator.url, await newIdentity('a'), { reconnect: false });
    await coordinator.close();
    await link.closed;
    expect(link.state).toBe('closed');
  });
});

it('says channel.refused where nobody listens, channel.listen where the port is taken, argument.invalid for no URL', async () => {
  const coordinator = await startCoordinator();
  expect(await codeOf(startCoordinator({ port: coordinator.port }))).toBe('channel.listen');
  await coordinator.close();
  const identity = await newIdentity('a');
  expect(await codeOf(connectCoordinator({ url: coordinator.url, identity }))).toBe('channel.refused');
  expect(await codeOf(connectCoordinator({ url: 'http//x', identity }))).toBe('argument.invalid');
});
