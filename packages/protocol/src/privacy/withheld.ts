/**
 * The state of suppression: which cells are withheld so far, and what has to stay hidden.
 *
 * Purpose: what linear.ts and witness.ts both look at.
 * Assumes: the counts of a cell space, one minimum. Does not know: how the next cell is chosen.
 */
import { derive, listsIn, type Cell, type CellSpace, type Derived } from './cells.ts';

/**
 * Why a number is withheld: it is below the minimum; it would give away one that is (or, where nothing is labelled
 * `below-minimum`, it is one of a table that is withheld as a whole); list sizes are padded.
 */
export type WithheldReason = 'below-minimum' | 'complementary' | 'padded';

/** A released number, or the reason why there is none. */
export type CountCell =
  | { readonly count: number }
  | { readonly count: null; readonly reason: WithheldReason };

/** A number that has to stay hidden: a cell, or a sum over cells of which a part is withheld. */
export type Target = { readonly kind: 'cell'; readonly cell: number } | SumTarget;

/** Exactly or at least the lists of a mask, or in at least `threshold` lists. */
export type SumTarget =
  | { readonly kind: 'exactly'; readonly mask: number }
  | { readonly kind: 'atLeast'; readonly mask: number }
  | { readonly kind: 'inAtLeast'; readonly threshold: number };

/** 1 if the cell is a part of the sum. */
export function partOf(target: SumTarget, { mask }: Cell): bigint {
  if (target.kind === 'exactly') return mask === target.mask ? 1n : 0n;
  if (target.kind === 'atLeast') return (mask & target.mask) === target.mask ? 1n : 0n;
  return listsIn(mask) >= target.threshold ? 1n : 0n;
}

/** A change of counts that no public size and no published cell notices: pairs of cell and amount. */
export type Move = readonly (readonly [cell: number, amount: bigint])[];

/**
 * What the announced sizes alone say about each cell: 0 where a list (or the part under a label) is empty, everything
 * if only one list is not. Such cells are no secret and take no part in suppression.
 */
export function publicCounts(space: CellSpace): (number | undefined)[] {
  const alone = space.sizes.filter((size) => size > 0).length < 2;
  return space.cells.map(({ mask }, cell) => {
    const sizes = (space.rowsOf[cell] as number[]).map((row) => space.rowSizes[row] as number);
    if (sizes.includes(0)) return 0;
    return alone && listsIn(mask) === 1 ? sizes[0] : undefined;
  });
}

export class WithheldTable {
  readonly space: CellSpace;
  readonly counts: readonly number[];
  readonly minCount: number;
  readonly reasons: (WithheldReason | null)[];
  /** The column of each cell: 1 in the rows of the sizes that it counts in. */
  readonly columns: readonly (readonly bigint[])[];
  private readonly secret: readonly boolean[];
  private readonly padded: boolean;

  constructor(space: CellSpace, counts: readonly number[], minCount: number, padded: boolean) {
    this.space = space;
    this.counts = counts;
    this.minCount = minCount;
    this.padded = padded;
    this.secret = publicCounts(space).map((count) => padded || count === undefined);
    this.columns = space.rowsOf.map((rows) => {
      const column = space.rowSizes.map(() => 0n);
      for (const row of rows) column[row] = 1n;
      return column;
    });
    this.reasons = space.cells.map(({ mask }, cell) => {
      if (padded && listsIn(mask) === 1) return 'padded';
      return minCount > 1 && this.secret[cell] && (counts[cell] as number) < minCount
        ? 'below-minimum'
        : null;
    });
  }

  /** Withheld cells, padded ones included. */
  get withheld(): number[] {
    return this.reasons.flatMap((reason, cell) => (reason === null ? [] : [cell]));
  }

  /** Published cells that could be withheld, the smallest count first, then in cell order. */
  get candidates(): number[] {
    return this.reasons
      .flatMap((reason, cell) => (reason === null && this.secret[cell] ? [cell] : []))
      .sort((a, b) => (this.counts[a] as number) - (this.counts[b] as number) || a - b);
  }

  withhold(cells: readonly number[]): void {
    for (const cell of cells) this.reasons[cell] ??= 'complementary';
  }

  /** Sums that have a withheld part and are not the announced size of a list (and, with padding, not the union). */
  hiddenSums(): SumTarget[] {
    const parts = this.sums(this.reasons.map((reason) => (reason === null ? 0n : 1n)));
    const hidden = sumTargets(this.space, this.padded);
    return hidden.filter((target) => valueOf(parts, target) !== 0n);
  }

  sums(vector: readonly bigint[]): Derived<bigint> {
    return derive(this.space, vector);
  }

  /** The sums over a sparse change. */
  sumsOf(move: Move): Derived<bigint> {
    const vector = this.space.cells.map(() => 0n);
    for (const [cell, amount] of move) vector[cell] = amount;
    return this.sums(vector);
  }
}

/** The sums that a release states and that are not public. Padding sits in single-list cells and so in the union. */
function sumTargets(space: CellSpace, padded: boolean): SumTarget[] {
  const targets: SumTarget[] = [];
  for (let mask = 1; mask < 1 << space.parties; mask++) {
    const single = listsIn(mask) === 1;
    if (!single) targets.push({ kind: 'atLeast', mask });
    if (space.labelled && !(padded && single)) targets.push({ kind: 'exactly', mask });
  }
  for (let threshold = padded ? 2 : 1; threshold <= space.parties; threshold++) {
    targets.push({ kind: 'inAtLeast', threshold });
  }
  return targets;
}

export function valueOf(sums: Derived<bigint>, target: SumTarget): bigint {
  const { kind } = target;
  const index = kind === 'inAtLeast' ? target.threshold - 1 : target.mask - 1;
  return sums[kind][index] as bigint;
}
