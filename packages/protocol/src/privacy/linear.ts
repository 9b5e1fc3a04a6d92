/**
 * What linear algebra says about withheld numbers.
 *
 * Purpose: finds a withheld number that follows from the published cells and the public sizes, and the further cells
 * that hide it. A number follows exactly if no change of the withheld cells that keeps every size changes it. Only
 * the matrix of sizes by withheld cells is looked at: a cell is determined if its column is no combination of the
 * other withheld columns.
 * Assumes: exact arithmetic (span.ts). Does not know: that counts are not negative (witness.ts).
 */
import { Span } from './span.ts';
import { partOf, valueOf, type Target, type WithheldTable } from './withheld.ts';

/** Distinct weights without structure, the same on every machine: a multiplicative sequence modulo 2^61 − 1. */
function weight(index: number): bigint {
  const prime = (1n << 61n) - 1n;
  return (0x1d872b41a9c3f5e7n * BigInt(index + 1) * BigInt(index + 7)) % prime || 1n;
}

/**
 * One change of the withheld cells that keeps all sizes, made of all independent ones with unrelated weights: where
 * it is not zero, the number is proved undetermined. (Where it is zero, the number is determined or, with negligible
 * probability over the fixed weights, taken for it: then more is withheld, never less.)
 */
export function genericChange(table: WithheldTable): bigint[] {
  const { columns } = table;
  const span = new Span();
  const change = columns.map(() => 0n);
  let sum = (columns[0] as readonly bigint[]).map(() => 0n);
  for (const cell of table.withheld) {
    const column = columns[cell] as readonly bigint[];
    if (span.insert(cell, column)) continue;
    change[cell] = weight(cell);
    sum = sum.map((value, row) => value + weight(cell) * (column[row] as bigint));
  }
  const combination = span.express(sum);
  if (combination === undefined) return columns.map(() => 0n);
  const scaled = change.map((value) => value * combination.scale);
  span.ids.forEach((cell, i) => {
    scaled[cell] = -(combination.coefficients[i] as bigint);
  });
  return scaled;
}

/** A withheld number that follows from what is published, or undefined. */
export function findDetermined(table: WithheldTable): Target | undefined {
  const change = genericChange(table);
  const cell = table.reasons.findIndex(
    (reason, i) => reason !== null && reason !== 'padded' && change[i] === 0n,
  );
  if (cell >= 0) return { kind: 'cell', cell };
  const sums = table.sums(change);
  return table.hiddenSums().find((target) => valueOf(sums, target) === 0n);
}

/** The vectors in which "target is undetermined" means "goal is a combination of the withheld vectors". */
export function frameOf(
  table: WithheldTable,
  target: Target,
): { readonly vector: (cell: number) => readonly bigint[]; readonly goal: readonly bigint[] } {
  if (target.kind === 'cell') {
    const vector = (cell: number) => table.columns[cell] as readonly bigint[];
    return { vector, goal: vector(target.cell) };
  }
  const vector = (cell: number) => [
    ...(table.columns[cell] as readonly bigint[]),
    partOf(target, table.space.cells[cell] as { mask: number; labels: readonly (number | null)[] }),
  ];
  return { vector, goal: [...table.space.rowSizes.map(() => 0n), 1n] };
}

/**
 * Further cells that hide the target: published ones enter a basis in ascending order until the target is a
 * combination, and those that the combination uses are withheld. (Greedy on a matroid: the largest is as small as can
 * be.) Undefined if nothing hides it.
 */
export function coverFor(table: WithheldTable, target: Target): number[] | undefined {
  const { vector, goal } = frameOf(table, target);
  const span = new Span();
  for (const cell of table.withheld) {
    if (target.kind !== 'cell' || cell !== target.cell) span.insert(cell, vector(cell));
  }
  for (const candidate of table.candidates) {
    if (!span.insert(candidate, vector(candidate))) continue;
    const combination = span.express(goal);
    if (combination === undefined) continue;
    return span.ids.filter((id, i) => combination.coefficients[i] !== 0n && table.reasons[id] === null);
  }
  return undefined;
}
