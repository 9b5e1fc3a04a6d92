/**
 * The disk is full when a session is to be charged: nobody freezes, nothing of a list leaves, every ledger stays as it was,
 * and the next session runs once there is room. Stores are in memory and refuse every write while they are full.
 */
import type { Store } from '@tallystick/host/store';
import type { ControlResults, ProposeParams } from '@tallystick/node/control';
import { TallyError } from '@tallystick/protocol/errors';
import { isJsonFrame } from '@tallystick/protocol/wire';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { countsOf, endAt, matchesOf, nothingLeft, passports, startWorld, type World } from './world.ts';

const disks = vi.hoisted(() => ({
  /** Whose store is opened next. */
  owner: '',
  /** By owner: writes to its ledger that there is still room for. After them nothing is written any more. */
  room: new Map<string, number>(),
}));

vi.mock('@tallystick/host/store', async (original) => {
  const real = await original<typeof import('@tallystick/host/store')>();
  const failing = (store: Store, owner: string): Store => {
    const write =
      <A extends unknown[], R>(method: (...args: A) => R) =>
      (...args: A): R => {
        const left = disks.room.get(owner);
        const isLedger = args[0] === 'ledgers';
        if (left !== undefined && (left < 0 || (left === 0 && isLedger))) {
          disks.room.set(owner, -1);
          throw new TallyError('store.write', 'store: the disk takes no writes');
        }
        if (left !== undefined && isLedger) disks.room.set(owner, left - 1);
        return method(...args);
      };
    const { put, insert, delete: remove, appendChunk, deleteChunks } = store;
    return {
      ...store,
      put: write(put),
      insert: write(insert),
      delete: write(remove),
      appendChunk: write(appendChunk),
      deleteChunks: write(deleteChunks),
    };
  };
  return { ...real, memoryStore: () => failing(real.memoryStore(), disks.owner) };
});

const shared = passports(6);
const lists = {
  alpha: [...shared, ...passports(8)],
  beta: [...shared, ...passports(9)],
  gamma: [...shared, ...passports(10)],
};
const ids = Object.keys(lists);
let world: World;
/** Every frame that a party sends, by what it is. */
let sent: { from: string; what: string }[] = [];

function whatIs(frame: Uint8Array): string {
  return isJsonFrame(frame)
    ? (JSON.parse(new TextDecoder().decode(frame)) as { type: string }).type
    : 'chunk';
}

beforeAll(async () => {
  world = await startWorld({
    lists,
    adjust: (id, options) => {
      disks.owner = id;
      return options;
    },
    onSend: (from, _, frame) => void sent.push({ from, what: whatIs(frame) }),
  });
});
afterAll(() => world.close());
beforeEach(() => {
  sent = [];
});

type Report = ControlResults['ledger.show'];
const spent = (report: Report | undefined) =>
  report?.map(({ parties, head, state, lists: all }) => ({
    parties,
    head,
    state,
    spent: all.map((one) => one.spent),
  }));
const ledgers = async (): Promise<ReadonlyMap<string, ReturnType<typeof spent>>> =>
  new Map(
    await Promise.all(
      ids.map(async (id) => [id, spent(await world.node(id).call('ledger.show', {}))] as const),
    ),
  );

async function run(params: ProposeParams, full: readonly string[]) {
  // What its consent may cost is still held; the next write is the charge.
  for (const id of full) disks.room.set(id, 1);
  const { session } = await world.node('alpha').call('session.propose', params);
  const details = await Promise.all(['alpha', ...params.with].map((id) => endAt(world.node(id), session)));
  await nothingLeft(world);
  disks.room.clear();
  return { session, details };
}
const frozenBy = (): string[] => [
  ...new Set(sent.flatMap(({ from, what }) => (what === 'freeze' ? [from] : []))),
];
const ofLists = (): unknown[] =>
  sent.filter(({ what }) => ['chunk', 'seal', 'prove', 'proof', 'barrier', 'sentinels'].includes(what));

test('at both parties: no freeze, no element, the ledgers as they were; with room the next session runs', async () => {
  const [first] = (await run(matchesOf('beta', ['alpha']), [])).details;
  expect(first).toMatchObject({ state: 'done' });
  expect(ofLists()).not.toEqual([]);
  sent = [];
  const before = await ledgers();
  // What was held for the session that failed is free again: the cap has room for one more, and no two.
  const params = matchesOf('beta', ['beta'], { caps: { sessions: 2 } });
  const { session, details } = await run(params, ['alpha', 'beta']);
  expect(details.map(({ state, error }) => [state, error?.code])).toEqual([
    ['aborted', 'store.write'],
    ['aborted', 'store.write'],
  ]);
  expect(frozenBy()).toEqual([]);
  expect(ofLists()).toEqual([]);
  expect(await ledgers()).toEqual(before);
  for (const id of ['alpha', 'beta']) expect(world.inside(id).forgotten).toContain(session);
  const [next] = (await run(params, [])).details;
  expect(next).toMatchObject({ state: 'done', storedResultOf: null });
  const [report] = (await world.node('alpha').call('ledger.show', {})) as Report;
  expect(report?.lists.map((list) => list.spent.sessions)).toEqual([2, 2]);
  // And the cap is passed by the one after.
  await expect(
    run(matchesOf('beta', ['alpha', 'beta'], { caps: { sessions: 2 } }), []),
  ).rejects.toMatchObject({
    code: 'privacy.budget',
  });
});

test('at one of three: it does not freeze, and nobody sends anything of a list; later all ledgers are equal', async () => {
  const charged = async (): Promise<number> =>
    (await world.node('beta').call('ledger.show', {})).reduce(
      (sum, { lists: all }) => sum + (all[0]?.spent.sessions ?? 0),
      0,
    );
  const before = await charged();
  const { details } = await run(countsOf(['beta', 'gamma']), ['beta']);
  expect(details.map(({ state, error }) => [state, error?.code])).toEqual(
    ids.map(() => ['aborted', 'store.write']),
  );
  expect(frozenBy()).not.toContain('beta');
  expect(ofLists()).toEqual([]);
  expect(await charged()).toBe(before);
  // Who had charged it keeps that; beta takes it up from their consents, for it consented.
  const [next] = (await run(countsOf(['beta', 'gamma'], { verified: false }), [])).details;
  expect(next).toMatchObject({ state: 'done' });
  const all = await Promise.all(ids.map((id) => world.node(id).call('ledger.show', {})));
  const among = all.map((report) => report.find(({ parties }) => parties.length === 3)?.head);
  expect(new Set(among).size).toBe(1);
});
