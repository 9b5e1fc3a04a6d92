/**
 * Two nodes and an oversight body under an agreement, one world for two stories.
 *
 * First the section of the README, command by command as it stands there. Then the log of north is broken on disk: north
 * starts nothing and changes nothing, says so to both, goes on with what fits once its people want it, and is taken back
 * by its partner's people alone.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initDirectory, unlockDirectory } from '@tallystick/host/directory';
import type { SigningIdentity } from '@tallystick/host/identity';
import { systemRandom } from '@tallystick/host/random';
import type { SecretSource } from '@tallystick/host/seal';
import type { Store } from '@tallystick/host/store';
import { type RunningNode, startNode } from '@tallystick/node/daemon';
import { openVault } from '@tallystick/node/vault';
import { type RunningOversight, startOversight } from '@tallystick/oversight/body';
import {
  type SignedAgreement,
  signStanding,
  type StandingAgreement,
  stripComments,
} from '@tallystick/protocol/agreement';
import type { AuditEntry } from '@tallystick/protocol/audit';
import { signRequest } from '@tallystick/protocol/policy';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeSigned } from '../../packages/cli/src/agreement/files.ts';
import { cli, type Done, root } from '../cli/helpers.ts';
import { makeIdentities } from '../session/standing.testkit.ts';
import { passports, startWorld, until, type World } from '../session/world.ts';

let folder = '';
let world: World;
let watch: RunningOversight;
let north: RunningNode | undefined;
let agreement = '';
const at = (name: string): string => join(folder, name);
const key = (name: string): SecretSource => ({ kind: 'file', path: at(`${name}.key`) });
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** As people type it, in the folder of the test. */
async function type(...args: readonly string[]): Promise<Done> {
  const done = await cli(args, { cwd: folder });
  expect(done.code, `${args.join(' ')}: ${done.err}`).toBe(0);
  return done;
}

async function start(): Promise<RunningNode> {
  north = await startNode({
    place: { kind: 'directory', dataDir: at('north'), key: key('north') },
    coordinatorUrl: world.coordinator.url,
    openVault: () => openVault({ inline: true }),
  });
  return north;
}

/** The example's agreement, between these, with the keys of two approvers. */
async function agreedBetween(parties: readonly SigningIdentity[], body: SigningIdentity) {
  const text = await readFile(join(root, 'examples/under-agreement/agreement.jsonc'), 'utf8');
  const draft = JSON.parse(stripComments(text)) as StandingAgreement;
  draft.name = 'pilot';
  const [model] = draft.oversight;
  if (model === undefined) throw new Error('another example');
  draft.oversight = [{ ...model, id: 'watch', publicKey: hexOf(body.publicKey) }];
  // A machine under load answers late, and a late hello makes a clock look wrong.
  draft.freshness.clockSeconds = 600;
  const analystKey = await analyst(({ publicKey }) => hexOf(publicKey));
  for (const identity of parties) {
    const place = draft.parties.find(({ id }) => id === identity.id);
    const approver = JSON.parse((await type('agreement', 'key', ...approverAt(identity.id))).out) as {
      publicKey: string;
    };
    if (identity.id === 'north')
      for (const one of place?.officers ?? []) if (one.role === 'analyst') one.publicKey = analystKey;
    Object.assign(place ?? {}, { publicKey: hexOf(identity.publicKey), fingerprint: identity.fingerprint });
    for (const one of place?.officers ?? []) if (one.role === 'approver') one.publicKey = approver.publicKey;
  }
  const signatures = [...parties, body].map(({ id, publicKey, sign }) =>
    signStanding(draft, id, hexOf(publicKey), sign),
  );
  return { agreement: draft, signatures } satisfies SignedAgreement;
}
/** With the key of north's analyst. */
async function analyst<T>(use: (identity: SigningIdentity) => T): Promise<T> {
  const { identity, store } = await unlockDirectory(at('analyst'), key('analyst'), systemRandom);
  store.close();
  return use(identity);
}
const approverOf = (party: string): string => (party === 'north' ? 'approver' : `approver-${party}`);
const approverAt = (party: string): string[] => [
  '--data',
  approverOf(party),
  '--key-file',
  `${approverOf(party)}.key`,
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ts-pilot-'));
  const [south, body] = await makeIdentities(['south', 'watch']);
  if (!south || !body) throw new Error('no identities');
  for (const name of ['north', 'analyst', 'approver', 'approver-south']) {
    await writeFile(at(`${name}.key`), systemRandom(32), { mode: 0o600 });
    await initDirectory(at(name), name, key(name), { scryptCost: { N: 1024, r: 1, p: 1 } });
  }
  const opened = await unlockDirectory(at('north'), key('north'), systemRandom);
  opened.store.close();
  await mkdir(at('south'));
  world = await startWorld({
    lists: { south: passports(1) },
    consent: 'ask',
    adjust: (_, options) => ({
      ...options,
      place: { kind: 'ephemeral', identity: south, controlDir: at('south') },
    }),
  });
  const signed = await agreedBetween([opened.identity, south], body);
  await writeFile(at('pilot.json'), encodeSigned(signed));
  watch = await startOversight({
    place: { kind: 'ephemeral', identity: body, controlDir: at('watch') },
    coordinatorUrl: world.coordinator.url,
  });
  const node = await start();
  const lists = [
    [node, 'two-nodes/north.csv'],
    [world.node('south'), 'three-party-counts/west.csv'],
  ] as const;
  for (const [one, file] of lists) {
    const path = join(root, 'examples', file);
    await one.call('list.import', { path, name: 'people', format: 'csv' });
  }
  await node.call('peer.add', { id: 'south', fingerprint: south.fingerprint });
  await world.node('south').call('peer.add', { id: 'north', fingerprint: opened.identity.fingerprint });
});

afterAll(async () => {
  await north?.close();
  await watch?.close();
  await world?.close();
  await rm(folder, { recursive: true, force: true });
});

// --- the README ------------------------------------------------------------------------------------------------

interface Step {
  /** Words of the command line; `SESSION=$(…)` is taken off. */
  readonly words: readonly string[];
  readonly keeps: boolean;
  /** What the README prints below it, between its ellipses. */
  readonly want: readonly string[];
}

const spaced = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
/** Ids and times are of the day on which it was written. */
const isLike = (want: string): RegExp =>
  new RegExp(
    spaced(want)
      .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll(/\b[0-9a-f]{12,64}\b/g, '[0-9a-f]+')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, String.raw`\S+Z`),
  );

async function readmeSteps(): Promise<Step[]> {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const [, section = ''] = /### The same under an agreement\n([\s\S]*?)\n## /.exec(readme) ?? [];
  const blocks = [...section.matchAll(/^```\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
  return blocks
    .flatMap((block) => block.replaceAll('\\\n', ' ').split(/^\$ /m).slice(1))
    .map((text) => {
      const [line = '', ...below] = text.split('\n');
      const [, kept] = /^SESSION=\$\((.*)\)$/.exec(line) ?? [];
      const bare = (kept ?? line).replace(/ +# .*$/, '');
      const words = [...bare.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
      const want = below.join('\n').split('…').map(spaced);
      return { words, keeps: kept !== undefined, want: want.filter((one) => one !== '') };
    });
}

test('the section of the README says what happens', async () => {
  const steps = await readmeSteps();
  expect(steps.length).toBeGreaterThan(8);
  let session = '';
  let request = '';
  for (const { words, keeps, want } of steps) {
    expect(words[0]).toBe('tallystick');
    const args = words
      .slice(1)
      .map((word) => word.replace('$SESSION', session).replace(/^f1575205$/, request.slice(0, 8)));
    const [, what = ''] = args;
    if (what === 'consent') {
      await type(...approval('south', request));
      await until(async () => {
        const known = await world.node('south').call('session.list', {});
        return known.some((one) => one.session === session && one.state === 'offered') ? true : undefined;
      }, 'south is asked');
    }
    if (what === 'requests')
      await until(async () => {
        const told = await watch.call('oversight.requests', {});
        return told.some(({ toldBy }) => toldBy.length === 2) ? true : undefined;
      }, 'the body hears of it from both');
    const done = await cli(args, { cwd: folder });
    const isRefused = want.some((one) => one.startsWith('tallystick: '));
    expect(done.code, `${args.join(' ')}: ${done.err}${done.out}`).toBe(isRefused ? 4 : 0);
    for (const one of want) expect(spaced(`${done.out} ${done.err}`)).toMatch(isLike(one));
    if (keeps) session = done.out.trim();
    [, request = request] = /^Request ([0-9a-f]{64})$/m.exec(done.out) ?? [];
    if (what === 'install') await everybodyInstalls();
  }
  expect(await readFile(at('matches.jsonl'), 'utf8')).not.toBe('');
});

const approval = (of: string, id: string): string[] => [
  ...'approve request.json --agreement pilot.json'.split(' '),
  '--of',
  of,
  '--id',
  id.slice(0, 8),
  '--out',
  `${of}.approval.json`,
  ...approverAt(of),
];

/** As the README says beside the command; and everybody's word about one list of members, without waiting for it. */
async function everybodyInstalls(): Promise<void> {
  await type('agreement', 'install', 'pilot.json', '--data', 'south');
  await type('oversight', 'install', 'pilot.json', '--data', 'watch');
  await until(async () => {
    await watch.call('membership.affirm', { agreement: 'pilot' });
    const said = [];
    for (const node of [north as RunningNode, world.node('south')])
      said.push(await node.call('membership.affirm', { agreement: 'pilot' }));
    agreement = said[0]?.agreement ?? '';
    return said.every(({ standing }) => standing === 'open') ? true : undefined;
  }, 'everybody has said that nothing is suspended');
  for (const node of [north as RunningNode, world.node('south')])
    await node.call('audit.witness', { peers: [] });
}

// --- a log that is broken on disk ------------------------------------------------------------------------------

type Witness = Extract<AuditEntry, { type: 'witness' }>;
const faultsIn = ({ entries }: { readonly entries: readonly AuditEntry[] }): Witness[] =>
  entries.flatMap((entry) => (entry.type === 'witness' ? [entry] : []));
const faultsAt = {
  south: async () => faultsIn(await world.node('south').call('audit.show', { limit: 1000 })),
  watch: async () => faultsIn(await watch.call('audit.show', { limit: 1000 })),
};

/** Until these have written down that `by` says so of north's log. */
async function written(code: RegExp, by: string, who: readonly ('south' | 'watch')[], size?: number) {
  for (const station of who) {
    await until(async () => {
      const fits = (one: Witness): boolean =>
        one.of === 'north' &&
        one.by === by &&
        code.test(one.code ?? '') &&
        (size === undefined || one.size === size);
      return (await faultsAt[station]()).some(fits) ? true : undefined;
    }, `${station} writes down what ${by} says`);
  }
}

async function withStore<T>(use: (store: Store) => T): Promise<T> {
  const { store } = await unlockDirectory(at('north'), key('north'), systemRandom);
  try {
    return use(store);
  } finally {
    store.close();
  }
}

const state = async (node: RunningNode): Promise<unknown> => [
  await node.call('session.list', {}),
  await node.call('ledger.show', {}),
  await node.call('membership.status', {}),
  (await node.call('peer.list', {})).map(({ id }) => id),
];

test('a log with a flipped bit: the entry is named, nothing runs, everybody is told, people put it right', async () => {
  const node = north as RunningNode;
  const wanted = {
    agreement,
    requester: 'analyst-1',
    purpose: 'main',
    uses: ['investigative-lead' as const],
    tier: 'routine' as const,
    caseReference: 'case 8',
    output: 'matches',
    with: ['south'],
    recipes: ['document' as const],
  };
  const { draft } = await node.call('session.request', wanted);
  const request = await analyst(({ sign }) => signRequest(draft, sign));
  await until(async () => {
    const { size, witnesses } = await node.call('audit.witness', { peers: [] });
    return witnesses.filter((one) => one.size === size).length === 2 ? true : undefined;
  }, 'both have cosigned');
  await node.close();
  const entry = 1;
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
  for (const act of [
    () => broken.call('session.proposeRequest', { request, approvals: [], list: 'people' }),
    () => broken.call('peer.remove', { id: 'south' }),
    () => broken.call('membership.suspend', { agreement, reason: 'incident' }),
  ])
    await expect(act()).rejects.toMatchObject({ code: 'log.broken' });
  expect(await state(broken)).toEqual(before);
  await written(/^log\.broken$/, 'north', ['south', 'watch'], entry);
  await broken.close();
  expect(await withStore((store) => store.list('sessions'))).toEqual(kept);

  const recover = ['audit', 'recover', '--data', 'north', '--key-file', 'north.key', '--json'];
  expect(JSON.parse((await type(...recover)).out)).toMatchObject({ kept: entry });
  expect((await cli(recover, { cwd: folder })).err).toContain('log.whole');

  // It goes on, and says why; whoever cosigned more of it refuses it, and says so to the body that watches it.
  const shorter = await start();
  const own = await shorter.call('audit.show', { limit: 1000 });
  expect(faultsIn(own)[0]).toMatchObject({ index: entry, of: 'north', by: 'north', code: 'log.broken' });
  const other = /^log\.(rollback|fork)$/;
  await written(other, 'north', ['south', 'watch']);
  await written(other, 'south', ['watch']);
  await until(async () => {
    const { broken: why } = await shorter.call('audit.show', { limit: 1 });
    return why === null ? undefined : true;
  }, 'north has learned it');
  const { watched } = await world.node('south').call('audit.show', { limit: 1 });
  expect(watched).toContainEqual(
    expect.objectContaining({ station: 'north', broken: expect.stringMatching(other) }),
  );
  await shorter.close();

  const accepted = await type('audit', 'accept', 'north', '--data', 'south', '--json');
  expect(JSON.parse(accepted.out)).toEqual({ accepted: 'north' });
  await type('audit', 'accept', 'north', '--data', 'watch');
  const again = await start();
  await until(async () => {
    const { broken: why, size, witnesses } = await again.call('audit.witness', { peers: [] });
    expect(why).toBeNull();
    return witnesses.filter((one) => one.size === size).length === 2 ? true : undefined;
  }, 'both cosign again');
  const out = await type('audit', 'export', '--out', 'north.audit', '--data', 'north', '--json');
  expect(JSON.parse(out.out)).toMatchObject({ out: at('north.audit') });
});
