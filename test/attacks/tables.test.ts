/**
 * Inclusion and exclusion: a number that is withheld follows from those that are not and from the announced sizes,
 * unless more is withheld with it.
 *
 * Three lists; ten to a combination is the minimum, and on all three lists are 0 to 9. Tables are dealt so that
 * whatever that number is, everything that may be published is the same: then a reader who learns it learnt it from
 * the release.
 */
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { CountRow, SessionDetail } from '@tallystick/node/control';
import { countsOf, passports } from '../session/world.ts';
import { type Arena, openArena } from './arena.ts';
import { mostByChance } from './chance.ts';
import { choicesOf } from './rates.ts';
import { settle } from './report.ts';

// hundreds of sessions, on a machine that may have other things to do
vi.setConfig({ testTimeout: 600_000, hookTimeout: 300_000 });

const ids = ['alpha', 'beta', 'gamma'];
const minCount = 10;
const target = 7;

let arena: Arena;
beforeAll(async () => {
  arena = await openArena(ids);
});
afterAll(() => arena.close());

/** Deals a table: on all three lists are `hidden`. */
async function deal(hidden: number): Promise<void> {
  const few = (least: number): number => least + randomInt(10);
  // by mask: alpha, beta, alpha beta, gamma, alpha gamma, beta gamma, all
  const sizes = [few(40), few(40), few(20) - hidden, few(20) - hidden, few(40), few(40), hidden];
  const lists: string[][] = ids.map(() => []);
  for (const [i, size] of sizes.entries()) {
    const numbers = passports(size);
    ids.forEach((_, bit) => (i + 1) & (1 << bit) && lists[bit]?.push(...numbers));
  }
  await Promise.all(ids.map((id, bit) => arena.relist(id, lists[bit] ?? [])));
}

const masks = [1, 2, 3, 4, 5, 6, 7];

type Cells = readonly (number | null)[];

/** Whether some table holds these numbers and adds up to the sizes, as far as one list at a time can tell. */
function fits(cells: Cells, sizes: readonly number[]): boolean {
  const lists = sizes.map((size, bit) => {
    const inside = masks.filter((mask) => mask & (1 << bit));
    const rest = size - inside.reduce((sum, mask) => sum + (cells[mask - 1] ?? 0), 0);
    return { rest, open: inside.filter((mask) => cells[mask - 1] === null) };
  });
  if (lists.some(({ rest, open }) => rest < 0 || (open.length === 0 && rest > 0))) return false;
  const next = lists.find(({ open }) => open.length === 1);
  if (next === undefined) return true;
  return fits(
    cells.map((cell, i) => (i === (next.open[0] as number) - 1 ? next.rest : cell)),
    sizes,
  );
}

/** A guess at the number on all three lists: one of those that fit everything published. */
function guess(rows: readonly CountRow[], { parties }: SessionDetail): number {
  const sizes = parties.map(({ identifiers }) => identifiers ?? 0);
  const said = rows.map(({ exactly }) => exactly);
  const values = Array.from({ length: minCount }, (_, value) => value);
  const possible = values.filter((value) =>
    fits(
      said.map((cell, i) => (i === target - 1 ? value : cell)),
      sizes,
    ),
  );
  expect(possible.length).toBeGreaterThan(0);
  return possible[randomInt(possible.length)] as number;
}

test('inclusion and exclusion of a withheld number', async () => {
  const terms = { sentinels: 0, verified: false };
  const [without, trials] = [6, 24];
  const truths: number[] = [];
  const off: number[] = [];
  const on: number[] = [];
  for (let trial = 0; trial < trials; trial++) {
    const hidden = randomInt(minCount);
    truths.push(hidden);
    await deal(hidden);
    if (trial < without) {
      const exact = await arena.run('alpha', countsOf(['beta', 'gamma'], terms));
      // what a report would be that leaves the small number out and nothing else
      const bare = (exact.counts ?? []).map((row, i) => (i === target - 1 ? { ...row, exactly: null } : row));
      off.push(guess(bare, exact));
    }
    const withheld = await arena.run(
      'alpha',
      countsOf(['beta', 'gamma'], { ...terms, privacy: { minCount } }),
    );
    const rows = withheld.counts ?? [];
    expect(rows[target - 1]?.reason?.exactly).toBe('below-minimum');
    on.push(guess(rows, withheld));
  }
  settle({
    attack: 'inclusion and exclusion of a withheld number',
    guard: 'complementary suppression',
    off: choicesOf(truths.slice(0, without), off, minCount),
    on: choicesOf(truths, on, minCount),
    most: mostByChance(trials, { over: 1n, under: BigInt(minCount) }),
  });
});
