/**
 * Exact samplers: uniform, Bernoulli(exp(−γ)), discrete Laplace, discrete Gaussian.
 *
 * Purpose: noise whose distribution is the one that the proof is about, after Canonne, Kamath, Steinke, "The
 * Discrete Gaussian for Differential Privacy" (2020), algorithms 1 to 3. BigInt only: floating-point samplers leak
 * (Mironov 2012).
 * Assumes: `random` gives cryptographically strong bytes. Running time depends on the value drawn: whoever releases
 * a noised number does so on a fixed tick, not as soon as it is ready.
 * Does not know: what is noised, how large the noise should be.
 */
import type { RandomBytes } from '../suite/scalar.ts';
import { absolute, floorOf, type Rational } from './rational.ts';

/** A uniform integer of 0..bound−1; `bound` is at least 1. */
export type UniformBelow = (bound: bigint) => bigint;

/** Uniform integers from bytes, by rejection: no modulo bias. The top bits of the first byte are dropped. */
export function uniformFrom(random: RandomBytes): UniformBelow {
  return (bound) => {
    if (bound < 1n) throw new RangeError('uniform: want a bound of at least 1');
    if (bound === 1n) return 0n;
    const bits = (bound - 1n).toString(2).length;
    const length = (bits + 7) >> 3;
    const topMask = 0xff >> (8 * length - bits);
    for (;;) {
      const bytes = random(length);
      if (bytes.length !== length) throw new RangeError('uniform: the source gave another number of bytes');
      let value = BigInt((bytes[0] as number) & topMask);
      for (let i = 1; i < length; i++) value = (value << 8n) | BigInt(bytes[i] as number);
      if (value < bound) return value;
    }
  };
}

/** True with probability numerator/denominator, which must be in 0..1. */
export function bernoulli({ numerator, denominator }: Rational, uniform: UniformBelow): boolean {
  if (numerator < 0n || numerator > denominator) throw new RangeError('bernoulli: want a probability');
  return uniform(denominator) < numerator;
}

/** True with probability exp(−γ), 0 ≤ γ ≤ 1: the alternating series, one Bernoulli(γ/k) a term. */
function bernoulliExpUnit({ numerator, denominator }: Rational, uniform: UniformBelow): boolean {
  let k = 1n;
  while (bernoulli({ numerator, denominator: denominator * k }, uniform)) k++;
  return (k & 1n) === 1n;
}

/** True with probability exp(−γ) for a rational γ ≥ 0 (CKS 2020, algorithm 1). */
export function bernoulliExp(gamma: Rational, uniform: UniformBelow): boolean {
  if (gamma.numerator < 0n) throw new RangeError('bernoulli exp: want a rate of at least 0');
  const whole = floorOf(gamma);
  for (let i = 0n; i < whole; i++) {
    if (!bernoulliExpUnit({ numerator: 1n, denominator: 1n }, uniform)) return false;
  }
  const { denominator } = gamma;
  return bernoulliExpUnit({ numerator: gamma.numerator - whole * denominator, denominator }, uniform);
}

/** One integer x with probability proportional to exp(−|x|/scale), scale > 0 (CKS 2020, algorithm 2). */
export function discreteLaplace(scale: Rational, uniform: UniformBelow): bigint {
  const { numerator: t, denominator: s } = scale;
  if (t < 1n || s < 1n) throw new RangeError('discrete laplace: want a positive scale');
  for (;;) {
    const low = uniform(t);
    if (!bernoulliExp({ numerator: low, denominator: t }, uniform)) continue;
    let high = 0n;
    while (bernoulliExpUnit({ numerator: 1n, denominator: 1n }, uniform)) high++;
    const magnitude = (low + t * high) / s;
    const negative = uniform(2n) === 1n;
    if (negative && magnitude === 0n) continue;
    return negative ? -magnitude : magnitude;
  }
}

/** Smallest integer above the square root of a positive fraction: floor(σ) + 1. */
function aboveRoot({ numerator, denominator }: Rational): bigint {
  let t = 1n;
  while (t * t * denominator <= numerator) t <<= 1n;
  let low = t >> 1n;
  while (t - low > 1n) {
    const middle = (t + low) >> 1n;
    if (middle * middle * denominator <= numerator) low = middle;
    else t = middle;
  }
  return t;
}

/** One integer x with probability proportional to exp(−x²/(2·variance)), variance > 0 (CKS 2020, algorithm 3). */
export function discreteGaussian(variance: Rational, uniform: UniformBelow): bigint {
  const { numerator: v, denominator: w } = variance;
  if (v < 1n || w < 1n) throw new RangeError('discrete gaussian: want a positive variance');
  const t = aboveRoot(variance);
  for (;;) {
    const candidate = discreteLaplace({ numerator: t, denominator: 1n }, uniform);
    // (|y| − σ²/t)² / (2σ²), over the common denominator: (|y|·t·w − v)² / (2·v·w·t²)
    const distance = absolute(candidate) * t * w - v;
    const gamma = { numerator: distance * distance, denominator: 2n * v * w * t * t };
    if (bernoulliExp(gamma, uniform)) return candidate;
  }
}
