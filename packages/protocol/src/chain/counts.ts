/**
 * Counts by combination of lists.
 *
 * Purpose: the arithmetic between "exactly these lists" and "at least these lists", and what public sizes say
 * about a view. A combination is a bit mask over the parties in their order; entry m − 1 belongs to mask m.
 * Does not know: where the numbers come from.
 */
import type { Agreement } from '../agreement/ephemeral.ts';
import { TallyError } from '../errors/index.ts';
import type { CellSpace } from '../privacy/cells.ts';
import type { MessageOf, ReleasedCounts } from '../wire/messages.ts';
import type { Outcome } from './types.ts';

/** Identifiers on all the lists of each mask and maybe more: the sum over its supersets. */
export function atLeastFrom(exactly: readonly number[]): number[] {
  const size = exactly.length + 1;
  const sums = [0, ...exactly];
  for (let bit = 1; bit < size; bit <<= 1) {
    for (let mask = 0; mask < size; mask++) {
      if ((mask & bit) === 0) sums[mask] = (sums[mask] as number) + (sums[mask | bit] as number);
    }
  }
  return sums.slice(1);
}

/** Whether a session's counts are noised or may be withheld, so that a release is sent and no plain vector. */
export function releasesCounts({ output, privacy, padTo }: Agreement): boolean {
  return output.kind === 'counts' && (privacy !== null || padTo !== null);
}

/** Exactly the lists of each mask, all labels together. */
export function exactlyFrom(space: CellSpace, cells: readonly number[]): number[] {
  const exactly = new Array<number>((1 << space.parties) - 1).fill(0);
  space.cells.forEach(({ mask }, i) => {
    exactly[mask - 1] = (exactly[mask - 1] as number) + (cells[i] as number);
  });
  return exactly;
}

/** A view of counts as the session's answer. */
export function countsOutcome(
  { exactly, release, cells }: Pick<MessageOf<'view'>, 'exactly' | 'release' | 'cells'>,
  verified: boolean,
): Outcome {
  const labelled = cells === null ? {} : { cells };
  if (release !== null) return { kind: 'release', release, ...labelled, verified };
  return { kind: 'counts', exactly: exactly ?? [], ...labelled, verified };
}

/**
 * A release must have an entry for every combination and threshold, and no number above what sizes allow. A sum of
 * noised cells may be above them: each cell is cut for itself. Throws `chain.count`.
 */
export function checkRelease(release: ReleasedCounts, sizes: readonly number[], isLabelled: boolean): void {
  const want = (1 << sizes.length) - 1;
  const { exactly, atLeast, inAtLeast } = release;
  if (exactly.length !== want || atLeast.length !== want || inAtLeast.length !== sizes.length) {
    throw new TallyError(
      'chain.count',
      `view.release: want ${want} combinations and ${sizes.length} thresholds`,
    );
  }
  for (let mask = 1; mask <= want; mask++) {
    const most = Math.min(...sizes.filter((_, i) => (mask & (1 << i)) !== 0));
    const isNoised = release.noise !== null;
    const bounded = [isNoised && isLabelled ? 0 : exactly[mask - 1], isNoised ? 0 : atLeast[mask - 1]];
    for (const cell of bounded) {
      if (typeof cell === 'number' && cell > most) {
        throw new TallyError('chain.count', 'view.release: a number above the announced sizes');
      }
    }
  }
}

/** A view must have an entry for every combination and add up to every announced size. Throws `chain.count`. */
export function checkView(exactly: readonly number[], sizes: readonly number[]): void {
  const want = (1 << sizes.length) - 1;
  if (exactly.length !== want) {
    throw new TallyError('chain.count', `view.exactly: want ${want} combinations, got ${exactly.length}`);
  }
  const atLeast = atLeastFrom(exactly);
  for (let i = 0; i < sizes.length; i++) {
    if (atLeast[(1 << i) - 1] !== sizes[i]) {
      throw new TallyError('chain.count', `view.exactly: does not add up to the announced size of list ${i}`);
    }
  }
}
