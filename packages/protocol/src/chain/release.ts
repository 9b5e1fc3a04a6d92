/**
 * From the collector's exact counts to the view that everybody gets.
 *
 * Purpose: puts the agreement's privacy settings to privacy/release.ts and its answer into the wire's form.
 * Assumes: sentinels are off the counts; announced sizes include padding. Does not know: when it is sent.
 */
import type { Agreement } from '../agreement/ephemeral.ts';
import { releaseCounts, type CountCell } from '../privacy/index.ts';
import type { RandomBytes } from '../suite/scalar.ts';
import type { ReleasedCell, ReleasedCounts } from '../wire/messages.ts';

/** Exact numbers, nothing withheld: what padding alone asks for. */
const exactPolicy = {
  minCount: 0,
  microEpsilon: null,
  deltaExponent: null,
  identifiersPerRecord: 1,
  mechanism: 'laplace',
} as const;

/** Throws what `releaseCounts` throws: `chain.count`, `privacy.policy`. */
export function releaseView(
  exactly: readonly number[],
  sizes: readonly number[],
  agreement: Pick<Agreement, 'privacy' | 'padTo'>,
  random: RandomBytes,
): ReleasedCounts {
  const release = releaseCounts({
    exactly,
    lists: sizes.map((size) => ({ size })),
    policy: agreement.privacy ?? exactPolicy,
    padded: agreement.padTo !== null,
    random,
  });
  return {
    exactly: release.exactly.map(cellOf),
    atLeast: release.atLeast.map(cellOf),
    inAtLeast: release.inAtLeast.map(cellOf),
    noise: release.noiseScale,
  };
}

function cellOf(cell: CountCell): ReleasedCell {
  return cell.count === null ? cell.reason : cell.count;
}
