/**
 * Suppression: which cells of a release are withheld.
 *
 * Purpose: a number below the minimum is withheld, and with it enough further cells that no withheld one, and no sum
 * with a withheld part, follows from what is published and from the announced sizes (complementary suppression; Cox
 * 1980, Willenborg and de Waal 2001). Decided on the whole vector, after noise.
 * Assumes: sums are released from published cells only, so they say nothing new. The choice is a fixed function of
 * the counts; somebody who knows it may narrow a withheld number down (docs/privacy.md: noise is what bounds that).
 * Does not know: where the counts come from.
 */
import { TallyError } from '../errors/index.ts';
import type { CellSpace, Derived } from './cells.ts';
import { derive, listsIn } from './cells.ts';
import { coverFor, findDetermined } from './linear.ts';
import { checkWitnesses } from './witness.ts';
import { WithheldTable, type CountCell, type WithheldReason } from './withheld.ts';

export interface SuppressionRequest {
  readonly space: CellSpace;
  /** One count for each cell, at least 0. */
  readonly counts: readonly number[];
  /** Counts below it are withheld, zero included; 0 and 1 withhold nothing. */
  readonly minCount: number;
  /** List sizes hold random elements: single-list cells and the union are withheld. */
  readonly padded: boolean;
  /** The counts are exact, so that the published ones and the withheld ones add up to the sizes. */
  readonly exact: boolean;
}

/** For every cell the reason why it is withheld, or null. Throws `privacy.policy` for a minimum that is no count. */
export function suppress(request: SuppressionRequest): (WithheldReason | null)[] {
  const { space, counts, minCount, padded, exact } = request;
  if (!Number.isSafeInteger(minCount) || minCount < 0) {
    throw new TallyError('privacy.policy', `minCount: want a count, got ${minCount}`);
  }
  const table = new WithheldTable(space, counts, minCount, padded);
  if (!table.reasons.includes('below-minimum')) return table.reasons;
  for (;;) {
    const determined = findDetermined(table);
    if (determined !== undefined) {
      const cover = coverFor(table, determined);
      if (cover === undefined || cover.length === 0) return withholdAll(table);
      table.withhold(cover);
      continue;
    }
    if (!exact) return table.reasons;
    const { open, add } = checkWitnesses(table);
    if (open === undefined) return table.reasons;
    if (add.length === 0) return withholdAll(table);
    table.withhold(add);
  }
}

/**
 * Nothing less hides what has to be hidden: lists about as short as the minimum. All is withheld, and all for one
 * reason, since here it would give numbers away to tell the small ones from those that cover them.
 */
function withholdAll(table: WithheldTable): (WithheldReason | null)[] {
  table.withhold(table.candidates);
  return table.reasons.map((reason) => (reason === 'below-minimum' ? 'complementary' : reason));
}

/** Counts with their reasons, cell by cell. */
export function applySuppression(
  counts: readonly number[],
  reasons: readonly (WithheldReason | null)[],
): CountCell[] {
  return counts.map((count, cell) => {
    const reason = reasons[cell] ?? null;
    return reason === null ? { count } : { count: null, reason };
  });
}

/**
 * Sums of published cells; null as soon as a part is withheld. "At least this one list" is the list's announced size,
 * which is public, unless it is padded.
 */
export function deriveReleased(space: CellSpace, cells: readonly CountCell[]): Derived<CountCell> {
  const counted = derive(
    space,
    cells.map(({ count }) => BigInt(count ?? 0)),
  );
  const having = (reason: WithheldReason) =>
    derive(
      space,
      cells.map((cell) => (cell.count === null && cell.reason === reason ? 1n : 0n)),
    );
  const padded = having('padded');
  const below = having('below-minimum');
  const complementary = having('complementary');
  const pick = (key: keyof Derived<bigint>): CountCell[] =>
    counted[key].map((value, i) => {
      if (padded[key][i] !== 0n) return { count: null, reason: 'padded' };
      if (below[key][i] !== 0n) return { count: null, reason: 'below-minimum' };
      if (complementary[key][i] !== 0n) return { count: null, reason: 'complementary' };
      return { count: Number(value) };
    });
  const atLeast = pick('atLeast').map((cell, i): CountCell => {
    const isPadded = cell.count === null && cell.reason === 'padded';
    if (listsIn(i + 1) !== 1 || isPadded) return cell;
    return { count: space.sizes[31 - Math.clz32(i + 1)] as number };
  });
  return { exactly: pick('exactly'), atLeast, inAtLeast: pick('inAtLeast') };
}

/** The number; throws `privacy.suppressed`, naming the reason, where it is withheld. */
export function requireCount(cell: CountCell, name: string): number {
  if (cell.count === null) throw new TallyError('privacy.suppressed', `${name}: withheld, ${cell.reason}`);
  return cell.count;
}
