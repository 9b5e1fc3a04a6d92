/**
 * Counts by combination of lists.
 *
 * Purpose: the arithmetic between "exactly these lists" and "at least these lists", and what public sizes say
 * about a view. A combination is a bit mask over the parties in their order; entry m − 1 belongs to mask m.
 * Does not know: where the numbers come from.
 */
import type { Agreement } from '../agreement/ephemeral.ts';
import { TallyError } from '../errors/index.ts';
import type { ReleasedCounts } from '../wire/messages.ts';

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

/** A release must have an entry for every combination and threshold, and no number above what sizes allow. */
export function checkRelease(release: ReleasedCounts, sizes: readonly number[]): void {
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
    for (const cell of [exactly[mask - 1], atLeast[mask - 1]]) {
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
