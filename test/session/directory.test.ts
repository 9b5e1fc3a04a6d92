/**
 * A node with a data directory: made, started, asked over its socket, stopped, started again.
 */
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type CoordinatorProcess, startCoordinatorProcess } from '@tallystick/coordinator/process';
import { callControl } from '@tallystick/host/control';
import type { SecretSource } from '@tallystick/host/seal';
import type { ControlMethod, ControlParams, ControlResults, SessionEvent } from '@tallystick/node/control';
import { initDirectory } from '@tallystick/host/directory';
import { type RunningNode, startNode } from '@tallystick/node/daemon';
import { openVault } from '@tallystick/node/vault';
import { matchesOf, nothingLeft, passports, startWorld, until, type World } from './world.ts';

const scryptCost = { N: 1024, r: 1, p: 1 };
const key: SecretSource = { kind: 'passphrase', passphrase: 'correct horse' };
let coordinator: CoordinatorProcess;
let root = '';
const running: RunningNode[] = [];

beforeAll(async () => {
  coordinator = await startCoordinatorProcess({ withoutCollector: true });
  root = await mkdtemp(join(tmpdir(), 'tallystick-test-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((node) => node.close()));
});
afterAll(async () => {
  await coordinator.close();
  await rm(root, { recursive: true });
});

async function start(dataDir: string, secret = key, url = coordinator.url): Promise<RunningNode> {
  const node = await startNode({
    place: { kind: 'directory', dataDir, key: secret },
    coordinatorUrl: url,
    openVault: () => openVault({ inline: true }),
  });
  running.push(node);
  return node;
}

function ask<M extends ControlMethod>(
  dataDir: string,
  method: M,
  params: ControlParams<M>,
  onEvent: (event: unknown) => void = () => undefined,
): Promise<ControlResults[M]> {
  return callControl(dataDir, method, params, { onEvent }) as Promise<ControlResults[M]>;
}

async function writeList(path: string, numbers: readonly string[]): Promise<void> {
  const rows = numbers.map((number, index) => `r${index},nobody number ${index},${number}`);
  await writeFile(path, ['id,name,documentNumber', ...rows, ''].join('\n'));
}

test('what it knows outlives it; one node to a directory; only its key opens it', async () => {
  const dataDir = join(root, 'a');
  const identity = await initDirectory(dataDir, 'alpha', key, { scryptCost });
  await expect(initDirectory(dataDir, 'other', key, { scryptCost })).rejects.toMatchObject({
    code: 'argument.invalid',
  });
  const path = join(root, 'a.csv');
  await writeList(path, passports(20));

  await start(dataDir);
  const status = await ask(dataDir, 'status', {});
  expect(status).toMatchObject({
    id: 'alpha',
    fingerprint: identity.fingerprint,
    peers: 0,
    lists: 0,
    sessions: 0,
  });
  await expect(start(dataDir)).rejects.toMatchObject({ code: 'store.locked' });
  await ask(dataDir, 'peer.add', { id: 'beta', fingerprint: identity.fingerprint });
  const events: unknown[] = [];
  const report = await ask(dataDir, 'list.import', { path, name: 'watch', format: 'csv' }, (event) =>
    events.push(event),
  );
  expect(report).toMatchObject({ name: 'watch', records: 20, rejected: 0 });
  expect(events.length).toBeGreaterThan(0);
  const taken = { path, name: 'watch', format: 'csv' as const };
  await expect(ask(dataDir, 'list.import', taken)).rejects.toMatchObject({ code: 'argument.invalid' });
  await ask(dataDir, 'list.import', { ...taken, replace: true });
  await expect(
    ask(dataDir, 'list.import', { ...taken, name: 'gone', path: `${path}.not` }),
  ).rejects.toMatchObject({
    code: 'file.missing',
  });
  // Another fingerprint under a pinned id is how somebody would take beta's place.
  const another = `sha256:${'A'.repeat(43)}`;
  await expect(callControl(dataDir, 'peer.add', { id: 'beta', fingerprint: another })).rejects.toMatchObject({
    code: 'peer.pinned',
  });
  await ask(dataDir, 'peer.add', { id: 'beta', fingerprint: identity.fingerprint });
  await expect(callControl(dataDir, 'peer.add', { id: 'beta' })).rejects.toMatchObject({
    code: 'control.request',
  });
  await ask(dataDir, 'shutdown', {});
  await running[0]?.closed;
  await expect(ask(dataDir, 'status', {})).rejects.toMatchObject({ code: 'control.refused' });

  const wrong: SecretSource = { kind: 'passphrase', passphrase: 'wrong horse' };
  await expect(start(dataDir, wrong)).rejects.toMatchObject({ code: 'store.key' });
  await start(dataDir);
  expect(await ask(dataDir, 'status', {})).toMatchObject({
    fingerprint: identity.fingerprint,
    peers: 1,
    lists: 1,
  });
  expect(await ask(dataDir, 'peer.list', {})).toEqual([
    { id: 'beta', fingerprint: identity.fingerprint, agreement: null, online: false },
  ]);
  expect(await ask(dataDir, 'list.list', {})).toMatchObject([{ name: 'watch', records: 20 }]);
  await ask(dataDir, 'list.remove', { name: 'watch' });
  await expect(ask(dataDir, 'list.remove', { name: 'watch' })).rejects.toMatchObject({
    code: 'list.unknown',
  });
});

test('nothing on disk says who is on the list or what a session found', async () => {
  const dataDir = join(root, 'b');
  const numbers = passports(30);
  let world: World | undefined;
  try {
    world = await startWorld({ lists: { zeta: numbers } });
    const other = world.node('zeta').identity;
    const identity = await initDirectory(dataDir, 'alpha', key, { scryptCost });
    const path = join(root, 'b.csv');
    await writeList(path, numbers);
    await start(dataDir, key, world.coordinator.url);
    await ask(dataDir, 'peer.add', { id: 'zeta', fingerprint: other.fingerprint });
    await world.node('zeta').call('peer.add', { id: 'alpha', fingerprint: identity.fingerprint });
    await ask(dataDir, 'list.import', { path, name: 'watch', format: 'csv' });
    const { session } = await ask(dataDir, 'session.propose', matchesOf('zeta', ['alpha']));
    const events: SessionEvent[] = [];
    const detail = await ask(dataDir, 'session.watch', { session }, (event) =>
      events.push(event as SessionEvent),
    );
    expect(detail).toMatchObject({ state: 'done', matches: { records: numbers.length } });
    expect(events.at(-1)).toEqual({ type: 'finished' });
    await nothingLeft(world);
    await running[0]?.close();

    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(dataDir)) {
      expect((await stat(join(dataDir, name))).mode & 0o077).toBe(0);
      const bytes = await readFile(join(dataDir, name));
      for (const secret of [numbers[0] ?? '', 'nobody number', 'test of sessions']) {
        expect(bytes.includes(secret), `${name} holds ${secret}`).toBe(false);
      }
    }
    // Kept, and exported after a restart, also once the list itself was replaced.
    await start(dataDir, key, world.coordinator.url);
    await ask(dataDir, 'list.import', { path, name: 'watch', format: 'csv', replace: true });
    const out = join(root, 'b.jsonl');
    expect(await ask(dataDir, 'session.export', { session, out })).toEqual({ records: numbers.length });
    expect(await ask(dataDir, 'session.show', { session })).toEqual(detail);
  } finally {
    await Promise.all(running.splice(0).map((node) => node.close()));
    await world?.close();
  }
});

test('a session that its process did not see to the end is over after a restart', async () => {
  const dataDir = join(root, 'c');
  let world: World | undefined;
  try {
    world = await startWorld({ lists: { zeta: passports(5) }, consent: 'ask' });
    const identity = await initDirectory(dataDir, 'alpha', key, { scryptCost });
    const path = join(root, 'c.csv');
    await writeList(path, passports(5));
    await start(dataDir, key, world.coordinator.url);
    await ask(dataDir, 'peer.add', { id: 'zeta', fingerprint: world.node('zeta').identity.fingerprint });
    await world.node('zeta').call('peer.add', { id: 'alpha', fingerprint: identity.fingerprint });
    await ask(dataDir, 'list.import', { path, name: 'watch', format: 'csv' });
    const { session } = await ask(dataDir, 'session.propose', matchesOf('zeta', ['alpha']));
    // What a killed process leaves: the store as it is while the session runs.
    const copy = join(root, 'c-copy');
    const before = await until(async () => {
      const shown = await ask(dataDir, 'session.show', { session });
      return shown.own === null ? undefined : shown;
    }, 'the list is open');
    expect(['offered', 'consenting']).toContain(before.state);
    await cp(dataDir, copy, {
      recursive: true,
      filter: (source) => !/control|lock/.test(source.slice(root.length)),
    });
    await running[0]?.close();
    await start(copy, key, world.coordinator.url);
    expect(await ask(copy, 'session.show', { session })).toMatchObject({
      state: 'aborted',
      error: { code: 'peer.left', by: 'alpha' },
      matches: null,
    });
  } finally {
    await Promise.all(running.splice(0).map((node) => node.close()));
    await world?.close();
  }
});
