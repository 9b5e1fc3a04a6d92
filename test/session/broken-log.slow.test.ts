/**
 * A node whose audit log was broken on disk, beside a partner and an oversight body: it starts nothing and changes nothing,
 * says so to both, goes on with what fits once its people want it, and is taken back by its partner's people alone.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initDirectory, unlockDirectory } from '@tallystick/host/directory';
import { systemRandom } from '@tallystick/host/random';
import type { SecretSource } from '@tallystick/host/seal';
import type { Store } from '@tallystick/host/store';
import { type RunningNode, startNode } from '@tallystick/node/daemon';
import { openVault } from '@tallystick/node/vault';
import { type RunningOversight, startOversight } from '@tallystick/oversight/body';
import { signStanding } from '@tallystick/protocol/agreement';
import type { AuditEntry } from '@tallystick/protocol/audit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli } from '../cli/helpers.ts';
import { agreementBetween, approve, askedBy, makeIdentities, pairAsked } from './standing.testkit.ts';
import { passports, startWorld, until, type World } from './world.ts';

const keyText = '11'.repeat(32);
let key: SecretSource;
let directory = '';
let world: World;
let watch: RunningOversight;
let alpha: RunningNode | undefined;
const at = (name = 'alpha'): string => join(directory, name);

async function withStore<T>(use: (store: Store) => T): Promise<T> {
  const { store } = await unlockDirectory(at(), key, systemRandom);
  try {
    return use(store);
  } finally {
    store.close();
  }
}

async function start(): Promise<RunningNode> {
  alpha = await startNode({
    place: { kind: 'directory', dataDir: at(), key },
    coordinatorUrl: world.coordinator.url,
    openVault: () => openVault({ inline: true }),
  });
  return alpha;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tallystick-test-'));
  await writeFile(join(directory, 'key'), keyText, { mode: 0o600 });
  key = { kind: 'file', path: join(directory, 'key') };
  const [beta, body] = await makeIdentities(['beta', 'watch']);
  if (!beta || !body) throw new Error('no identities');
  await initDirectory(at(), 'alpha', key);
  const own = await unlockDirectory(at(), key, systemRandom);
  own.store.close();
  world = await startWorld({
    lists: { beta: passports(3) },
    consent: 'ask',
    adjust: (_, options) => ({ ...options, place: { kind: 'ephemeral', identity: beta } }),
  });
  const publicKey = Buffer.from(body.publicKey).toString('hex');
  const { agreement, signatures } = agreementBetween([own.identity, beta], (terms) => {
    for (const one of terms.oversight) one.publicKey = publicKey;
  });
  const last = signStanding(agreement, 'watch', publicKey, (message) => body.sign(message));
  const signed = { agreement, signatures: [...signatures.filter(({ by }) => by !== 'watch'), last] };
  watch = await startOversight({
    place: { kind: 'ephemeral', identity: body },
    coordinatorUrl: world.coordinator.url,
  });
  await watch.call('oversight.install', { signed });
  const node = await start();
  const csv = at('alpha.csv');
  await writeFile(csv, `id,name,documentNumber\n1,nobody,${passports(1)[0]}\n`);
  await node.call('list.import', { path: csv, name: 'watch', format: 'csv' });
  await node.call('peer.add', { id: 'beta', fingerprint: beta.fingerprint });
  await world.node('beta').call('peer.add', { id: 'alpha', fingerprint: own.identity.fingerprint });
  for (const one of [node, world.node('beta')]) await one.call('agreement.install', { agreement: signed });
});

afterAll(async () => {
  await alpha?.close();
  await watch?.close();
  await world?.close();
  await rm(directory, { recursive: true, force: true });
});

type Witness = Extract<AuditEntry, { type: 'witness' }>;
const faultsIn = ({ entries }: { readonly entries: readonly AuditEntry[] }): Witness[] =>
  entries.flatMap((entry) => (entry.type === 'witness' ? [entry] : []));
const faultsAt = {
  beta: async () => faultsIn(await world.node('beta').call('audit.show', { limit: 1000 })),
  watch: async () => faultsIn(await watch.call('audit.show', { limit: 1000 })),
};

/** Until these have written down that `by` says so of alpha's log. */
async function written(code: RegExp, by: string, at: readonly ('beta' | 'watch')[], size?: number) {
  for (const station of at) {
    await until(async () => {
      const fits = (one: Witness): boolean =>
        one.of === 'alpha' &&
        one.by === by &&
        code.test(one.code ?? '') &&
        (size === undefined || one.size === size);
      return (await faultsAt[station]()).some(fits) ? true : undefined;
    }, `${station} writes down what ${by} says`);
  }
}

const state = async (node: RunningNode): Promise<unknown> => [
  await node.call('session.list', {}),
  await node.call('ledger.show', {}),
  await node.call('membership.status', {}),
  (await node.call('peer.list', {})).map(({ id }) => id),
];

test('is refused with the entry named, told, recovered, refused as taken back, and accepted', async () => {
  const node = alpha as RunningNode;
  await until(async () => {
    const { size, witnesses } = await node.call('audit.witness', { peers: [] });
    return witnesses.filter((one) => one.size === size).length === 2 ? true : undefined;
  }, 'both have cosigned');
  const { size } = await node.call('audit.show', { limit: 1 });
  const { draft } = await node.call('session.request', pairAsked);
  const request = askedBy(draft);
  await node.call('audit.witness', { peers: [] });
  await node.close();
  const entry = 1;
  expect(size).toBeGreaterThan(entry + 2);
  await withStore((store) => {
    const place = `entry/${String(entry).padStart(10, '0')}`;
    const bytes = Buffer.from(store.get('audit', place) as string, 'base64');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    store.put('audit', place, bytes.toString('base64'));
  });
  const kept = await withStore((store) => store.list('sessions'));

  const broken = await start();
  const shown = await broken.call('audit.show', { limit: 1 });
  expect(shown.broken).toEqual({ code: 'log.broken', message: `audit log: entry ${entry} was changed` });
  const before = await state(broken);
  const approvals = [approve(request, 'alpha')];
  for (const act of [
    () => broken.call('session.proposeRequest', { request, approvals, list: 'watch' }),
    () => broken.call('peer.remove', { id: 'beta' }),
    () => broken.call('membership.suspend', { agreement: 'three-rivers', reason: 'incident' }),
  ])
    await expect(act()).rejects.toMatchObject({ code: 'log.broken' });
  expect(await state(broken)).toEqual(before);
  await written(/^log\.broken$/, 'alpha', ['beta', 'watch'], entry);
  await broken.close();
  expect(await withStore((store) => store.list('sessions'))).toEqual(kept);

  const recover = ['audit', 'recover', '--data', at(), '--key-file', join(directory, 'key'), '--json'];
  const done = await cli(recover);
  expect([done.code, done.err, JSON.parse(done.out)]).toMatchObject([0, '', { kept: entry }]);
  expect((await cli(recover)).err).toContain('log.whole');

  // It goes on, and says why; whoever cosigned more of it refuses it, and says so to the body that watches it.
  const shorter = await start();
  const own = await shorter.call('audit.show', { limit: 1000 });
  expect(faultsIn(own)[0]).toMatchObject({ index: entry, of: 'alpha', by: 'alpha', code: 'log.broken' });
  const other = /^log\.(rollback|fork)$/;
  await written(other, 'alpha', ['beta', 'watch']);
  await written(other, 'beta', ['watch']);
  await until(async () => {
    const { broken: why } = await shorter.call('audit.show', { limit: 1 });
    return why === null ? undefined : true;
  }, 'alpha has learned it');
  const { watched } = await world.node('beta').call('audit.show', { limit: 1 });
  expect(watched).toContainEqual(
    expect.objectContaining({ station: 'alpha', broken: expect.stringMatching(other) }),
  );
  await shorter.close();

  await world.node('beta').call('audit.accept', { peer: 'alpha' });
  await watch.call('audit.accept', { peer: 'alpha' });
  const again = await start();
  await until(async () => {
    const { broken: why, size: now, witnesses } = await again.call('audit.witness', { peers: [] });
    expect(why).toBeNull();
    return witnesses.filter((one) => one.size === now).length === 2 ? true : undefined;
  }, 'both cosign again');
});
