/** Lists cut by labels, between real nodes: who is told what, and what a label that nobody declared ends. */
import { randomInt } from 'node:crypto';
import type { SessionDetail } from '@tallystick/node/control';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { labelledLists, type Sent } from './labelled.ts';
import { clearSteps, countsOf, endEverywhere, expectSameEnd, startWorld, type World } from './world.ts';

const ids = ['alpha', 'beta', 'gamma'];
const tiers = ['high', 'medium', 'low'];
const { lists, csv, columns, plainCells } = labelledLists(ids, tiers, 40 + randomInt(20));

let world: World;
const sent: Sent[] = [];
beforeAll(async () => {
  world = await startWorld({
    lists,
    csv,
    columns,
    onSend: (from, to, frame) => sent.push({ from, to, frame }),
  });
});
afterAll(() => world.close());
afterEach(() => {
  ids.forEach((id) => clearSteps(world.inside(id)));
  sent.length = 0;
});

const labels = ['alpha', 'gamma'].map((party) => ({ party, field: 'tier', labels: tiers }));
const propose = (change: Parameters<typeof countsOf>[1]) =>
  world.node('alpha').call('session.propose', countsOf(['beta', 'gamma'], { labels, ...change }));

/** `alpha high + beta` → the number, or why there is none; the same at every party. */
async function cellsOf(session: string): Promise<Map<string, number | string | undefined>> {
  const details = await endEverywhere(world, session);
  const [first] = details as [SessionDetail];
  for (const detail of details) {
    expect(detail).toMatchObject({ state: 'done', error: null });
    expect(detail.labels).toEqual(first.labels);
  }
  return new Map(
    (first.labels?.cells ?? []).map(({ in: lists_, labels: own, exactly, reason }) => [
      lists_.map((id) => [id, own[id] ?? ''].join(' ').trim()).join(' + '),
      exactly ?? reason,
    ]),
  );
}

test('every party is told every cell, and no hop a label', async () => {
  const { session } = await propose({});
  const cells = await cellsOf(session);
  expect(cells.size).toBe(4 * 2 * 4 - 1);
  const want = plainCells(['alpha', 'gamma']);
  for (const [name, count] of cells) expect(count, name).toBe(want.get(name) ?? 0);
  const kinds = new Map<string, Set<string>>();
  for (const { from, to, frame } of sent) {
    const kind = frame[0] === 0x7b ? 'json' : String(frame[1]);
    kinds.set(kind, (kinds.get(kind) ?? new Set()).add(`${from}>${to}`));
  }
  // 3: tags, 5: labels
  expect([...(kinds.get('3') ?? [])].toSorted()).toEqual(ids.map((id) => `${id}>coordinator`));
  expect([...(kinds.get('5') ?? [])].toSorted()).toEqual(['alpha>coordinator', 'gamma>coordinator']);
});

test('small labels are merged before, and small cells withheld', async () => {
  const { session } = await propose({ privacy: { minCount: 6 } });
  const cells = await cellsOf(session);
  const detail = await world.node('beta').call('session.show', { session });
  const merged = new Map<string, string>();
  for (const { id, minSize, labels: groups } of detail.labels?.lists ?? []) {
    expect(minSize).toBe(6);
    for (const { label, of } of groups ?? [])
      for (const one of of) merged.set(`${id} ${one}`, `${id} ${label}`);
    if ((groups?.length ?? 0) > 1)
      for (const group of groups ?? []) expect(group.identifiers).toBeGreaterThanOrEqual(6);
  }
  const want = plainCells(['alpha', 'gamma'], (part) => merged.get(part) ?? part);
  expect([...cells.values()].filter((count) => typeof count === 'string').length).toBeGreaterThan(0);
  for (const [name, count] of cells) {
    if (typeof count === 'number') expect(count, name).toBe(want.get(name) ?? 0);
    else expect(['below-minimum', 'complementary'], name).toContain(count);
  }
});

test('padded lists pad every label', async () => {
  const { session } = await propose({ padTo: 64 });
  const cells = await cellsOf(session);
  const want = plainCells(['alpha', 'gamma']);
  for (const [name, count] of cells)
    expect(count, name).toBe(name.includes('+') ? (want.get(name) ?? 0) : 'padded');
  const detail = await world.node('gamma').call('session.show', { session });
  const groups = detail.labels?.lists.flatMap((list) => list.labels ?? []) ?? [];
  expect(groups.map(({ identifiers }) => identifiers % 64)).toEqual(groups.map(() => 0));
});

test('a record under a label that the agreement does not declare: its owner ends the session', async () => {
  const { session } = await propose({ labels: [{ party: 'gamma', field: 'tier', labels: ['high', 'low'] }] });
  await expectSameEnd(world, session, ids, 'list.label');
  expect(sent.every(({ frame }) => frame[0] === 0x7b)).toBe(true);
});

test('a tag under a label that nobody declared: the collector ends the session, and nothing is released', async () => {
  world.inside('gamma').steps.readLabels = async (next) => {
    const bytes = (await next()) as Uint8Array;
    return bytes.map((byte) => (byte === 0 ? tiers.length : byte));
  };
  // Other terms than above: an answer that stands is not asked for again.
  const turned = labels.map((one) => ({ ...one, labels: tiers.toReversed() }));
  const { session } = await propose({ labels: turned });
  await expectSameEnd(world, session, ids, 'chain.label');
});

test('matches carry no labels', async () => {
  const output = { kind: 'matches' as const, to: ['alpha'] };
  await expect(propose({ output })).rejects.toMatchObject({ code: 'agreement.invalid' });
});
