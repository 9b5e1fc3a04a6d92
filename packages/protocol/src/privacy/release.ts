/**
 * From the collector's exact histogram to what a session releases.
 *
 * Purpose: one vector of cells is noised; every other number follows from it; then suppression is decided on the
 * whole. Two collectors that give the same counts and the same seeded source release the same.
 * Assumes: sentinels are off the counts; with padding, announced sizes and single-list cells include the random
 * elements. The caller releases on a fixed tick: samplers take longer for some values than for others.
 * Does not know: who asked, whether the ledger permits it (ledger.ts), the clock.
 */
import { TallyError } from '../errors/index.ts';
import type { RandomBytes } from '../suite/scalar.ts';
import { cellSpace, checkCounts, type Cell, type CellSpace, type ListShape } from './cells.ts';
import {
  drawNoise,
  encodeNoise,
  femtoDelta,
  gaussianNoise,
  laplaceNoise,
  parseDelta,
  parseEpsilon,
  type EncodedNoise,
  type Noise,
} from './epsilon.ts';
import { uniformFrom } from './samplers.ts';
import { sensitivityOf } from './sensitivity.ts';
import { applySuppression, deriveReleased, suppress } from './suppress.ts';
import { publicCounts, type CountCell } from './withheld.ts';

/** Privacy settings of an agreement or a scenario, as they stand there. */
export interface PrivacySettings {
  readonly minCount?: unknown;
  readonly epsilon?: unknown;
  readonly delta?: unknown;
  readonly identifiersPerRecord?: unknown;
  readonly mechanism?: unknown;
}

/** Checked settings. Without epsilon numbers are exact. */
export interface PrivacyPolicy {
  readonly minCount: number;
  readonly microEpsilon: number | null;
  /** k of a delta of 10^-k; null: pure epsilon. */
  readonly deltaExponent: number | null;
  readonly identifiersPerRecord: number;
  /** Laplace unless asked for: at these sensitivities it is the smaller noise (docs/privacy.md). */
  readonly mechanism: 'laplace' | 'gaussian';
}

function parseCount(value: unknown, name: string, least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most) {
    throw new TallyError('privacy.policy', `${name}: want a whole number of ${least}..${most}`);
  }
  return value;
}

/**
 * Settings as a policy: `minCount` 0 where absent, `identifiersPerRecord` required with epsilon (noise for fewer than
 * a record brings would protect nobody). Throws `privacy.epsilon`, `privacy.delta`, `privacy.policy`.
 */
export function parsePrivacyPolicy(settings: PrivacySettings): PrivacyPolicy {
  const { minCount, epsilon, delta, identifiersPerRecord, mechanism = 'laplace' } = settings;
  const known = new Set(['minCount', 'epsilon', 'delta', 'identifiersPerRecord', 'mechanism']);
  const unknown = Object.keys(settings).filter((key) => !known.has(key)).length;
  if (unknown > 0) throw new TallyError('privacy.policy', `privacy: ${unknown} unknown fields`);
  if (mechanism !== 'laplace' && mechanism !== 'gaussian') {
    throw new TallyError('privacy.policy', 'mechanism: want laplace or gaussian');
  }
  const deltaExponent = parseDelta(delta);
  const noisy = epsilon !== undefined;
  if (!noisy && (deltaExponent !== null || mechanism === 'gaussian')) {
    throw new TallyError('privacy.epsilon', 'epsilon: delta and mechanism need one');
  }
  if (mechanism === 'gaussian' && deltaExponent === null) {
    throw new TallyError('privacy.delta', 'delta: gaussian noise needs one');
  }
  const m = identifiersPerRecord ?? (noisy ? undefined : 1);
  return {
    minCount: parseCount(minCount ?? 0, 'minCount', 0, 1_000_000),
    microEpsilon: noisy ? parseEpsilon(epsilon) : null,
    deltaExponent,
    identifiersPerRecord: parseCount(m, 'identifiersPerRecord', 1, 10_000),
    mechanism,
  };
}

export interface ReleaseRequest {
  /** One exact count for each cell of `cellSpace(lists)`; without labels entry m − 1 is mask m. */
  readonly exactly: readonly number[];
  /** What was announced of each list, in the order of the parties. */
  readonly lists: readonly ListShape[];
  readonly policy: PrivacyPolicy;
  /** List sizes hold random elements. */
  readonly padded: boolean;
  /** Source of the noise: fresh bytes, or `seededRandom` of a joint seed. Not read for exact numbers. */
  readonly random: RandomBytes;
}

/** What leaves the collector; plain JSON but for `noise`. */
export interface Release {
  readonly cells: readonly (Cell & { readonly value: CountCell })[];
  /** Exactly the lists of mask m, all labels together, at m − 1. */
  readonly exactly: readonly CountCell[];
  /** At least the lists of mask m, at m − 1. */
  readonly atLeast: readonly CountCell[];
  /** In at least t lists, at t − 1. */
  readonly inAtLeast: readonly CountCell[];
  readonly union: CountCell;
  readonly noise: Noise | null;
  readonly noiseScale: EncodedNoise | null;
  /** What the ledger is charged with; 0 for exact numbers, which are charged as records (ledger.ts, `chargeFor`). */
  readonly spentMicroEpsilon: number;
  readonly spentFemtoDelta: number;
}

/** The noise of a full histogram under a policy; null for exact numbers. */
export function noiseFor(space: CellSpace, policy: PrivacyPolicy): Noise | null {
  const { microEpsilon, deltaExponent, identifiersPerRecord } = policy;
  if (microEpsilon === null) return null;
  const { parties, labelled } = space;
  const sensitivity = sensitivityOf({ statistic: 'histogram', parties, identifiersPerRecord, labelled });
  if (policy.mechanism === 'laplace') return laplaceNoise(sensitivity, microEpsilon);
  if (deltaExponent === null) throw new TallyError('privacy.delta', 'delta: gaussian noise needs one');
  return gaussianNoise(sensitivity, microEpsilon, deltaExponent);
}

/**
 * Every cell gets its own noise (cells that public sizes fix get none), in cell order, and is cut to what the sizes
 * allow: 0 up to the smallest of its lists (parts). Both are functions of noised and public values only.
 */
function noised(
  space: CellSpace,
  exactly: readonly number[],
  noise: Noise,
  padded: boolean,
  random: RandomBytes,
): number[] {
  const uniform = uniformFrom(random);
  const fixed = publicCounts(space);
  return exactly.map((count, cell) => {
    const drawn = BigInt(count) + drawNoise(noise, uniform);
    const known = padded ? undefined : fixed[cell];
    if (known !== undefined) return known;
    const most = Math.min(...(space.rowsOf[cell] as number[]).map((row) => space.rowSizes[row] as number));
    if (drawn < 0n) return 0;
    return drawn > BigInt(most) ? most : Number(drawn);
  });
}

/**
 * Noise, suppression and the numbers that follow. Throws `chain.count` if the counts do not add up to the announced
 * sizes, `privacy.policy` for lists or settings that make no sense.
 */
export function releaseCounts(request: ReleaseRequest): Release {
  const { exactly, lists, policy, padded, random } = request;
  const space = cellSpace(lists);
  checkCounts(space, exactly);
  const noise = noiseFor(space, policy);
  const counts = noise === null ? [...exactly] : noised(space, exactly, noise, padded, random);
  const exact = noise === null;
  const reasons = suppress({ space, counts, minCount: policy.minCount, padded, exact });
  const values = applySuppression(counts, reasons);
  const derived = deriveReleased(space, values);
  const gaussian = noise?.mechanism === 'gaussian';
  return {
    cells: space.cells.map((cell, i) => ({ ...cell, value: values[i] as CountCell })),
    ...derived,
    union: derived.inAtLeast[0] as CountCell,
    noise,
    noiseScale: noise === null ? null : encodeNoise(noise),
    spentMicroEpsilon: noise === null ? 0 : (policy.microEpsilon ?? 0),
    spentFemtoDelta: gaussian ? femtoDelta(policy.deltaExponent) : 0,
  };
}
