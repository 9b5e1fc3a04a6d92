/**
 * A pinned peer proposes without end: so many of its proposals an hour are written down, the others are counted, and
 * the node still hears everybody else. Two nodes in memory.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryCoordinator } from '@tallystick/host/channel';
import { systemClock } from '@tallystick/host/clock';
import { createIdentity } from '@tallystick/host/identity';
import { systemRandom } from '@tallystick/host/random';
import { type RunningNode, startNode } from '@tallystick/node/daemon';
import { openVault } from '@tallystick/node/vault';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mostArrivals } from '../../packages/node/src/session/arrivals.ts';
import { encodeHello, utf8Message } from './rogue.ts';
import { columns, csvOf, endAt, matchesOf, passports, until } from './world.ts';

const place = memoryCoordinator();
const nodes = new Map<string, RunningNode>();
let folder: string;
const node = (id: string): RunningNode => nodes.get(id) as RunningNode;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tallystick-flood-'));
  const path = join(folder, 'list.csv');
  await writeFile(path, csvOf(passports(3)));
  for (const id of ['alpha', 'beta', 'gamma']) {
    const started = await startNode({
      place: { kind: 'ephemeral', identity: { id } },
      coordinatorUrl: 'ws://memory',
      connect: (identity) => place.connect(identity),
      openVault: () => openVault({ inline: true }),
      // Nobody here consents.
      ...(id === 'beta' && { rules: { purposes: ['another'] } }),
    });
    nodes.set(id, started);
    await started.call('list.import', { path, name: 'watch', format: 'csv', columns });
  }
  for (const one of nodes.values()) {
    for (const { identity } of nodes.values()) {
      if (identity.id === one.identity.id) continue;
      await one.call('peer.add', { id: identity.id, fingerprint: identity.fingerprint });
    }
  }
});
afterAll(async () => {
  for (const one of nodes.values()) await one.close();
  await rm(folder, { recursive: true, force: true });
});

test('what is too many is refused before anything is written, and counted', async () => {
  const codes: (string | undefined)[] = [];
  for (let i = 0; i < mostArrivals + 3; i++) {
    const { session } = await node('alpha').call('session.propose', matchesOf('beta', ['alpha']));
    const { error } = await endAt(node('alpha'), session);
    codes.push(error?.code);
    // Beta has no more than sixteen under way.
    await until(
      async () => ((await node('beta').call('status', {})).sessions === 0 ? true : undefined),
      'beta is done with it',
    );
  }
  const heard = Array.from({ length: mostArrivals }, () => 'consent.refused');
  expect(codes).toEqual([...heard, ...Array.from({ length: 3 }, () => 'session.busy')]);
  const { entries } = await node('beta').call('audit.show', { limit: 1000 });
  const proposed = entries.filter(({ type, by }) => type === 'propose' && by === 'alpha');
  expect(proposed).toHaveLength(mostArrivals);
  expect(new Set(entries.flatMap(({ session }) => session ?? []))).toHaveProperty('size', mostArrivals);
  // The first of them at once; the others when the hour is over.
  const attempts = entries.filter((entry) => entry.type === 'attempt' && entry.code === 'session.busy');
  expect(attempts).toMatchObject([{ from: 'alpha', count: 1 }]);
  expect(await node('beta').call('session.list', {})).toHaveLength(mostArrivals);

  const other = await node('gamma').call('session.propose', matchesOf('beta', ['gamma']));
  expect((await endAt(node('gamma'), other.session)).error?.code).toBe('consent.refused');
});

test('calls that propose nothing are kept as often, and no more', async () => {
  const delta = await createIdentity('delta', systemClock, systemRandom);
  await node('beta').call('peer.add', { id: 'delta', fingerprint: delta.fingerprint });
  const link = await place.connect(delta);
  const idle = () =>
    until(
      async () => ((await node('beta').call('status', {})).sessions === 0 ? true : undefined),
      'beta is done with it',
    );
  for (let i = 0; i < mostArrivals + 3; i++) {
    const tag = Buffer.from(systemRandom(16)).toString('hex');
    const channel = await link.dial('beta', node('beta').identity.fingerprint, tag);
    await channel.send(encodeHello('rogue'));
    await channel.send(utf8Message('{'));
    expect((await channel.closed).by).toBe('peer');
    await idle();
  }
  const kept = await node('beta').call('session.list', {});
  expect(kept.filter(({ proposer }) => proposer === 'delta')).toHaveLength(mostArrivals);
  await link.close();
});
