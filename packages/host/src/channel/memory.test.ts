import { expect, it } from 'vitest';
import { systemClock } from '../clock/index.ts';
import { channelContract } from '../contracts/index.ts';
import { createIdentity } from '../identity/index.ts';
import { systemRandom } from '../random/index.ts';
import { type LinkFaults, memoryChannelPair, memoryCoordinator } from './index.ts';

const identity = (id: string) => createIdentity(id, systemClock, systemRandom);

channelContract('memory', async (maxFrameBytes) => {
  const { client, server, cut } = await memoryChannelPair({
    client: await identity('a'),
    server: await identity('b'),
    maxFrameBytes,
  });
  return {
    client,
    server,
    cut,
    async dispose() {
      await Promise.all([client.close(), server.close()]);
    },
  };
});

async function sendThrough(faults: LinkFaults, count: number): Promise<number[]> {
  const pair = await memoryChannelPair({
    client: await identity('a'),
    server: await identity('b'),
    clientFaults: faults,
  });
  for (let i = 0; i < count; i++) await pair.client.send(Uint8Array.of(i)).catch(() => undefined);
  void pair.client.close();
  const got: number[] = [];
  try {
    for await (const frame of pair.server) got.push(frame[0] ?? -1);
  } catch {
    got.push(-1);
  }
  await pair.client.closed;
  return got;
}

it('duplicates, reorders, delays and cuts where asked to', async () => {
  expect(await sendThrough({}, 4)).toEqual([0, 1, 2, 3]);
  expect(await sendThrough({ duplicate: (i) => i === 1 }, 3)).toEqual([0, 1, 1, 2]);
  expect(await sendThrough({ reorder: (i) => i === 1 }, 4)).toEqual([0, 2, 1, 3]);
  expect(await sendThrough({ delayMs: (i) => (i === 0 ? 20 : 0) }, 3)).toEqual([0, 1, 2]);
  expect(await sendThrough({ cut: (i) => i === 2 }, 4)).toEqual([0, 1, -1]);
});

it('connects nodes by id and compares fingerprints', async () => {
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map(identity));
  if (a === undefined || b === undefined || c === undefined) throw new Error('identities');
  const coordinator = memoryCoordinator();
  const [linkA, linkB] = [await coordinator.connect(a), await coordinator.connect(b)];
  await expect(linkA.dial('nobody', b.fingerprint, '')).rejects.toMatchObject({ code: 'peer.absent' });
  linkB.onRing(
    (ring) =>
      void ring.accept(a.fingerprint).then(
        (channel) => channel.send(Uint8Array.of(5)),
        () => undefined,
      ),
  );
  const channel = await linkA.dial('b', b.fingerprint, 's');
  expect(await channel.receive()).toEqual(Uint8Array.of(5));
  await expect(linkA.dial('b', c.fingerprint, 's')).rejects.toMatchObject({ code: 'channel.pin' });
  await linkB.close();
  await expect(channel.receive()).rejects.toMatchObject({ code: 'peer.left' });
  await linkA.close();
});
