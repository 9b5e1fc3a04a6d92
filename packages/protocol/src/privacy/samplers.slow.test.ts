import { sha512 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { encodeU32 } from '../bytes/index.ts';
import type { RandomBytes } from '../suite/scalar.ts';
import { rational, type Rational } from './rational.ts';
import {
  bernoulliExp,
  discreteGaussian,
  discreteLaplace,
  uniformFrom,
  type UniformBelow,
} from './samplers.ts';
import { chiSquared, laplaceAt, quantile } from './privacy.testkit.ts';
import { seededRandom } from './seed.ts';

/** Thrown where a branch is cut: its probability stays unassigned. */
class Cut extends Error {}

/**
 * The exact distribution of a sampler, as far as `draws` uniform integers go: every outcome of every draw is walked.
 * Returns each value's probability (a lower bound; what was cut is the rest).
 */
function enumerate(sample: (uniform: UniformBelow) => unknown, draws: number): Map<string, Rational> {
  const found = new Map<string, Rational>();
  const walk = (path: readonly bigint[], denominator: bigint): void => {
    let at = 0;
    let open = 0n;
    const uniform: UniformBelow = (bound) => {
      if (bound === 1n) return 0n;
      const chosen = path[at++];
      if (chosen !== undefined) return chosen;
      if (path.length < draws) open = bound;
      throw new Cut();
    };
    let value: unknown;
    try {
      value = sample(uniform);
    } catch (thrown) {
      if (!(thrown instanceof Cut)) throw thrown;
      for (let choice = 0n; choice < open; choice++) walk([...path, choice], denominator * open);
      return;
    }
    const key = String(value);
    const before = found.get(key) ?? rational(0n);
    found.set(
      key,
      rational(before.numerator * denominator + before.denominator, before.denominator * denominator),
    );
  };
  walk([], 1n);
  return found;
}

const asNumber = ({ numerator, denominator }: Rational): number =>
  Number((numerator * 10n ** 15n) / denominator) / 1e15;

/** Every probability lies between what was found and that plus what was cut; at most `rest` was cut. */
function brackets(found: Map<string, Rational>, at: (key: string) => number, rest: number): void {
  const cut = 1 - [...found.values()].reduce((sum, probability) => sum + asNumber(probability), 0);
  expect(cut).toBeLessThan(rest);
  for (const [key, probability] of found) {
    expect(asNumber(probability)).toBeLessThanOrEqual(at(key) + 1e-12);
    expect(asNumber(probability) + cut).toBeGreaterThanOrEqual(at(key) - 1e-12);
  }
}

function seeded(text: string): UniformBelow {
  return uniformFrom(seededRandom(sha512(new TextEncoder().encode(text)).slice(0, 32)));
}

function gaussianAt(variance: number): (x: number) => number {
  let total = 0;
  for (let x = -2000; x <= 2000; x++) total += Math.exp((-x * x) / (2 * variance));
  return (x) => Math.exp((-x * x) / (2 * variance)) / total;
}

describe('uniform integers', () => {
  it('are exactly uniform: every byte value is walked', () => {
    for (const bound of [2n, 3n, 5n, 10n, 100n, 255n, 256n]) {
      const counts = new Map<bigint, number>();
      for (let byte = 0; byte < 256; byte++) {
        let asked = 0;
        const source: RandomBytes = (length) => {
          if (asked++ > 0) throw new Cut();
          return new Uint8Array(length).fill(byte);
        };
        try {
          const value = uniformFrom(source)(bound);
          counts.set(value, (counts.get(value) ?? 0) + 1);
        } catch (thrown) {
          if (!(thrown instanceof Cut)) throw thrown;
        }
      }
      expect(counts.size).toBe(Number(bound));
      expect(new Set(counts.values()).size).toBe(1);
    }
  });

  it('reach every value of a bound of several bytes', () => {
    const source = (value: number): RandomBytes => {
      let asked = 0;
      return (length) => {
        if (asked++ > 0) throw new Cut();
        return encodeU32(value).slice(4 - length);
      };
    };
    const seen = new Set<bigint>();
    for (let value = 0; value < 1024; value++) {
      try {
        seen.add(uniformFrom(source(value))(1000n));
      } catch (thrown) {
        if (!(thrown instanceof Cut)) throw thrown;
      }
    }
    expect(seen.size).toBe(1000);
    expect(() => uniformFrom(source(0))(0n)).toThrow(RangeError);
    expect(() => uniformFrom(() => new Uint8Array(1))(1000n)).toThrow(RangeError);
  });
});

describe('bernoulli of exp(-γ)', () => {
  it('has exactly the probabilities of the series, term by term', () => {
    // Stopping at k has probability γ^(k−1)/(k−1)! − γ^k/k!; true for odd k.
    const gamma = rational(1n, 2n);
    const terms = 6;
    const partial = { true: rational(0n), false: rational(0n) };
    let term = rational(1n);
    for (let k = 1n; k <= BigInt(terms); k++) {
      const after = rational(term.numerator * gamma.numerator, term.denominator * gamma.denominator * k);
      const step = rational(
        term.numerator * after.denominator - after.numerator * term.denominator,
        term.denominator * after.denominator,
      );
      const side = (k & 1n) === 1n ? 'true' : 'false';
      const sum = partial[side];
      partial[side] = rational(
        sum.numerator * step.denominator + step.numerator * sum.denominator,
        sum.denominator * step.denominator,
      );
      term = after;
    }
    const found = enumerate((uniform) => bernoulliExp(gamma, uniform), terms);
    expect(found.get('true')).toEqual(partial.true);
    expect(found.get('false')).toEqual(partial.false);
    expect(asNumber(partial.true)).toBeCloseTo(Math.exp(-0.5), 3);
  });

  it('takes rates above 1 and of 0', () => {
    const high = enumerate((uniform) => bernoulliExp(rational(3n, 2n), uniform), 7);
    brackets(high, (key) => (key === 'true' ? Math.exp(-1.5) : 1 - Math.exp(-1.5)), 0.01);
    expect(enumerate((uniform) => bernoulliExp(rational(0n), uniform), 2).get('true')).toEqual(rational(1n));
    expect(() => bernoulliExp({ numerator: -1n, denominator: 1n }, () => 0n)).toThrow(RangeError);
  });
});

describe('discrete laplace', () => {
  it('has exactly the right distribution, draw by draw', () => {
    const found = enumerate((uniform) => discreteLaplace(rational(1n, 2n), uniform), 9);
    brackets(found, (x) => laplaceAt(0.5)(Number(x)), 0.25);
    expect(found.get('1')).toEqual(found.get('-1'));
  });

  it('would not pass with another scale', () => {
    const found = enumerate((uniform) => discreteLaplace(rational(1n, 2n), uniform), 9);
    expect(() => brackets(found, (x) => laplaceAt(0.75)(Number(x)), 0.25)).toThrow();
  });

  it.each([
    ['1/3', rational(1n, 3n)],
    ['4', rational(4n)],
    ['8/3', rational(8n, 3n)],
    ['20', rational(20n)],
  ])('fits, scale %s', (name, scale) => {
    const uniform = seeded(`laplace ${name}`);
    const samples = Array.from({ length: 40_000 }, () => discreteLaplace(scale, uniform));
    const { value, freedom } = chiSquared(samples, laplaceAt(asNumber(scale)));
    expect(value).toBeLessThan(quantile(freedom));
  });
});

describe('discrete gaussian', () => {
  it.each([
    ['1/4', rational(1n, 4n)],
    ['1', rational(1n)],
    ['7/2', rational(7n, 2n)],
    ['100', rational(100n)],
  ])('fits, variance %s', (name, variance) => {
    const uniform = seeded(`gaussian ${name}`);
    const samples = Array.from({ length: 20_000 }, () => discreteGaussian(variance, uniform));
    const { value, freedom } = chiSquared(samples, gaussianAt(asNumber(variance)));
    expect(value).toBeLessThan(quantile(freedom));
  });
});

describe('the goodness-of-fit test', () => {
  const scale = rational(4n);
  const fails = (name: string, sample: (uniform: UniformBelow) => bigint) => {
    const uniform = seeded(name);
    const { value, freedom } = chiSquared(
      Array.from({ length: 40_000 }, () => sample(uniform)),
      laplaceAt(4),
    );
    expect(value).toBeGreaterThan(quantile(freedom));
  };

  it('finds a zero counted twice', () => {
    fails('twice', (uniform) => {
      const value = discreteLaplace(scale, uniform);
      return value !== 0n && uniform(2n) === 0n ? discreteLaplace(scale, uniform) : value;
    });
  });

  it('finds a scale that is off by 5%', () => {
    fails('off', (uniform) => discreteLaplace(rational(42n, 10n), uniform));
  });

  it('finds a gaussian of the same variance', () => {
    fails('gaussian', (uniform) => discreteGaussian(rational(32n), uniform));
  });

  it('finds modulo bias in the uniform integers', () => {
    fails('biased', (uniform) => discreteLaplace(scale, (bound) => uniform(bound + 1n) % bound));
  });
});
