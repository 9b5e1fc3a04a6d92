/**
 * The privacy ledger between real nodes: charged alike everywhere, repeats answered from the store, caps refused by
 * name at both sides, a node from a backup refused until its operator accepts.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecretSource } from '@tallystick/host/seal';
import { defaultLocalCaps } from '@tallystick/host/ledger';
import type { ControlResults, ProposeParams, SessionDetail } from '@tallystick/node/control';
import { initDirectory } from '@tallystick/host/directory';
import { type RunningNode, startNode } from '@tallystick/node/daemon';
import { openVault } from '@tallystick/node/vault';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  clearSteps,
  countsOf,
  endAt,
  matchesOf,
  nothingLeft,
  passports,
  startWorld,
  until,
  type World,
} from './world.ts';

const shared = passports(12);
const lists = {
  alpha: [...shared, ...passports(20)],
  beta: [...shared, ...passports(25)],
  gamma: [...shared, ...passports(30)],
};
let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tallystick-test-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

type Report = ControlResults['ledger.show'][number];

/** The ledger of exactly these parties, as a node shows it. */
async function ledgerOf(node: RunningNode, parties: readonly string[]): Promise<Report | undefined> {
  const all = await node.call('ledger.show', {});
  return all.find((one) => one.parties.join() === parties.join());
}

/** Every party's ledger once all heads are equal; a node marks its own end a moment after the others'. */
async function equalLedgers(world: World, parties: readonly string[]): Promise<Report> {
  const ledgers = await Promise.all(parties.map((id) => ledgerOf(world.node(id), parties)));
  const [first] = ledgers;
  if (first === undefined) throw new Error('no ledger');
  expect(ledgers.map((one) => one?.head)).toEqual(parties.map(() => first.head));
  return first;
}

const spentOn = (report: Report, owner: string) => report.lists.find((list) => list.owner === owner)?.spent;

/** Between some of the nodes, each of which consents by itself. */
async function run(world: World, params: ProposeParams): Promise<SessionDetail[]> {
  const { session } = await world.node('alpha').call('session.propose', params);
  const details = await Promise.all(['alpha', ...params.with].map((id) => endAt(world.node(id), session)));
  await nothingLeft(world);
  return details;
}

async function importNumbers(node: RunningNode, numbers: readonly string[]): Promise<void> {
  const path = join(root, `${node.identity.id}-${numbers.length}.csv`);
  const rows = numbers.map((number, i) => `r${i},nobody number ${i},${number}`);
  await writeFile(path, ['id,name,number', ...rows, ''].join('\n'));
  const documents = [{ kind: 'passport', number: 'number' }];
  const columns = { id: 'id', name: 'name', documents };
  await node.call('list.import', { path, name: 'watch', format: 'csv', columns, replace: true });
}

describe('among three', () => {
  const parties = ['alpha', 'beta', 'gamma'];
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ lists, limits: { releaseTickMs: 50 } });
  });
  afterAll(() => world.close());
  afterEach(() => parties.forEach((id) => clearSteps(world.inside(id))));

  test('a session is charged alike; the same question gets the same noise, and no stream', async () => {
    const privacy = { epsilon: '0.5', identifiersPerRecord: 1 };
    const first = await run(world, countsOf(['beta', 'gamma'], { privacy }));
    const before = await equalLedgers(world, parties);
    for (const id of parties) {
      expect(spentOn(before, id)).toMatchObject({ sessions: 1, microEpsilon: 500_000, records: 0 });
    }
    let blinded = 0;
    for (const id of parties) {
      world.inside(id).steps.blindList = (next) => {
        blinded += 1;
        return next();
      };
    }
    const again = await run(world, countsOf(['beta', 'gamma'], { privacy, purpose: 'asked in other words' }));
    for (const [i, detail] of again.entries()) {
      const { session, counts, release, verification, transcript } = first[i] as SessionDetail;
      expect(detail).toMatchObject({ state: 'done', storedResultOf: session, error: null });
      expect(detail).toMatchObject({ counts, release, verification, transcript });
    }
    expect(blinded).toBe(0);
    expect((await equalLedgers(world, parties)).head).toBe(before.head);
  });

  test('a new version of one list is charged in full to all; the same contents are no new version', async () => {
    const [plain] = await run(world, countsOf(['beta', 'gamma']));
    expect(plain).toMatchObject({ state: 'done', storedResultOf: null });
    await importNumbers(world.node('beta'), lists.beta);
    const [same] = await run(world, countsOf(['beta', 'gamma']));
    expect(same?.storedResultOf).toBe(plain?.session);
    const before = await equalLedgers(world, parties);
    await importNumbers(world.node('beta'), lists.beta.slice(1));
    const [renewed] = await run(world, countsOf(['beta', 'gamma']));
    expect(renewed).toMatchObject({ state: 'done', storedResultOf: null });
    const after = await equalLedgers(world, parties);
    for (const id of parties) {
      const [was, is] = [spentOn(before, id), spentOn(after, id)];
      expect(is?.sessions).toBe((was?.sessions ?? 0) + 1);
      expect(is?.versions).toBe((was?.versions ?? 0) + (id === 'beta' ? 1 : 0));
      // A list that is proved is charged one identifier more: the question that its owner asks.
      const identifiers = id === 'beta' ? lists.beta.length - 1 : lists[id as 'alpha'].length;
      expect(is?.records).toBe((was?.records ?? 0) + identifiers + 1);
    }
  });

  test('a session that fails after the freeze stays charged; a repeat of it runs', async () => {
    const params = countsOf(['beta', 'gamma'], { verified: false });
    world.inside('gamma').steps.blindList = async () => {
      throw new Error('gamma breaks down');
    };
    const before = spentOn(await equalLedgers(world, parties), 'alpha');
    const [failed] = await run(world, params);
    expect(failed).toMatchObject({ state: 'aborted', counts: null });
    clearSteps(world.inside('gamma'));
    const [done] = await run(world, params);
    expect(done).toMatchObject({ state: 'done', storedResultOf: null });
    const after = spentOn(await equalLedgers(world, parties), 'alpha');
    expect(after?.sessions).toBe((before?.sessions ?? 0) + 2);
  });
});

describe('between two', () => {
  const parties = ['alpha', 'beta'];
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      lists: { alpha: lists.alpha, beta: lists.beta, delta: lists.gamma },
      adjust: (id, options) =>
        id === 'delta' ? { ...options, localCaps: { ...defaultLocalCaps, sessions: 1 } } : options,
    });
  });
  afterAll(() => world.close());

  test('matches: the stored ones are given out again', async () => {
    const [first] = await run(world, matchesOf('beta', ['alpha']));
    const [again] = await run(world, matchesOf('beta', ['alpha']));
    expect(again?.storedResultOf).toBe(first?.session);
    expect(again?.matches).toEqual(first?.matches);
    expect(again?.matches?.identifiers).toBe(shared.length);
    const out = join(root, 'again.jsonl');
    const { records } = await world
      .node('alpha')
      .call('session.export', { session: again?.session ?? '', out });
    expect(records).toBe(shared.length);
    expect((await readFile(out, 'utf8')).trim().split('\n')).toHaveLength(shared.length);
  });

  test('at a cap a session runs; above it both sides refuse it by name, and nothing is charged', async () => {
    const spent = spentOn(await equalLedgers(world, parties), 'alpha')?.sessions ?? 0;
    const caps = { sessions: spent + 1 };
    const [done] = await run(world, matchesOf('beta', ['beta'], { caps }));
    expect(done).toMatchObject({ state: 'done', caps: { periodDays: 7, sessions: spent + 1 } });
    const before = await equalLedgers(world, parties);
    expect(before.lists[0]?.left.sessions).toBe(0);
    const over = expect.objectContaining({
      code: 'privacy.budget',
      message: expect.stringContaining('cap.sessions'),
    });
    for (const [asker, asked] of [parties, parties.toReversed()] as [string, string][]) {
      const params = matchesOf(asked, ['alpha', 'beta'], { caps });
      await expect(world.node(asker).call('session.propose', params)).rejects.toEqual(over);
    }
    // What takes part is known only when the list is open.
    const records = (spentOn(before, 'alpha')?.records ?? 0) + lists.alpha.length - 1;
    const [denied] = await run(world, matchesOf('beta', ['alpha', 'beta'], { caps: { records } }));
    expect(denied).toMatchObject({ state: 'aborted', error: { code: 'privacy.budget' } });
    expect((await equalLedgers(world, parties)).head).toBe(before.head);
  });

  test('own caps of the side that is asked refuse as well', async () => {
    const [done] = await run(world, matchesOf('delta', ['alpha']));
    expect(done).toMatchObject({ state: 'done' });
    const [refused] = await run(world, matchesOf('delta', ['delta']));
    expect(refused).toMatchObject({ state: 'aborted', error: { code: 'consent.refused', by: 'delta' } });
    expect(refused?.error?.message).toContain('cap.sessions');
    expect(spentOn(await equalLedgers(world, ['alpha', 'delta']), 'delta')).toMatchObject({ sessions: 1 });
  });
});

test('a node from a backup starts nothing until its operator accepts the partner’s ledger', async () => {
  const key: SecretSource = { kind: 'passphrase', passphrase: 'correct horse' };
  const [dataDir, backup] = [join(root, 'south'), join(root, 'backup')];
  const identity = await initDirectory(dataDir, 'south', key, { scryptCost: { N: 1024, r: 1, p: 1 } });
  const world = await startWorld({ lists: { alpha: lists.alpha } });
  const alpha = world.node('alpha');
  let south: RunningNode | undefined;
  const open = async (): Promise<RunningNode> => {
    south = await startNode({
      place: { kind: 'directory', dataDir, key },
      coordinatorUrl: world.coordinator.url,
      openVault: () => openVault({ inline: true }),
      consent: 'auto',
    });
    return south;
  };
  const session = async (params: ProposeParams): Promise<SessionDetail[]> => {
    const { session: id } = await alpha.call('session.propose', params);
    return Promise.all([alpha, south as RunningNode].map((node) => endAt(node, id)));
  };
  try {
    await open();
    const { fingerprint } = alpha.identity;
    await alpha.call('peer.add', { id: 'south', fingerprint: identity.fingerprint });
    await south?.call('peer.add', { id: 'alpha', fingerprint });
    await importNumbers(south as RunningNode, lists.beta);
    await south?.close();
    await cp(dataDir, backup, { recursive: true });
    await open();
    expect((await session(matchesOf('south', ['alpha']))).map(({ state }) => state)).toEqual([
      'done',
      'done',
    ]);
    await south?.close();
    await rm(dataDir, { recursive: true });
    await cp(backup, dataDir, { recursive: true });
    await open();

    const refused = await session(matchesOf('south', ['south']));
    expect(refused.map(({ state, error }) => [state, error?.code])).toEqual(
      refused.map(() => ['aborted', 'privacy.ledger']),
    );
    const shown = (await south?.call('ledger.show', {})) as readonly Report[];
    expect(shown).toMatchObject([{ state: 'suspended', dispute: { station: 'alpha', reason: 'unknown' } }]);
    const params = matchesOf('alpha', ['south']);
    await expect((south as RunningNode).call('session.propose', params)).rejects.toMatchObject({
      code: 'privacy.ledger',
    });
    const asked = await session(matchesOf('south', ['south']));
    expect(asked.map(({ error }) => error?.code)).toEqual(['consent.refused', 'consent.refused']);
    expect(asked[0]?.error?.message).toContain('ledger.suspended');

    const ledger = shown[0]?.ledger ?? '';
    expect(await south?.call('ledger.accept', { ledger })).toEqual({ added: 1 });
    const ended = await session(matchesOf('south', ['south']));
    expect(ended.map(({ state }) => state)).toEqual(['done', 'done']);
    await until(async () => {
      const [a, b] = await Promise.all(
        [alpha, south as RunningNode].map((node) => ledgerOf(node, ['alpha', 'south'])),
      );
      return a !== undefined && a.head === b?.head ? true : undefined;
    }, 'equal heads');
  } finally {
    await south?.close();
    await world.close();
  }
});
