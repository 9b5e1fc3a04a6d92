/**
 * How far one record can move a statistic.
 *
 * Purpose: the L1 sensitivity (for Laplace noise) and the squared L2 sensitivity (for Gaussian noise) of every
 * statistic that a session can release; `sensitivity.slow.test.ts` finds each by enumeration.
 * Assumes: neighbours differ by replacing one record of at most m identifiers in one party's list; announced sizes
 * are public and so the same on both sides (the bounds hold when they differ, too). Counted are identifiers, never
 * records.
 * Does not know: noise, epsilon.
 */
import { TallyError } from '../errors/index.ts';

/**
 * - `histogram`: every combination of lists, and of labels where lists have them;
 * - `at-least`: for every t, how many identifiers are in at least t lists, all t together;
 * - `pairs`: for every pair of lists, how many identifiers are on both, all pairs together;
 * - `one`: one number: a cell, a pair, one t, the union.
 */
export type Statistic = 'histogram' | 'at-least' | 'pairs' | 'one';

export interface SensitivityQuery {
  readonly statistic: Statistic;
  /** Number of lists, 2 or more. */
  readonly parties: number;
  /** m: a record brings at most so many identifiers. */
  readonly identifiersPerRecord: number;
  /** The numbers are split by the labels of at least one list. */
  readonly labelled: boolean;
  /**
   * No identifier belongs to two records of one list with different labels. If it can (the default), the record's
   * replacement may also change the label of an identifier that stays, and numbers split by label move twice as far.
   */
  readonly oneLabelPerIdentifier?: boolean;
}

export interface Sensitivity {
  readonly l1: bigint;
  readonly l2Squared: bigint;
}

/** For m = 1; times m for L1, times m² for squared L2. */
function unitSensitivity(query: SensitivityQuery): readonly [l1: number, l2Squared: number] {
  const { statistic, parties, labelled } = query;
  const others = parties - 1;
  const shared = labelled && query.oneLabelPerIdentifier !== true;
  if (statistic === 'histogram') {
    if (shared) return [4, 8];
    return parties === 2 && !labelled ? [3, 3] : [4, 4];
  }
  if (statistic === 'at-least') {
    if (labelled) throw new TallyError('privacy.policy', 'statistic: at-least counts are not split by label');
    return [2, 2];
  }
  const counts = statistic === 'pairs' ? others : 1;
  if (shared) return [4 * counts, 8 * counts];
  return labelled ? [2 * counts, 2 * counts] : [counts, counts];
}

/** Sensitivities of one statistic, in identifiers; throws `privacy.policy`. */
export function sensitivityOf(query: SensitivityQuery): Sensitivity {
  const { parties, identifiersPerRecord: m } = query;
  if (!Number.isSafeInteger(parties) || parties < 2) {
    throw new TallyError('privacy.policy', `parties: want 2 or more, got ${parties}`);
  }
  if (!Number.isSafeInteger(m) || m < 1 || m > 10_000) {
    throw new TallyError('privacy.policy', `identifiersPerRecord: want 1..10000, got ${m}`);
  }
  const [l1, l2Squared] = unitSensitivity(query);
  const factor = BigInt(m);
  return { l1: BigInt(l1) * factor, l2Squared: BigInt(l2Squared) * factor * factor };
}
