import { describe, expect, it } from 'vitest';
import { cellSpace, listsIn, mergeLabels } from './cells.ts';
import {
  followsLinearly,
  fittingTables,
  generator,
  randomScene,
  rank,
  type Scene,
} from './privacy.testkit.ts';
import { applySuppression, deriveReleased, requireCount, suppress } from './suppress.ts';
import { publicCounts, type WithheldReason } from './withheld.ts';

const minimum = 4;

interface Case {
  readonly name: string;
  readonly scene: Scene;
}

/** Worlds of 2 to 5 lists, some with labels; more than half of them have something to hide. */
function scenes(count: number, most: number, universe: number): Case[] {
  return Array.from({ length: count }, (_, seed) => {
    const below = generator(1000 + seed);
    const parties = 2 + below(most - 1);
    const labels = parties <= 3 && below(2) === 0 ? [1 + below(3), ...(below(2) === 0 ? [2] : [])] : [];
    const scene = randomScene(seed, parties, labels, universe);
    return { name: `seed ${seed}: ${parties} lists, labels ${labels.join(' and ') || 'none'}`, scene };
  });
}

const parts = {
  exactly: (mask: number) => (cell: number) => (cell === mask ? 1 : 0),
  atLeast: (mask: number) => (cell: number) => ((cell & mask) === mask ? 1 : 0),
  inAtLeast: (t: number) => (cell: number) => (listsIn(cell) >= t ? 1 : 0),
};

/** Every null of the derived numbers as a sum over the cells. */
function nullSums(scene: Scene, reasons: readonly (WithheldReason | null)[], counts = scene.exactly) {
  const { space } = scene;
  const derived = deriveReleased(space, applySuppression(counts, reasons));
  const masks = space.cells.map(({ mask }) => mask);
  return (['exactly', 'atLeast', 'inAtLeast'] as const).flatMap((key) =>
    derived[key].flatMap((value, i) => {
      const part = parts[key](i + 1);
      return value.count === null ? [{ key, i, part: (cell: number) => part(masks[cell] as number) }] : [];
    }),
  );
}

function withheldOf(reasons: readonly (WithheldReason | null)[]): number[] {
  return reasons.flatMap((reason, cell) => (reason === null ? [] : [cell]));
}

/** Withheld as a whole, for one reason: then nothing is known of any cell. */
function wholly(reasons: readonly (WithheldReason | null)[]): boolean {
  return reasons.includes('complementary') && !reasons.includes('below-minimum');
}

/** Withheld numbers that linear algebra gives away, by the tests' own elimination. */
function linearLeaks(
  scene: Scene,
  reasons: readonly (WithheldReason | null)[],
  counts = scene.exactly,
): string[] {
  const { space } = scene;
  const withheld = withheldOf(reasons);
  const open = withheld.filter((cell) => reasons[cell] !== 'padded');
  const cells = open.filter((cell) => followsLinearly(space, withheld, (other) => (other === cell ? 1 : 0)));
  const sums = nullSums(scene, reasons, counts).filter(({ part }) => followsLinearly(space, withheld, part));
  return [...cells.map((cell) => `cell ${cell}`), ...sums.map(({ key, i }) => `${key} ${i}`)];
}

describe('suppression of exact counts', () => {
  it('withholds what is below the minimum, and what stays reproduces the exact counts', () => {
    for (const { scene } of scenes(150, 5, 60)) {
      const { space, exactly } = scene;
      const reasons = suppress({ space, counts: exactly, minCount: minimum, padded: false, exact: true });
      const known = publicCounts(space);
      exactly.forEach((count, cell) => {
        if (known[cell] !== undefined) expect([reasons[cell], count]).toEqual([null, known[cell]]);
        else if (wholly(reasons)) expect(reasons[cell]).toBe('complementary');
        else if (count < minimum) expect(reasons[cell]).toBe('below-minimum');
        else expect(reasons[cell]).not.toBe('below-minimum');
      });
    }
  });

  it('leaves no withheld cell or sum in the row space of the sizes', () => {
    let hidden = 0;
    for (const { name, scene } of scenes(150, 5, 60)) {
      const { space, exactly } = scene;
      const reasons = suppress({ space, counts: exactly, minCount: minimum, padded: false, exact: true });
      hidden += withheldOf(reasons).length;
      expect([name, linearLeaks(scene, reasons)]).toEqual([name, []]);
    }
    expect(hidden).toBeGreaterThan(500);
  });

  it('leaves every withheld cell and sum at least two values, over all tables that fit', () => {
    let checked = 0;
    for (const { name, scene } of scenes(120, 3, 26)) {
      const { space, exactly } = scene;
      const reasons = suppress({ space, counts: exactly, minCount: minimum, padded: false, exact: true });
      const withheld = withheldOf(reasons);
      if (withheld.length === 0) continue;
      const remaining = space.rowSizes.map((size, row) =>
        space.cells.reduce(
          (left, _, cell) =>
            reasons[cell] === null && space.rowsOf[cell]?.includes(row)
              ? left - (exactly[cell] as number)
              : left,
          size,
        ),
      );
      const bounds = (cell: number) =>
        reasons[cell] === 'below-minimum'
          ? ([0, minimum - 1] as const)
          : ([wholly(reasons) ? 0 : minimum, Infinity] as const);
      const targets = [
        ...withheld.map((cell) => ({
          name: `cell ${cell}`,
          part: (other: number) => (other === cell ? 1 : 0),
        })),
        ...nullSums(scene, reasons).map(({ key, i, part }) => ({ name: `${key} ${i}`, part })),
      ];
      const first = targets.map(({ part }) =>
        withheld.reduce((sum, cell) => sum + part(cell) * (exactly[cell] as number), 0),
      );
      const open = new Set(targets.keys());
      let tables = 0;
      fittingTables(space, withheld, remaining, bounds, (table) => {
        for (const index of open) {
          const { part } = targets[index] as (typeof targets)[number];
          const value = withheld.reduce((sum, cell) => sum + part(cell) * (table.get(cell) ?? 0), 0);
          if (value !== first[index]) open.delete(index);
        }
        return open.size > 0 && ++tables < 300_000;
      });
      checked++;
      expect([name, [...open].map((index) => targets[index]?.name)]).toEqual([name, []]);
    }
    expect(checked).toBeGreaterThan(60);
  });

  it('is needed: withholding small cells alone gives them away', () => {
    let leaks = 0;
    for (const { scene } of scenes(60, 4, 60)) {
      const primary = scene.exactly.map((count) => (count < minimum ? ('below-minimum' as const) : null));
      leaks += linearLeaks(scene, primary).length;
    }
    expect(leaks).toBeGreaterThan(20);
  });

  it('hides that two lists are disjoint: linear algebra alone would not', () => {
    const space = cellSpace([{ size: 50 }, { size: 60 }, { size: 70 }]);
    const counts = [50, 60, 0, 70, 0, 0, 0];
    const linearOnly = suppress({ space, counts, minCount: minimum, padded: false, exact: false });
    const reasons = suppress({ space, counts, minCount: minimum, padded: false, exact: true });
    // Published single-list cells as large as their lists would say that nobody is on two.
    expect(linearOnly[0]).toBe(null);
    expect(reasons).toEqual([
      'complementary',
      'complementary',
      'below-minimum',
      'complementary',
      'below-minimum',
      'below-minimum',
      'below-minimum',
    ]);
  });

  it('withholds nothing where nothing is small, or no minimum is set', () => {
    const space = cellSpace([{ size: 50 }, { size: 60 }]);
    const all = (counts: number[], minCount: number) =>
      suppress({ space, counts, minCount, padded: false, exact: true }).every((reason) => reason === null);
    expect(all([40, 50, 10], 10)).toBe(true);
    expect(all([40, 50, 10], 11)).toBe(false);
    expect(all([50, 60, 0], 0)).toBe(true);
    expect(all([50, 60, 0], 1)).toBe(true);
    for (const minCount of [-1, 1.5, Number.NaN]) {
      expect(() => all([40, 50, 10], minCount)).toThrow(expect.objectContaining({ code: 'privacy.policy' }));
    }
  });

  it('says nothing of cells that the sizes alone fix', () => {
    const lists = [{ size: 3 }, { size: 0 }];
    const space = cellSpace(lists);
    expect(suppress({ space, counts: [3, 0, 0], minCount: 5, padded: false, exact: true })).toEqual([
      null,
      null,
      null,
    ]);
  });
});

describe('suppression of noised and padded counts', () => {
  it('of any vector: no withheld number is in the row space', () => {
    for (const { name, scene } of scenes(100, 5, 60)) {
      const below = generator(scene.exactly.length);
      const known = publicCounts(scene.space);
      const counts = scene.exactly.map((count, cell) => known[cell] ?? Math.max(0, count + below(9) - 4));
      const reasons = suppress({
        space: scene.space,
        counts,
        minCount: minimum,
        padded: false,
        exact: false,
      });
      expect([name, linearLeaks(scene, reasons, counts)]).toEqual([name, []]);
    }
  });

  it('with padding: no single-list cell, no union, and nothing else given away', () => {
    for (const { name, scene } of scenes(100, 5, 60)) {
      const { space, exactly } = scene;
      for (const exact of [true, false]) {
        const reasons = suppress({ space, counts: exactly, minCount: minimum, padded: true, exact });
        const derived = deriveReleased(space, applySuppression(exactly, reasons));
        expect(derived.inAtLeast[0]).toEqual({ count: null, reason: 'padded' });
        space.cells.forEach(({ mask }, cell) => {
          if (listsIn(mask) === 1) expect(reasons[cell]).toBe('padded');
          else expect(reasons[cell]).not.toBe('padded');
        });
        const leaks = linearLeaks(scene, reasons).filter(
          (leak) => !/^(exactly|atLeast) (0|1|3|7|15)$|^inAtLeast 0$/.test(leak),
        );
        expect([name, leaks]).toEqual([name, []]);
      }
    }
  });
});

describe('ten lists', () => {
  it('are suppressed in a moment, and rightly', () => {
    const parties = 10;
    const below = generator(10);
    const counts = Array.from({ length: 1023 }, (_, i) => {
      const lists = listsIn(i + 1);
      return lists === 1 ? 200 + below(1000) : lists < 4 ? below(40) : below(5) === 0 ? below(12) : 0;
    });
    const sizes = Array.from({ length: parties }, (_, list) =>
      counts.reduce((sum, value, i) => (((i + 1) & (1 << list)) !== 0 ? sum + value : sum), 0),
    );
    const space = cellSpace(sizes.map((size) => ({ size })));
    for (const exact of [true, false]) {
      const reasons = suppress({ space, counts, minCount: 10, padded: false, exact });
      const withheld = withheldOf(reasons);
      expect(withheld.length).toBeLessThan(1023);
      // A column that is no combination of the others would be determined: as many as without it have full rank.
      const matrix = (cells: readonly number[]) =>
        sizes.map((_, row) => cells.map((cell) => (space.rowsOf[cell]?.includes(row) ? 1 : 0)));
      const basis: number[] = [];
      for (const cell of withheld) if (rank(matrix([...basis, cell])) > basis.length) basis.push(cell);
      for (const cell of basis) {
        expect(rank(matrix(withheld.filter((other) => other !== cell)))).toBe(basis.length);
      }
    }
  });
});

describe('released numbers', () => {
  it('are sums of published cells, or null with a reason', () => {
    for (const { scene } of scenes(60, 4, 200)) {
      const { space, exactly, identifiers, lists } = scene;
      const reasons = suppress({ space, counts: exactly, minCount: minimum, padded: false, exact: true });
      const derived = deriveReleased(space, applySuppression(exactly, reasons));
      const held = (places: readonly (number | undefined)[]) =>
        places.reduce<number>((mask, place, i) => (place === undefined ? mask : mask | (1 << i)), 0);
      for (const key of ['exactly', 'atLeast', 'inAtLeast'] as const) {
        derived[key].forEach((value, i) => {
          const part = parts[key](i + 1);
          const single = key === 'atLeast' && listsIn(i + 1) === 1;
          const whole = space.cells.every(({ mask }, cell) => part(mask) === 0 || reasons[cell] === null);
          if (single) expect(value.count).toBe(lists[31 - Math.clz32(i + 1)]?.size);
          else expect(value.count !== null).toBe(whole);
          const want = identifiers.filter((places) => part(held(places)) === 1).length;
          if (value.count !== null) expect(requireCount(value, key)).toBe(want);
          else expect(() => requireCount(value, key)).toThrow(/withheld/);
        });
      }
    }
  });
});

describe('labels', () => {
  it('are merged by announced size, never by counts', () => {
    const sizes = (entries: Record<string, number>) =>
      Object.entries(entries).map(([label, size]) => ({ label, size }));
    expect(mergeLabels(sizes({ low: 40, high: 3, mid: 20, none: 2 }), 10)).toEqual([
      { labels: ['low'], size: 40 },
      { labels: ['high', 'mid', 'none'], size: 25 },
    ]);
    expect(mergeLabels(sizes({ a: 10, b: 10 }), 10)).toEqual([
      { labels: ['a'], size: 10 },
      { labels: ['b'], size: 10 },
    ]);
    expect(mergeLabels(sizes({ a: 1, b: 2 }), 10)).toEqual([{ labels: ['a', 'b'], size: 3 }]);
    expect(mergeLabels([], 10)).toEqual([]);
  });

  it('that do not add up, or make too many cells, are refused', () => {
    const refused = (lists: Parameters<typeof cellSpace>[0]) =>
      expect(() => cellSpace(lists)).toThrow(expect.objectContaining({ code: 'privacy.policy' }));
    refused([{ size: 5 }]);
    refused(Array.from({ length: 11 }, () => ({ size: 1 })));
    refused([{ size: 5, labels: [{ label: 'a', size: 4 }] }, { size: 1 }]);
    refused([{ size: 0, labels: [] }, { size: 1 }]);
    refused([{ size: -1 }, { size: 1 }]);
    const many = Array.from({ length: 63 }, (_, i) => ({ label: `${i}`, size: 1 }));
    refused([{ size: 63, labels: many }, { size: 63, labels: many }, { size: 1 }]);
  });
});
