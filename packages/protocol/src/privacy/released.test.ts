/**
 * What leaves the collector has the distribution that the agreement's epsilon, sensitivity and minimum say: many releases,
 * cell by cell, against exact probabilities, given that the cell is released.
 *
 * Nothing of the room says what is expected: sensitivities are the table's of docs/privacy.md, written out here.
 * False alarms: one in a million for each chi-squared (see `quantile`); seeds are fixed, so a run never flakes.
 */
import { describe, expect, it } from 'vitest';
import type { ListShape } from './cells.ts';
import { chiSquared, quantile, releasedAt } from './privacy.testkit.ts';
import { parsePrivacyPolicy, releaseCounts, type PrivacySettings } from './release.ts';
import { seededRandom } from './seed.ts';

interface Case {
  readonly name: string;
  readonly lists: readonly ListShape[];
  readonly exactly: readonly number[];
  readonly settings: PrivacySettings & { readonly epsilon: number };
  /** L1 sensitivity of the full histogram. */
  readonly l1: number;
  readonly releases: number;
}

const label = (name: string, size: number) => ({ label: name, size });

const cases: readonly Case[] = [
  {
    name: 'two lists',
    lists: [{ size: 1300 }, { size: 900 }],
    exactly: [800, 400, 500],
    settings: { epsilon: 0.5, identifiersPerRecord: 1 },
    l1: 3,
    releases: 4000,
  },
  {
    name: 'three lists, two identifiers a record',
    lists: [{ size: 4000 }, { size: 4000 }, { size: 4000 }],
    exactly: [1000, 1000, 1000, 1000, 1000, 1000, 1000],
    settings: { epsilon: 1, identifiersPerRecord: 2 },
    l1: 8,
    releases: 2000,
  },
  {
    name: 'two lists, one of them cut by a label',
    lists: [{ size: 1500, labels: [label('high', 600), label('low', 900)] }, { size: 900 }],
    exactly: [400, 600, 400, 200, 300],
    settings: { epsilon: 0.5, identifiersPerRecord: 1 },
    l1: 4,
    releases: 2500,
  },
  {
    name: 'short lists, so that noise is cut at 0 and at the size',
    lists: [{ size: 7 }, { size: 6 }, { size: 5 }],
    exactly: [4, 3, 1, 2, 1, 1, 1],
    settings: { epsilon: 1, identifiersPerRecord: 1 },
    l1: 4,
    releases: 2500,
  },
  {
    name: 'a minimum near the numbers',
    lists: [{ size: 32 }, { size: 27 }],
    exactly: [17, 12, 15],
    settings: { epsilon: 0.75, identifiersPerRecord: 1, minCount: 11 },
    l1: 3,
    releases: 8000,
  },
];

/** The values with which each cell was released. */
function released({ lists, exactly, settings, releases }: Case): bigint[][] {
  const random = seededRandom(new Uint8Array(32).fill(7));
  const policy = parsePrivacyPolicy(settings);
  const values = exactly.map((): bigint[] => []);
  for (let i = 0; i < releases; i++) {
    const { cells } = releaseCounts({ exactly, lists, policy, padded: false, random });
    cells.forEach(({ value }, cell) => {
      if (value.count !== null) values[cell]?.push(BigInt(value.count));
    });
  }
  return values;
}

/** The smallest announced size that a cell counts in: the first label's lists of `cases` are cut by their own sizes. */
function mostOf({ lists }: Case, cell: number): number {
  const [first, second] = lists;
  const cut = first?.labels;
  if (cut === undefined) return smallest(lists, cell + 1);
  // by mask and then by label: first alone, second alone, both
  const own = [cut[0]?.size, cut[1]?.size, Number.POSITIVE_INFINITY, cut[0]?.size, cut[1]?.size][cell] ?? 0;
  return cell < 2 ? own : Math.min(own, second?.size ?? 0);
}

const smallest = (lists: readonly ListShape[], mask: number): number =>
  Math.min(...lists.flatMap(({ size }, i) => ((mask >> i) & 1 ? [size] : [])));

describe.each(cases)('released cells: $name', (one) => {
  const { exactly, settings, l1, releases } = one;
  const values = released(one);
  const least = Number(settings.minCount ?? 0);
  const fit = (cell: number, factor: number) => {
    const count = exactly[cell] as number;
    const at = releasedAt(count, mostOf(one, cell), least, (factor * l1) / settings.epsilon);
    // around the count, where `chiSquared` looks
    const samples = (values[cell] as bigint[]).map((value) => value - BigInt(count));
    return chiSquared(samples, (x) => at(x + count));
  };

  it('are noised with scale sensitivity / epsilon, given that they are released', () => {
    for (const cell of exactly.keys()) {
      const { value, freedom } = fit(cell, 1);
      expect(freedom, `cell ${cell}`).toBeGreaterThan(3);
      expect(value, `cell ${cell}`).toBeLessThan(quantile(freedom));
    }
  });

  it('would fail with half or twice the epsilon or the sensitivity', () => {
    for (const cell of exactly.keys()) {
      for (const factor of [1 / 2, 2]) {
        const { value, freedom } = fit(cell, factor);
        expect(value, `cell ${cell}, times ${factor}`).toBeGreaterThan(quantile(freedom));
      }
    }
  });

  it('are released as often as none is below the minimum', () => {
    // two lists: a withheld cell follows from any other and a size, so that all are withheld with it
    const shown = exactly.map((count) => {
      let below = 0;
      const at = releasedAt(count, Number.MAX_SAFE_INTEGER, 0, l1 / settings.epsilon);
      for (let v = 0; v < least; v++) below += at(v);
      return 1 - below;
    });
    const chance = shown.reduce((product, probability) => product * probability, 1);
    const [first] = values;
    for (const cell of values) expect(cell).toHaveLength(first?.length ?? 0);
    if (least === 0) return expect(first).toHaveLength(releases);
    // normal within 4.9 standard deviations, two-sided, but for one in a million
    const deviation = Math.sqrt(releases * chance * (1 - chance));
    expect(Math.abs((first?.length ?? 0) - releases * chance)).toBeLessThan(4.9 * deviation);
    expect(chance * releases).toBeGreaterThan(1000);
  });
});
