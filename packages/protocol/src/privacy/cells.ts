/**
 * The cells of a release: combinations of lists, and of labels where lists have them.
 *
 * Purpose: names the numbers of a session in one fixed order, says which public sizes they add up to, and which
 * further numbers follow from them.
 * Assumes: every identifier of a list with labels has exactly one of that list's labels; sizes are announced before
 * the run. A combination is a bit mask over the parties in their order, as in chain/counts.ts.
 * Does not know: noise, which cells are withheld.
 */
import { TallyError } from '../errors/index.ts';

/** A label of a list with the announced number of its identifiers. */
export interface LabelSize {
  readonly label: string;
  readonly size: number;
}

/** What is announced of a list: its size, and, where it is cut by a label, the size of every part. */
export interface ListShape {
  readonly size: number;
  readonly labels?: readonly LabelSize[];
}

/** Exactly these lists (mask), with these labels: per party an index into its labels, or null (not there, or none). */
export interface Cell {
  readonly mask: number;
  readonly labels: readonly (number | null)[];
}

/** All cells in order, and the announced sizes as equations over them. */
export interface CellSpace {
  readonly parties: number;
  readonly cells: readonly Cell[];
  /** For each cell the rows (public sizes) that it counts in. */
  readonly rowsOf: readonly (readonly number[])[];
  /** The announced size behind each row. */
  readonly rowSizes: readonly number[];
  /** The announced size of each list. */
  readonly sizes: readonly number[];
  readonly labelled: boolean;
}

/** More cells than this are refused: merge labels first. N = 10 without labels has 1023. */
export const maxCells = 4095;

/**
 * Cells by ascending mask, within a mask by label tuple, the first party's label the slowest. Without labels entry
 * m − 1 is mask m. Throws `privacy.policy` for N outside 2..10, sizes that are no counts, or too many cells.
 */
export function cellSpace(lists: readonly ListShape[]): CellSpace {
  const parties = lists.length;
  if (parties < 2 || parties > 10) {
    throw new TallyError('privacy.policy', `lists: want 2 to 10, got ${parties}`);
  }
  const rowSizes: number[] = [];
  const firstRow = lists.map((list, i) => {
    const first = rowSizes.length;
    rowSizes.push(...(list.labels?.map(({ size }) => size) ?? [list.size]));
    for (const size of [list.size, ...rowSizes.slice(first)]) {
      if (!Number.isSafeInteger(size) || size < 0) {
        throw new TallyError('privacy.policy', `lists[${i}].size: want a count, got ${size}`);
      }
    }
    const total = rowSizes.slice(first).reduce((sum, size) => sum + size, 0);
    if (total !== list.size || rowSizes.length === first) {
      throw new TallyError('privacy.policy', `lists[${i}].labels: sizes do not add up to the list's`);
    }
    return first;
  });
  const expected = lists.reduce((product, { labels }) => product * (1 + (labels?.length ?? 1)), 1) - 1;
  if (expected > maxCells) {
    throw new TallyError('privacy.policy', `labels: want at most ${maxCells} cells, got ${expected}`);
  }
  const cells: Cell[] = [];
  const rowsOf: number[][] = [];
  for (let mask = 1; mask < 1 << parties; mask++) {
    let tuples: (number | null)[][] = [[]];
    lists.forEach(({ labels }, i) => {
      const here = (mask & (1 << i)) !== 0 && labels !== undefined ? labels.map((_, l) => l) : [null];
      tuples = tuples.flatMap((tuple) => here.map((label) => [...tuple, label]));
    });
    for (const labels of tuples) {
      cells.push({ mask, labels });
      const rows: number[] = [];
      for (let i = 0; i < parties; i++) {
        if ((mask & (1 << i)) !== 0) rows.push((firstRow[i] as number) + (labels[i] ?? 0));
      }
      rowsOf.push(rows);
    }
  }
  const labelled = lists.some(({ labels }) => labels !== undefined);
  return { parties, cells, rowsOf, rowSizes, sizes: lists.map(({ size }) => size), labelled };
}

export function listsIn(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Throws `chain.count` unless there is a count for every cell and they add up to every announced size. */
export function checkCounts(space: CellSpace, counts: readonly number[]): void {
  if (counts.length !== space.cells.length) {
    throw new TallyError('chain.count', `cells: want ${space.cells.length} counts, got ${counts.length}`);
  }
  const sums = space.rowSizes.map(() => 0);
  counts.forEach((count, cell) => {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new TallyError('chain.count', `cells[${cell}]: want a count`);
    }
    for (const row of space.rowsOf[cell] as number[]) sums[row] = (sums[row] as number) + count;
  });
  const wrong = sums.findIndex((sum, row) => sum !== space.rowSizes[row]);
  if (wrong >= 0) throw new TallyError('chain.count', `cells: do not add up to announced size ${wrong}`);
}

/** The numbers that follow from the cells, as sums over them. */
export interface Derived<T> {
  /** Mask m at m − 1: exactly these lists, all labels together. */
  readonly exactly: readonly T[];
  /** Mask m at m − 1: at least these lists. */
  readonly atLeast: readonly T[];
  /** In at least t lists at t − 1; the first is the union. */
  readonly inAtLeast: readonly T[];
}

/** Sums any vector over the cells (counts, or 0/1 marks, or a change of counts). */
export function derive(space: CellSpace, values: readonly bigint[]): Derived<bigint> {
  const top = 1 << space.parties;
  const sums = Array.from({ length: top }, () => 0n);
  space.cells.forEach(({ mask }, i) => {
    sums[mask] = (sums[mask] as bigint) + (values[i] as bigint);
  });
  const exactly = sums.slice(1);
  const inAtLeast = Array.from({ length: space.parties }, () => 0n);
  exactly.forEach((value, i) => {
    for (let t = 0; t < listsIn(i + 1); t++) inAtLeast[t] = (inAtLeast[t] as bigint) + value;
  });
  for (let bit = 1; bit < top; bit <<= 1) {
    for (let mask = 0; mask < top; mask++) {
      if ((mask & bit) === 0) sums[mask] = (sums[mask] as bigint) + (sums[mask | bit] as bigint);
    }
  }
  return { exactly, atLeast: sums.slice(1), inAtLeast };
}

/** A group of labels that is counted as one. */
export interface LabelGroup {
  readonly labels: readonly string[];
  readonly size: number;
}

/**
 * Merges labels whose announced size is below `minimum` into one group, and the next smallest into it while it is
 * still too small. Decided on public sizes only: merging by counts seen in a run would void epsilon. Groups are in
 * order of their first label's place; a list with fewer than `minimum` identifiers becomes one group.
 */
export function mergeLabels(labels: readonly LabelSize[], minimum: number): LabelGroup[] {
  const ascending = labels
    .map(({ label, size }, place) => ({ label, size, place }))
    .sort((a, b) => a.size - b.size || a.place - b.place);
  const small: typeof ascending = [];
  let smallSize = 0;
  for (const entry of ascending) {
    if (entry.size >= minimum && (small.length === 0 || smallSize >= minimum)) break;
    small.push(entry);
    smallSize += entry.size;
  }
  const rest = ascending.slice(small.length);
  const groups = rest.map((entry) => ({ place: entry.place, labels: [entry.label], size: entry.size }));
  if (small.length > 0) {
    const inOrder = small.sort((a, b) => a.place - b.place);
    const first = inOrder[0] as (typeof small)[number];
    groups.push({ place: first.place, labels: inOrder.map(({ label }) => label), size: smallSize });
  }
  return groups
    .sort((a, b) => a.place - b.place)
    .map((group) => ({ labels: group.labels, size: group.size }));
}
