/** Noised counts of a whole session against the oracle and the stated distribution. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { releasedAt } from '../../packages/protocol/src/privacy/privacy.testkit.ts';
import { isBelow, oneIn, tailAbove, tailUpTo } from '../attacks/chance.ts';
import type { OracleRecipe } from './index.ts';
import {
  base,
  type Entry,
  exactPolicy,
  openOracleWorld,
  type OracleWorld,
  patientMs,
  plain,
  toldBy,
} from './sessions.testkit.ts';

let world: OracleWorld;
beforeAll(async () => {
  world = await openOracleWorld();
});
afterAll(() => world.close());

/** How many of all cells were released as 0, 1, …, and as `last` or more. */
const last = 4;
const bins = Array.from({ length: last + 1 }, (_, v) => v);

interface NoisedCell {
  readonly told: number;
  readonly count: number;
  readonly most: number;
}

/**
 * Whether so many cells may have been released as each value, with noise of this scale, cut to 0 … `most`. Cells are
 * independent, not alike: of how many are released as v, the tails beyond the mean are at most those of a binomial with the
 * mean probability (W. Hoeffding, On the distribution of the number of successes in independent trials, 1956). All bins
 * together are wrong by chance less than once in a million.
 */
function mayBe(cells: readonly NoisedCell[], scale: number): boolean {
  const under = 10_000n;
  return bins.every((v) => {
    const isIn = (value: number): boolean => (v === last ? value >= v : value === v);
    const chances = cells.map(({ count, most }) => {
      const at = releasedAt(count, most, 0, scale);
      let chance = 0;
      for (let value = 0; value <= most; value++) if (isIn(value)) chance += at(value);
      return chance;
    });
    const mean = chances.reduce((sum, chance) => sum + chance, 0) / cells.length;
    const seen = cells.filter(({ told }) => isIn(told)).length;
    if (Math.abs(seen - mean * cells.length) < 1) return true;
    const isMore = seen > mean * cells.length;
    const over = BigInt(isMore ? Math.ceil(mean * Number(under)) : Math.floor(mean * Number(under)));
    const tail = isMore
      ? tailAbove(cells.length, { over, under }, seen - 1)
      : tailUpTo(cells.length, { over, under }, seen);
    return !isBelow(tail, oneIn * BigInt(2 * bins.length));
  });
}

describe('counts with noise', () => {
  it(
    'have the stated distribution in every cell, cut at the sizes, and every sum follows from the cells',
    async () => {
      const epsilon = 3;
      // three lists, nine labels each, eight people under each: room for noise in every cell
      const [names, under] = [Array.from({ length: 9 }, (_, i) => `tier ${i}`), 8];
      const people = Array.from({ length: 90 }, (_, i) => `Q${2_000_001 + i}`);
      const size = names.length * under;
      const cutList = fc.shuffledSubarray(people, { minLength: size, maxLength: size }).map((some) =>
        some.map(
          (document, i): Entry => ({
            names: ['Li Wei'],
            documents: [document],
            tiers: [names[Math.floor(i / under)] as string],
          }),
        ),
      );
      const drawn = fc.record({
        lists: fc.array(cutList, { minLength: 3, maxLength: 3 }),
        ...base,
        verified: fc.boolean(),
        seed: fc.nat(),
      });
      const labels = [0, 1, 2].map((i) => ({ party: `p${i}`, field: 'tier', labels: names, minSize: 0 }));
      const privacy = { ...exactPolicy, microEpsilon: epsilon * 1_000_000, identifiersPerRecord: 1 };
      const noised: NoisedCell[] = [];
      await fc.assert(
        fc.asyncProperty(drawn, async ({ lists, seed, ...terms }) => {
          const rest = { labels, privacy, recipes: ['document'] as OracleRecipe[] };
          const played = await world.play(lists, { ...terms, ...rest, output: { kind: 'counts' } }, seed);
          const want = plain(played, labels);
          const { numbers, cells } = toldBy(played);
          for (const [name, told] of cells)
            noised.push({ told: told as number, count: want.cells.get(name) ?? 0, most: under });
          const listsOfCell = (name: string): number[] => name.split(' + ').map((part) => Number(part[1]));
          const sum = (of: (on: readonly number[]) => boolean): number =>
            cells.reduce((total, [name, told]) => total + (of(listsOfCell(name)) ? Number(told) : 0), 0);
          const on = (mask: number): number[] => [0, 1, 2].filter((i) => (mask >> i) & 1);
          numbers.exactly?.forEach((number, i) =>
            expect(number).toBe(sum((all) => all.join() === on(i + 1).join())),
          );
          numbers.atLeast?.forEach((number, i) => {
            const wanted = on(i + 1);
            // of one list it is the announced size
            expect(number).toBe(
              wanted.length === 1 ? size : sum((all) => wanted.every((one) => all.includes(one))),
            );
          });
          numbers.inAtLeast?.forEach((number, t) => expect(number).toBe(sum((all) => all.length > t)));
        }),
        { numRuns: 1, endOnFailure: true },
      );
      expect(noised).toHaveLength(3 * 9 + 3 * 81 + 729);
      // docs/privacy.md: one replaced record moves a full histogram by 4
      const scale = 4 / epsilon;
      expect(mayBe(noised, scale)).toBe(true);
      // Of twice the scale four times as many cells would be 4 or more, of half of it a fifth more would be 0: either lies
      // eight standard deviations or more apart, so that neither can pass.
      for (const factor of [1 / 2, 2]) expect(mayBe(noised, scale * factor), `times ${factor}`).toBe(false);
    },
    patientMs,
  );
});
