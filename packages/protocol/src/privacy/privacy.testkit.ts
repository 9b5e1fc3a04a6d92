/**
 * Brute force for the tests of this room: plain lists, tables of counts, exact linear algebra of another kind.
 *
 * Purpose: answers that share no code with suppression: rank by Gaussian elimination over fractions, and all tables
 * of counts that fit what was published. Goodness of fit, and the probabilities of discrete Laplace noise.
 * Does not know: how the room decides.
 */
import { cellSpace, type CellSpace, type ListShape } from './cells.ts';

/** A small deterministic generator (mulberry32): tests only, never noise. */
export function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

export interface Scene {
  readonly lists: readonly ListShape[];
  readonly space: CellSpace;
  /** Identifier → labels by party (undefined: not on the list; 0 without labels). */
  readonly identifiers: readonly (readonly (number | undefined)[])[];
  readonly exactly: readonly number[];
}

/** Random lists over a small universe with uneven overlaps; `labels[i]` labels for list i, or none. */
export function randomScene(
  seed: number,
  parties: number,
  labels: readonly number[],
  universe: number,
): Scene {
  const below = generator(seed);
  const density = Array.from({ length: parties }, () => 1 + below(9));
  const identifiers = Array.from({ length: 1 + below(universe) }, () => {
    // Most identifiers are on one list, as in life.
    const only = below(4) > 0 ? below(parties) : -1;
    return density.map((tenth, i) =>
      (only < 0 ? below(10) < tenth : only === i) ? below(labels[i] ?? 1) : undefined,
    );
  }).filter((places) => places.some((place) => place !== undefined));
  const lists = density.map((_, i): ListShape => {
    const mine = identifiers.filter((places) => places[i] !== undefined);
    const count = labels[i];
    if (count === undefined) return { size: mine.length };
    return {
      size: mine.length,
      labels: Array.from({ length: count }, (_unused, l) => ({
        label: `label ${l}`,
        size: mine.filter((places) => places[i] === l).length,
      })),
    };
  });
  const space = cellSpace(lists);
  const exactly = space.cells.map(
    ({ mask, labels: wanted }) =>
      identifiers.filter((places) =>
        places.every((place, i) => {
          if ((mask & (1 << i)) === 0) return place === undefined;
          return place !== undefined && (wanted[i] === null || wanted[i] === place);
        }),
      ).length,
  );
  return { lists, space, identifiers, exactly };
}

type Fraction = readonly [numerator: bigint, denominator: bigint];

function reduce(numerator: bigint, denominator: bigint): Fraction {
  let [a, b] = [numerator < 0n ? -numerator : numerator, denominator < 0n ? -denominator : denominator];
  while (b !== 0n) [a, b] = [b, a % b];
  const sign = denominator < 0n ? -1n : 1n;
  return [(sign * numerator) / (a || 1n), (sign * denominator) / (a || 1n)];
}

/** Rank of an integer matrix by Gaussian elimination over fractions. */
export function rank(rows: readonly (readonly number[])[]): number {
  const matrix = rows.map((row) => row.map((entry): Fraction => [BigInt(entry), 1n]));
  let found = 0;
  for (let column = 0; column < (matrix[0]?.length ?? 0); column++) {
    const at = matrix.findIndex((row, i) => i >= found && (row[column] as Fraction)[0] !== 0n);
    if (at < 0) continue;
    const pivot = matrix[at] as Fraction[];
    matrix[at] = matrix[found] as Fraction[];
    matrix[found] = pivot;
    const [pn, pd] = pivot[column] as Fraction;
    for (let i = found + 1; i < matrix.length; i++) {
      const row = matrix[i] as Fraction[];
      const [n, d] = row[column] as Fraction;
      if (n === 0n) continue;
      const factor = reduce(n * pd, d * pn);
      matrix[i] = row.map(([a, b], j) => {
        const [c, e] = pivot[j] as Fraction;
        return reduce(a * factor[1] * e - factor[0] * c * b, b * factor[1] * e);
      });
    }
    found++;
  }
  return found;
}

/** Whether a sum over withheld cells follows linearly: it is in the row space of sizes restricted to them. */
export function followsLinearly(
  space: CellSpace,
  withheld: readonly number[],
  parts: (cell: number) => number,
): boolean {
  const rows = space.rowSizes.map((_, row) =>
    withheld.map((cell) => ((space.rowsOf[cell] as number[]).includes(row) ? 1 : 0)),
  );
  const target = withheld.map(parts);
  return rank([...rows, target]) === rank(rows);
}

/**
 * All tables of counts that fit: withheld cells within their bounds, adding up to what the sizes leave. Calls `visit`
 * for each; stops when it returns false.
 */
export function fittingTables(
  space: CellSpace,
  withheld: readonly number[],
  remaining: readonly number[],
  bounds: (cell: number) => readonly [least: number, most: number],
  visit: (table: ReadonlyMap<number, number>) => boolean,
): void {
  const table = new Map<number, number>();
  const left = [...remaining];
  const lastUse = left.map((_, row) => withheld.findLastIndex((cell) => space.rowsOf[cell]?.includes(row)));
  const step = (at: number): boolean => {
    const cell = withheld[at];
    if (cell === undefined) return left.every((rest) => rest === 0) ? visit(table) : true;
    const rows = space.rowsOf[cell] as number[];
    const [least, most] = bounds(cell);
    const top = Math.min(most, ...rows.map((row) => left[row] as number));
    for (let value = least; value <= top; value++) {
      if (rows.some((row) => lastUse[row] === at && left[row] !== value)) continue;
      for (const row of rows) left[row] = (left[row] as number) - value;
      table.set(cell, value);
      const more = step(at + 1);
      for (const row of rows) left[row] = (left[row] as number) + value;
      if (!more) return false;
    }
    return true;
  };
  step(0);
}

/**
 * Upper 10^-6 quantile of chi-squared (Wilson–Hilferty, z = 4.75): how often a test over fixed seeds fails by chance when a
 * seed, or a sampler, is exchanged for another as good. With fixed seeds it never flakes.
 */
export function quantile(freedom: number): number {
  const h = 2 / (9 * freedom);
  return freedom * (1 - h + 4.75 * Math.sqrt(h)) ** 3;
}

/** Chi-squared of samples against a probability function; cells under 10 expected are pooled into one. */
export function chiSquared(
  samples: readonly bigint[],
  probability: (x: number) => number,
): { value: number; freedom: number } {
  const seen = new Map<number, number>();
  for (const sample of samples) seen.set(Number(sample), (seen.get(Number(sample)) ?? 0) + 1);
  let value = 0;
  let freedom = 0;
  let restExpected = samples.length;
  let restSeen = samples.length;
  for (let x = -400; x <= 400; x++) {
    const expected = samples.length * probability(x);
    if (expected < 10) continue;
    const observed = seen.get(x) ?? 0;
    value += (observed - expected) ** 2 / expected;
    restExpected -= expected;
    restSeen -= observed;
    freedom++;
  }
  if (restExpected >= 10) {
    value += (restSeen - restExpected) ** 2 / restExpected;
    freedom++;
  }
  return { value, freedom: freedom - 1 };
}

/** P(X = x) of discrete Laplace noise. */
export const laplaceAt = (scale: number) => (x: number) => {
  const p = Math.exp(-1 / scale);
  return ((1 - p) / (1 + p)) * p ** Math.abs(x);
};

/** P(X ≤ x). */
const laplaceUpTo = (scale: number, x: number): number => {
  const p = Math.exp(-1 / scale);
  return x < 0 ? p ** -x / (1 + p) : 1 - p ** (x + 1) / (1 + p);
};

/**
 * P(a released cell is v): the count with noise, cut to 0 … `most`, given that it is not below `least`.
 * @param scale L1 sensitivity / epsilon
 */
export function releasedAt(count: number, most: number, least: number, scale: number): (v: number) => number {
  const cut = (v: number): number => {
    if (v < 0 || v > most) return 0;
    const from = v === 0 ? 0 : laplaceUpTo(scale, v - 1 - count);
    return (v === most ? 1 : laplaceUpTo(scale, v - count)) - from;
  };
  const shown = 1 - (least <= 0 ? 0 : laplaceUpTo(scale, least - 1 - count));
  return (v) => (v < least ? 0 : cut(v) / shown);
}
