/**
 * Membership by a label's cell of one: who is the person under a label that hardly anybody has?
 *
 * Everybody knows who is on the victim's list. Under each of many labels there is one person, one of two by a coin;
 * the other has a label that many have. The attacker brings the first of every two.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { countsOf, passports } from '../session/world.ts';
import { type Arena, openArena } from './arena.ts';
import { coin } from './chance.ts';
import { type Answers, answersOf } from './rates.ts';
import { settle } from './report.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

const rare = Array.from({ length: 60 }, (_, i) => `source ${i + 1}`);
const common = ['routine', 'elevated'];

let arena: Arena;
beforeAll(async () => {
  arena = await openArena(['victim', 'attacker']);
});
afterAll(() => arena.close());

/** What the attacker answers, for every two, to "has the first the rare label?" */
async function look(minSize: number): Promise<Answers> {
  const all = passports(2 * rare.length + 80);
  const isFirst = rare.map(() => coin());
  const pairs = all.slice(0, 2 * rare.length);
  const labelled = (i: number): string => {
    const [pair, isSecond] = [i % rare.length, i >= rare.length];
    return isSecond === isFirst[pair] ? (common[0] as string) : (rare[pair] as string);
  };
  const others = all.slice(2 * rare.length).map((_, i) => common[i % common.length] as string);
  await arena.relist('victim', all, [...pairs.map((_, i) => labelled(i)), ...others]);
  const list = await arena.addList('attacker', [...pairs.slice(0, rare.length), ...passports(20)]);
  const labels = [{ party: 'victim', field: 'tier', labels: [...rare, ...common], minSize }];
  const detail = await arena.run(
    'attacker',
    countsOf(['victim'], { list, labels, verified: false, sentinels: 0 }),
  );
  expect(detail.state).toBe('done');
  const both = (detail.labels?.cells ?? []).filter((one) => one.in.length === 2);
  const under = (label: string) => both.find((one) => one.labels['victim'] === label)?.exactly ?? null;
  // merged into one group, no rare label has a cell; together they still say how many of the first ones have one of them:
  // the likelier for all
  if (minSize > 1) for (const label of rare) expect(under(label)).toBeNull();
  const together = under('other') ?? rare.length / 2;
  const likely = 2 * together === rare.length ? coin() : 2 * together > rare.length;
  return answersOf(
    isFirst,
    rare.map((label) => (under(label) === null ? likely : under(label) === 1)),
  );
}

test('membership by a label cell of one', async () => {
  const off = await look(0);
  const on = await look(10);
  settle({
    attack: 'membership by a label cell of one',
    guard: 'small labels are merged',
    off,
    on,
    most: null,
  });
});
