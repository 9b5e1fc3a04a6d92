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

/** So many lists with so many labels each (0: none), and so about a thousand cells. */
const shapes = [
  [2, 31],
  [3, 9],
  [4, 5],
  [5, 3],
  [10, 0],
] as const;

const drawnFor = (under: number) =>
  fc.constantFrom(...shapes).chain(([parties, groups]) => {
    const size = Math.max(1, groups) * under;
    const people = Array.from({ length: size + 20 }, (_, i) => `Q${2_000_001 + i}`);
    const tierOf = (i: number): string[] => (groups === 0 ? [] : [`tier ${Math.floor(i / under)}`]);
    const cutList = fc
      .shuffledSubarray(people, { minLength: size, maxLength: size })
      .map((some) =>
        some.map((document, i): Entry => ({ names: ['Li Wei'], documents: [document], tiers: tierOf(i) })),
      );
    const tiers = Array.from({ length: groups }, (_, i) => `tier ${i}`);
    const labels = Array.from({ length: parties }, (_, i) => ({
      party: `p${i}`,
      field: 'tier',
      labels: tiers,
      minSize: 0,
    }));
    return fc.record({
      lists: fc.array(cutList, { minLength: parties, maxLength: parties }),
      labels: fc.constant(groups === 0 ? null : labels),
      ...base,
      verified: parties < 5 ? fc.boolean() : fc.constant(false),
      seed: fc.nat(),
    });
  });

describe('counts with noise', () => {
  it(
    'have the stated distribution in every cell, cut at the sizes, and every sum follows from the cells',
    async () => {
      const epsilon = 3;
      // eight people under each label (on each list without labels): room for noise in about a thousand cells
      const under = 8;
      const privacy = { ...exactPolicy, microEpsilon: epsilon * 1_000_000, identifiersPerRecord: 1 };
      const noised: NoisedCell[] = [];
      await fc.assert(
        fc.asyncProperty(drawnFor(under), async ({ lists, labels, seed, ...terms }) => {
          const rest = { labels, privacy, recipes: ['document'] as OracleRecipe[] };
          const played = await world.play(lists, { ...terms, ...rest, output: { kind: 'counts' } }, seed);
          const want = plain(played, labels);
          const { numbers, cells } = toldBy(played);
          const exactly = numbers.exactly ?? [];
          const ids = played.known.map(({ id }) => id);
          const nameOf = (mask: number): string => ids.filter((_, i) => (mask >> i) & 1).join(' + ');
          const released = labels === null ? exactly.map((cell, i) => [nameOf(i + 1), cell] as const) : cells;
          const all = released.map(([name, told]) => ({
            told: told as number,
            count: want.cells.get(name) ?? 0,
            most: under,
            mask: name.split(' + ').reduce((mask, part) => mask | (1 << Number(part[1])), 0),
          }));
          noised.push(...all);
          const sum = (of: (mask: number) => boolean): number =>
            all.reduce((total, { mask, told }) => total + (of(mask) ? told : 0), 0);
          const listsIn = (mask: number): number => mask.toString(2).replaceAll('0', '').length;
          exactly.forEach((number, i) => expect(number).toBe(sum((mask) => mask === i + 1)));
          numbers.atLeast?.forEach((number, i) => {
            // of one list it is the announced size
            const size = lists[0]?.length;
            const isOne = listsIn(i + 1) === 1;
            expect(number).toBe(isOne ? size : sum((mask) => (mask & (i + 1)) === i + 1));
          });
          numbers.inAtLeast?.forEach((number, t) => expect(number).toBe(sum((mask) => listsIn(mask) > t)));
        }),
        { numRuns: 1, endOnFailure: true },
      );
      expect(noised.length).toBeGreaterThan(900);
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
