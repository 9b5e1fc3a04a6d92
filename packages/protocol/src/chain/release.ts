/**
 * From the collector's exact counts to the view that everybody gets.
 *
 * Purpose: puts the agreement's privacy settings to privacy/release.ts and its answer into the wire's form.
 * Assumes: sentinels are off the counts; announced sizes include padding. Does not know: when it is sent.
 */
import type { Agreement } from '../agreement/ephemeral.ts';
import { TallyError } from '../errors/index.ts';
import {
  cellSpace,
  encodeNoise,
  listsIn,
  type ListShape,
  noiseFor,
  releaseCounts,
} from '../privacy/index.ts';
import type { RandomBytes } from '../suite/scalar.ts';
import type { ReleasedCell, ReleasedCounts } from '../wire/messages.ts';
import { releasedCellOf } from './labels.ts';

/** Exact numbers, nothing withheld: what padding alone asks for. */
const exactPolicy = {
  minCount: 0,
  microEpsilon: null,
  deltaExponent: null,
  identifiersPerRecord: 1,
  mechanism: 'laplace',
} as const;

/**
 * @param exactly a count for each cell of the lists' cell space
 * @returns what the view carries: `cells` are all of them, in order, for lists with labels and without
 * Throws what `releaseCounts` throws: `chain.count`, `privacy.policy`.
 */
export function releaseView(
  exactly: readonly number[],
  lists: readonly ListShape[],
  agreement: Pick<Agreement, 'privacy' | 'padTo'>,
  random: RandomBytes,
): { readonly release: ReleasedCounts; readonly cells: ReleasedCell[] } {
  const { cells, ...release } = releaseCounts({
    exactly,
    lists,
    policy: agreement.privacy ?? exactPolicy,
    padded: agreement.padTo !== null,
    random,
  });
  return {
    release: {
      exactly: release.exactly.map(releasedCellOf),
      atLeast: release.atLeast.map(releasedCellOf),
      inAtLeast: release.inAtLeast.map(releasedCellOf),
      noise: release.noiseScale,
    },
    cells: cells.map(({ value }) => releasedCellOf(value)),
  };
}

/**
 * What a party can see of a release that is not as agreed: other noise, a number below the minimum, a number that padding
 * rules out. Sizes are at least 1, so no combination is public beforehand. Throws `chain.count`.
 */
export function checkReleaseTerms(
  release: ReleasedCounts,
  lists: readonly ListShape[],
  { privacy, padTo }: Pick<Agreement, 'privacy' | 'padTo'>,
): void {
  const noise = privacy === null ? null : noiseFor(cellSpace(lists), privacy);
  const [want, told] = [noise === null ? null : encodeNoise(noise), release.noise].map((one) =>
    one == null ? '' : `${one.mechanism} ${'scale' in one ? one.scale : one.variance}`,
  );
  const deny = (text: string): never => {
    throw new TallyError('chain.count', `view.release: ${text}`);
  };
  if (want !== told) deny('not the agreed noise');
  const least = privacy?.minCount ?? 0;
  release.exactly.forEach((cell, i) => {
    if (typeof cell === 'number' && least > 1 && cell < least) deny('a number below the minimum');
    if (padTo === null || listsIn(i + 1) !== 1) return;
    if (cell !== 'padded' || release.atLeast[i] !== 'padded') deny('a number of one padded list');
  });
  if (padTo !== null && release.inAtLeast[0] !== 'padded') deny('a union of padded lists');
}
