/**
 * Epsilon and delta as integers, and the noise that they buy.
 *
 * Purpose: decimals of an agreement or a scenario become micro-epsilon and a power of ten; from them and a
 * sensitivity follow the parameters of the noise, and from these how far a released number may be off.
 * Assumes: nothing. No float decides: a JSON number is read by its shortest decimal form.
 * Does not know: statistics, budgets.
 */
import { TallyError } from '../errors/index.ts';
import { absolute, ceilOf, integerSqrt, rational, type Rational } from './rational.ts';
import { discreteGaussian, discreteLaplace, type UniformBelow } from './samplers.ts';
import type { Sensitivity } from './sensitivity.ts';

export const maxMicroEpsilon = 20_000_000;

/** Delta is accounted in units of 10^-15. */
export const femtoPerUnit = 1_000_000_000_000_000;

/**
 * Micro-epsilon, 1..20,000,000, of a decimal with at most six places, as a JSON number or a text ("0.5").
 * Throws `privacy.epsilon`.
 */
export function parseEpsilon(value: unknown): number {
  const refuse = (got: string) =>
    new TallyError('privacy.epsilon', `epsilon: want a decimal from 0.000001 to 20, got ${got}`);
  return microOf(value, maxMicroEpsilon, refuse);
}

/** Micro-epsilon of a budget for many releases, up to 1,000. Throws `privacy.caps`. */
export function parseBudget(value: unknown): number {
  const refuse = (got: string) =>
    new TallyError('privacy.caps', `caps.epsilon: want a decimal from 0.000001 to 1000, got ${got}`);
  return microOf(value, 1_000_000_000, refuse);
}

function microOf(value: unknown, most: number, refuse: (got: string) => TallyError): number {
  if (typeof value !== 'number' && typeof value !== 'string') throw refuse(typeof value);
  const match = /^(\d{1,4})(?:\.(\d{1,6}))?$/.exec(plainDecimal(String(value)));
  if (match === null) throw refuse('another form');
  const micro = Number(`${match[1] as string}${(match[2] ?? '').padEnd(6, '0')}`);
  if (micro < 1) throw refuse('zero');
  if (micro > most) throw refuse('more');
  return micro;
}

/** JavaScript writes 0.000001 as it is, but 1e-7 and below in powers: those are too small here anyway. */
function plainDecimal(text: string): string {
  return text.length <= 12 ? text : '';
}

/**
 * k of a delta of 10^-k, 5 ≤ k ≤ 15, as a JSON number or a text ("1e-6", "0.000001"); null where there is none (0 or
 * nothing given): the guarantee is then pure epsilon. Throws `privacy.delta`.
 */
export function parseDelta(value: unknown): number | null {
  const refuse = (got: string) =>
    new TallyError('privacy.delta', `delta: want a power of ten from 1e-15 to 1e-5, got ${got}`);
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' && typeof value !== 'string') throw refuse(typeof value);
  const text = String(value);
  if (/^0(?:\.0{1,20})?$/.test(text)) return null;
  const power = /^1e-(\d{1,2})$/.exec(text);
  const places = /^0\.(0{0,20}1)$/.exec(text);
  const exponent = power === null ? places?.[1]?.length : Number(power[1]);
  if (exponent === undefined) throw refuse('another form');
  if (exponent < 5 || exponent > 15) throw refuse(`1e-${exponent}`);
  return exponent;
}

/** What a delta of 10^-exponent costs, in units of 10^-15. */
export function femtoDelta(exponent: number | null): number {
  return exponent === null ? 0 : Number(10n ** BigInt(15 - exponent));
}

/** Noise of one released vector, drawn independently for each of its numbers. */
export type Noise =
  | { readonly mechanism: 'laplace'; readonly scale: Rational }
  | { readonly mechanism: 'gaussian'; readonly variance: Rational };

/** Discrete Laplace with scale = L1 sensitivity / epsilon: pure epsilon (CKS 2020; Ghosh et al. 2009). */
export function laplaceNoise(sensitivity: Sensitivity, microEpsilon: number): Noise {
  return { mechanism: 'laplace', scale: rational(sensitivity.l1 * 1_000_000n, BigInt(microEpsilon)) };
}

/**
 * Discrete Gaussian for (epsilon, 10^-k): variance = squared L2 sensitivity / (2ρ) (CKS 2020, theorem 4, added up over
 * the numbers), where ρ-zCDP gives epsilon = ρ + 2√(ρ·ln(1/δ)) (Bun, Steinke 2016, proposition 1.3), so
 * √ρ = √(ln(1/δ) + epsilon) − √ln(1/δ). Every rounding is towards more noise.
 */
export function gaussianNoise(sensitivity: Sensitivity, microEpsilon: number, deltaExponent: number): Noise {
  // L = ln(1/δ) = k·ln 10, rounded up (ln 10 < 2.302585093): √(L + ε) − √L falls as L grows.
  const unit = 1_000_000_000n;
  const log = BigInt(deltaExponent) * 2_302_585_093n;
  const fine = 10n ** 24n;
  // √(x / unit) · 10^12, floor for the first root and ceiling for the second.
  const first = integerSqrt(((log + BigInt(microEpsilon) * 1000n) * fine) / unit);
  const second = integerSqrt((log * fine) / unit) + 1n;
  const root = first - second;
  if (root < 1n) throw new TallyError('privacy.epsilon', 'epsilon: too small for this delta');
  return { mechanism: 'gaussian', variance: rational(sensitivity.l2Squared * fine, 2n * root * root) };
}

export function drawNoise(noise: Noise, uniform: UniformBelow): bigint {
  return noise.mechanism === 'laplace'
    ? discreteLaplace(noise.scale, uniform)
    : discreteGaussian(noise.variance, uniform);
}

/**
 * A bound that the absolute noise of one number passes with probability below 10^-9.
 *
 * Laplace: P(|X| ≥ k) = 2e^(−k/s)/(1 + e^(−1/s)) ≤ 2e^(−k/s), and 2e^(−21.5) < 10^-9. Gaussian: P(X ≥ k) ≤
 * P(N(0, σ²) ≥ k − 1) (CKS 2020, on tails) ≤ e^(−z²/2)/2 with z = (k − 1)/σ, and e^(−42/2) < 10^-9.
 */
export function tailBound(noise: Noise): bigint {
  if (noise.mechanism === 'laplace') {
    const { numerator, denominator } = noise.scale;
    return ceilOf({ numerator: numerator * 43n, denominator: denominator * 2n });
  }
  const { numerator, denominator } = noise.variance;
  return integerSqrt(ceilOf({ numerator: numerator * 42n, denominator })) + 2n;
}

/**
 * Whether a released number may have come from the exact one: the oracle's check of noised results. `noise` null
 * wants equality. A sum of `parts` noised cells is wrong with probability below parts · 10^-9.
 */
export function withinTail(exact: number, released: number, noise: Noise | null, parts = 1): boolean {
  if (noise === null) return exact === released;
  return absolute(BigInt(released) - BigInt(exact)) <= tailBound(noise) * BigInt(parts);
}

/** Noise for a result file: fractions as text, exact. */
export type EncodedNoise =
  | { readonly mechanism: 'laplace'; readonly scale: string }
  | { readonly mechanism: 'gaussian'; readonly variance: string };

export function encodeNoise(noise: Noise): EncodedNoise {
  const text = ({ numerator, denominator }: Rational) => `${numerator}/${denominator}`;
  return noise.mechanism === 'laplace'
    ? { mechanism: 'laplace', scale: text(noise.scale) }
    : { mechanism: 'gaussian', variance: text(noise.variance) };
}
