/**
 * Three stations over a real coordinator, steered as people do: a suspension and its end, a new key of an officer, and
 * the whole procedure by which a station gets a new key and its partners pin it anew (docs/agreement.md).
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CoordinatorProcess, startCoordinatorProcess } from '@tallystick/coordinator/process';
import { createAgreementShelf } from '@tallystick/host/agreements';
import { initDirectory, unlockDirectory } from '@tallystick/host/directory';
import type { SigningIdentity } from '@tallystick/host/identity';
import type { MembershipStatus } from '@tallystick/host/membership';
import { systemRandom } from '@tallystick/host/random';
import { createSealer } from '@tallystick/host/seal';
import { type RunningNode, startNode } from '@tallystick/node/daemon';
import { openVault } from '@tallystick/node/vault';
import { signStanding, type StandingAgreement } from '@tallystick/protocol/agreement';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { agreementOf } from '../../packages/protocol/src/policy/world-agreement.testkit.ts';
import { cli, type Done } from '../cli/helpers.ts';

const ids = ['alba', 'borea', 'watch'] as const;
type Id = (typeof ids)[number];
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const instant = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

let coordinator: CoordinatorProcess;
let root = '';
let keyFile = '';
const nodes = new Map<Id, RunningNode>();

const place = (name: string): string => join(root, name);

async function makeDirectory(name: string, id: string): Promise<SigningIdentity> {
  await initDirectory(
    place(name),
    id,
    { kind: 'file', path: keyFile },
    { scryptCost: { N: 1024, r: 1, p: 1 } },
  );
  const { store, identity } = await unlockDirectory(
    place(name),
    { kind: 'file', path: keyFile },
    systemRandom,
  );
  store.close();
  return identity;
}

async function start(id: Id): Promise<void> {
  const node = await startNode({
    place: { kind: 'directory', dataDir: place(id), key: { kind: 'file', path: keyFile } },
    coordinatorUrl: coordinator.url,
    openVault: () => openVault({ inline: true }),
  });
  nodes.set(id, node);
}

const on = (id: Id, ...words: string[]): Promise<Done> => cli([...words, '--data', place(id)]);

async function statusAt(id: Id): Promise<MembershipStatus> {
  const { out } = await on(id, 'membership', 'status', 'pair', '--json');
  return (JSON.parse(out) as MembershipStatus[])[0] as MembershipStatus;
}

/** Asks again until it is so; the nodes talk meanwhile. */
async function untilAll(what: (status: MembershipStatus) => boolean): Promise<void> {
  for (;;) {
    const all = await Promise.all(ids.map((id) => statusAt(id)));
    if (all.every(what)) return;
    await Promise.all(ids.map((id) => on(id, 'membership', 'affirm', 'pair')));
  }
}

beforeAll(async () => {
  coordinator = await startCoordinatorProcess({ withoutCollector: true });
  root = await mkdtemp(join(tmpdir(), 'tallystick-test-'));
  keyFile = place('key');
  await writeFile(keyFile, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
  const keys = new Map<Id, SigningIdentity>();
  for (const id of ids) keys.set(id, await makeDirectory(id, id));
  const keyOf = (id: string): SigningIdentity => keys.get(id as Id) as SigningIdentity;
  const named = <T extends { id: string }>(one: T): T => {
    const { publicKey, fingerprint } = keyOf(one.id);
    return { ...one, publicKey: hex(publicKey), ...('fingerprint' in one ? { fingerprint } : {}) };
  };
  const base = agreementOf();
  const two = ['alba', 'borea'];
  const agreement: StandingAgreement = {
    ...base,
    name: 'pair',
    version: 1,
    supersedes: null,
    notBefore: instant(Date.now() - 86_400_000),
    notAfter: instant(Date.now() + 100 * 86_400_000),
    parties: base.parties.filter(({ id }) => two.includes(id)).map(named),
    collectors: null,
    oversight: base.oversight.filter(({ id }) => id === 'watch').map(named),
    legalBasis: base.legalBasis.filter(({ jurisdiction }) => jurisdiction !== 'LTU'),
    purposes: base.purposes.slice(0, 1),
    lists: base.lists.filter(({ party }) => two.includes(party)),
    outputs: base.outputs.slice(0, 1),
    tiers: { ...base.tiers, imminent: null },
    privacy: {
      ...base.privacy,
      minCount: 0,
      noise: null,
      padTo: null,
      budget: { ...base.privacy.budget, microEpsilon: 0, femtoDelta: 0 },
    },
  };
  const signatures = ids.map((id) =>
    signStanding(agreement, id, hex(keyOf(id).publicKey), (bytes) => keyOf(id).sign(bytes)),
  );
  for (const id of ids) {
    const opened = await unlockDirectory(place(id), { kind: 'file', path: keyFile }, systemRandom);
    const sealer = createSealer(opened.dataKey, systemRandom);
    const audit = { append: () => undefined as never };
    const shelf = createAgreementShelf(opened.store, sealer, opened.identity, audit);
    shelf.install({ agreement, signatures }, Date.now());
    opened.store.close();
    await start(id);
  }
  for (const id of ids) {
    for (const other of ids) if (other !== id) await on(id, 'peer', 'add', other, keyOf(other).fingerprint);
  }
  await untilAll(({ standing }) => standing === 'open');
});

afterAll(async () => {
  await Promise.all([...nodes.values()].map((node) => node.close()));
  await coordinator.close();
  await rm(root, { recursive: true });
});

test('a suspension binds at all, and ends when all have lifted it', async () => {
  expect((await on('alba', 'membership', 'status')).code).toBe(0);
  const said = await on('watch', 'membership', 'suspend', 'pair', '--reason', 'order');
  expect([said.code, said.out]).toEqual([0, expect.stringContaining('told alba, borea')]);
  const shown = await on('alba', 'membership', 'status', 'pair');
  expect(shown.code).toBe(2);
  expect(shown.out).toContain('suspended by watch: an order of a court or an authority, since');
  expect(shown.out).toContain('lifted by nobody; waits for alba, borea, watch');
  for (const id of ids) {
    expect((await statusAt('borea')).standing).toBe('suspended');
    expect((await on(id, 'membership', 'resume', 'pair')).code).toBe(0);
  }
  expect((await on('alba', 'membership', 'resume', 'pair')).err).toContain('membership.refused');
  await untilAll(({ standing }) => standing === 'open');
});

test('a station gets a new key, and its partners pin it anew', async () => {
  const next = await makeDirectory('alba-new', 'alba');
  const officer = await makeDirectory('officer', 'approver-1');
  const renewed = ['--new-key-file', keyFile];
  const rotated = await on(
    'alba',
    'membership',
    'rotate',
    'pair',
    '--officer',
    'approver-1',
    '--new',
    place('officer'),
    ...renewed,
  );
  expect(rotated.err).toBe('');
  expect((await statusAt('borea')).officerKeys).toEqual([
    { of: 'alba', officer: 'approver-1', publicKey: hex(officer.publicKey) },
  ]);

  const named = await on('alba', 'membership', 'rotate', 'pair', '--new', place('alba-new'), ...renewed);
  expect(named.out).toContain(next.fingerprint);
  const other = await on('borea', 'membership', 'accept', 'pair', 'alba', officer.fingerprint);
  expect([other.code, other.err]).toEqual([4, expect.stringContaining('membership.refused')]);
  for (const id of ['borea', 'watch'] as const) {
    expect((await on(id, 'membership', 'accept', 'pair', 'alba', next.fingerprint)).err).toBe('');
  }
  await untilAll(({ members }) => members.find(({ id }) => id === 'alba')?.newKey?.waitsFor.length === 0);

  await nodes.get('alba')?.close();
  const replaced = await cli([
    'identity',
    'replace',
    '--data',
    place('alba'),
    '--key-file',
    keyFile,
    '--new',
    place('alba-new'),
    ...renewed,
  ]);
  expect(replaced.out).toBe(`${next.fingerprint}\n`);
  await start('alba');
  // Nobody takes the new key for alba's before it was pinned.
  const early = await on('alba', 'membership', 'suspend', 'pair', '--reason', 'precaution', '--json');
  expect(JSON.parse(early.out)).toMatchObject({ told: [], missed: ['borea', 'watch'] });
  for (const id of ['borea', 'watch'] as const) {
    expect((await on(id, 'peer', 'add', 'alba', next.fingerprint)).err).toContain('peer.pinned');
    await on(id, 'peer', 'remove', 'alba');
    expect((await on(id, 'peer', 'add', 'alba', next.fingerprint)).code).toBe(0);
  }
  await untilAll(({ standing }) => standing === 'suspended');
  for (const id of ids) await on(id, 'membership', 'resume', 'pair');
  await untilAll(
    ({ standing, members }) => standing === 'open' && members.every(({ newKey }) => newKey === null),
  );
});
