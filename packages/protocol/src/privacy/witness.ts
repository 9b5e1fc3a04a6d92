/**
 * What the sign of counts says about withheld numbers.
 *
 * Purpose: exact counts are not negative, and a reason tells on which side of the minimum a withheld cell is. So
 * three withheld cells that add up to nothing are known although linear algebra leaves them open (two disjoint lists
 * show it). This file wants, for every withheld number of an exact release, a witness: another table of counts with
 * the same published cells, sizes and reasons, in which that number is another one.
 * Assumes: the linear check passed or is repeated. Does not know: noise (a noised cell is independent of the sizes).
 */
import type { Combination } from './span.ts';
import { Span } from './span.ts';
import { frameOf } from './linear.ts';
import { listsIn } from './cells.ts';
import { valueOf, type Move, type Target, type WithheldTable } from './withheld.ts';

/** By how much a cell can fall and rise without changing its reason; a published one as if complementary. */
function room(table: WithheldTable, cell: number): { down: bigint; up: bigint | null } {
  const count = BigInt(table.counts[cell] as number);
  const minimum = BigInt(table.minCount);
  const reason = table.reasons[cell];
  if (reason === 'padded') return { down: count, up: null };
  if (reason === 'below-minimum') return { down: count, up: minimum - 1n - count };
  return { down: count - minimum, up: null };
}

function fits(table: WithheldTable, move: Move, sign: bigint): boolean {
  return move.every(([cell, amount]) => {
    const { down, up } = room(table, cell);
    const step = sign * amount;
    return step < 0n ? -step <= down : up === null || step <= up;
  });
}

/** The smaller of both rooms. */
function slack(table: WithheldTable, cell: number): bigint {
  const { down, up } = room(table, cell);
  return up === null || down < up ? down : up;
}

function moveOf(target: Target, ids: readonly number[], { scale, coefficients }: Combination): Move {
  const move: [number, bigint][] = [];
  ids.forEach((id, i) => {
    const coefficient = coefficients[i] as bigint;
    if (coefficient !== 0n) move.push([id, target.kind === 'cell' ? -coefficient : coefficient]);
  });
  if (target.kind === 'cell') move.push([target.cell, scale]);
  return move;
}

/** The first move for the target from a basis filled in this order, if it fits in either direction. */
function tryOrder(table: WithheldTable, target: Target, order: readonly number[]): Move | undefined {
  const { vector, goal } = frameOf(table, target);
  const span = new Span();
  for (const cell of order) {
    if ((target.kind === 'cell' && cell === target.cell) || !span.insert(cell, vector(cell))) continue;
    const combination = span.express(goal);
    if (combination === undefined) continue;
    const move = moveOf(target, span.ids, combination);
    return fits(table, move, 1n) || fits(table, move, -1n) ? move : undefined;
  }
  return undefined;
}

/** Cells that can move both ways, those with most room first. */
function loose(table: WithheldTable, cells: readonly number[]): number[] {
  return cells
    .map((cell) => ({ cell, slack: slack(table, cell) }))
    .filter((entry) => entry.slack > 0n)
    .sort((a, b) => (a.slack === b.slack ? a.cell - b.cell : a.slack > b.slack ? -1 : 1))
    .map(({ cell }) => cell);
}

/** One basis for many targets: of the withheld cells with most room. The cells of the basis itself need others. */
function sharedMoves(table: WithheldTable): (cell: number) => Move | undefined {
  const span = new Span();
  const column = (cell: number) => table.columns[cell] as readonly bigint[];
  for (const cell of loose(table, table.withheld)) {
    if (span.ids.length === table.space.rowSizes.length) break;
    span.insert(cell, column(cell));
  }
  const inBasis = new Set(span.ids);
  return (cell) => {
    const combination = inBasis.has(cell) ? undefined : span.express(column(cell));
    if (combination === undefined) return undefined;
    const move = moveOf({ kind: 'cell', cell }, span.ids, combination);
    return fits(table, move, 1n) || fits(table, move, -1n) ? move : undefined;
  };
}

/**
 * A move that changes the target and fits. It may use published cells: those must then be withheld, too. Tried: what
 * is withheld first and then the smallest published; the other way round, whatever has most room; single-list cells.
 */
export function findMove(table: WithheldTable, target: Target): Move | undefined {
  const withheld = loose(table, table.withheld);
  const smallest = table.candidates.filter((cell) => slack(table, cell) > 0n);
  const roomiest = loose(table, [...table.withheld, ...table.candidates]);
  const single = (cell: number) => listsIn((table.space.cells[cell] as { mask: number }).mask) === 1;
  const singles = [...roomiest.filter(single), ...roomiest.filter((cell) => !single(cell))];
  return (
    tryOrder(table, target, [...withheld, ...smallest]) ??
    tryOrder(table, target, roomiest) ??
    tryOrder(table, target, singles)
  );
}

export interface Witnesses {
  /** A target without a witness among the withheld cells. */
  readonly open: Target | undefined;
  /** Published cells that would give it one; empty if none were found. */
  readonly add: readonly number[];
}

/** Looks for witnesses for all withheld cells and sums; stops at the first target that needs further cells. */
export function checkWitnesses(table: WithheldTable): Witnesses {
  const open = new Set(
    table.reasons.flatMap((reason, i) => (reason === null || reason === 'padded' ? [] : [i])),
  );
  let sums = table.hiddenSums();
  const shared = sharedMoves(table);
  // Cells of many lists first: their moves are witnesses for most sums.
  const lists = (cell: number) => listsIn((table.space.cells[cell] as { mask: number }).mask);
  const order = [...open].sort((a, b) => lists(b) - lists(a) || a - b);
  const add = (target: Target): readonly number[] | undefined => {
    const move = (target.kind === 'cell' ? shared(target.cell) : undefined) ?? findMove(table, target);
    if (move === undefined) return [];
    const further = move.map(([cell]) => cell).filter((cell) => table.reasons[cell] === null);
    if (further.length > 0) return further;
    for (const [cell] of move) open.delete(cell);
    if (sums.length > 0) {
      const changed = table.sumsOf(move);
      sums = sums.filter((sum) => valueOf(changed, sum) === 0n);
    }
    return undefined;
  };
  for (const cell of order) {
    if (!open.has(cell)) continue;
    const target: Target = { kind: 'cell', cell };
    const further = add(target);
    if (further !== undefined) return { open: target, add: further };
  }
  for (let next = sums[0]; next !== undefined; next = sums[0]) {
    const further = add(next);
    if (further !== undefined) return { open: next, add: further };
  }
  return { open: undefined, add: [] };
}
