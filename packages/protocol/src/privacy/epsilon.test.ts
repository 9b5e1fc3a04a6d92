import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  drawNoise,
  encodeNoise,
  femtoDelta,
  femtoPerUnit,
  gaussianNoise,
  laplaceNoise,
  parseDelta,
  parseEpsilon,
  tailBound,
  withinTail,
} from './epsilon.ts';
import { rational, type Rational } from './rational.ts';
import { uniformFrom } from './samplers.ts';
import { seededRandom } from './seed.ts';
import { sensitivityOf } from './sensitivity.ts';

const asNumber = ({ numerator, denominator }: Rational) => Number(numerator) / Number(denominator);
const histogram = sensitivityOf({
  statistic: 'histogram',
  parties: 3,
  identifiersPerRecord: 2,
  labelled: false,
});

describe('epsilon', () => {
  it('is read exactly, as number or text', () => {
    expect([1, 0.5, '0.5', 0.1, '20', 0.000001, '3.141592', 12.345678].map(parseEpsilon)).toEqual([
      1_000_000, 500_000, 500_000, 100_000, 20_000_000, 1, 3_141_592, 12_345_678,
    ]);
    const micro = fc.integer({ min: 1, max: 20_000_000 });
    fc.assert(
      fc.property(micro, (value) => {
        expect(parseEpsilon(value / 1_000_000)).toBe(value);
        expect(parseEpsilon(`${Math.floor(value / 1e6)}.${String(value % 1e6).padStart(6, '0')}`)).toBe(
          value,
        );
      }),
      { seed: 1 },
    );
  });

  it('is refused where it is zero, negative, absurd or no decimal, without telling it', () => {
    const wrong: unknown[] = [
      0,
      '0',
      '0.000000',
      -1,
      '-0.5',
      21,
      20.000001,
      '1000',
      1e-7,
      '0.0000001',
      1e21,
      Number.NaN,
      Infinity,
      '',
      ' 1',
      '1e0',
      '0x1',
      '1,5',
      '.5',
      '1.',
      null,
      undefined,
      true,
      {},
      [1],
      1n,
    ];
    for (const value of wrong) {
      expect(() => parseEpsilon(value)).toThrow(expect.objectContaining({ code: 'privacy.epsilon' }));
    }
  });
});

describe('delta', () => {
  it('is a power of ten, or none', () => {
    expect([1e-6, '1e-6', '0.000001', 1e-7, '1e-15', 0.00001].map(parseDelta)).toEqual([6, 6, 6, 7, 15, 5]);
    expect([undefined, null, 0, '0', '0.0'].map(parseDelta)).toEqual([null, null, null, null, null]);
    expect([null, 15, 6].map(femtoDelta)).toEqual([0, 1, 1_000_000_000]);
    expect(femtoDelta(5) * 100_000).toBe(femtoPerUnit);
  });

  it('is refused where it is negative, too large, too small or another form', () => {
    for (const value of [-1e-6, 1, 0.1, 1e-4, 1e-16, 2e-6, '1e-06x', 'small', true, {}, Number.NaN]) {
      expect(() => parseDelta(value)).toThrow(expect.objectContaining({ code: 'privacy.delta' }));
    }
  });
});

describe('noise', () => {
  it('has scale sensitivity over epsilon, exactly', () => {
    const noise = laplaceNoise(histogram, 300_000);
    expect(noise).toEqual({ mechanism: 'laplace', scale: rational(8n * 1_000_000n, 300_000n) });
    expect(encodeNoise(noise)).toEqual({ mechanism: 'laplace', scale: '80/3' });
  });

  it('of the gaussian kind has the variance of its formula, never less and hardly more', () => {
    for (const micro of [1000, 100_000, 1_000_000, 20_000_000]) {
      for (const exponent of [5, 6, 15]) {
        const noise = gaussianNoise(histogram, micro, exponent);
        if (noise.mechanism !== 'gaussian') throw new Error('want gaussian noise');
        const log = exponent * Math.log(10);
        const rho = (Math.sqrt(log + micro / 1e6) - Math.sqrt(log)) ** 2;
        const want = 16 / (2 * rho);
        expect(asNumber(noise.variance) / want).toBeGreaterThan(1 - 1e-9);
        expect(asNumber(noise.variance) / want).toBeLessThan(1 + 1e-4);
      }
    }
  });

  it('of the laplace kind is the smaller one for a histogram, whatever epsilon and delta', () => {
    for (const micro of [1000, 100_000, 1_000_000, 20_000_000]) {
      for (const exponent of [5, 10, 15]) {
        const laplace = laplaceNoise(histogram, micro);
        const gaussian = gaussianNoise(histogram, micro, exponent);
        if (laplace.mechanism !== 'laplace' || gaussian.mechanism !== 'gaussian') throw new Error('kinds');
        // The discrete variance of Laplace noise is below the continuous one, 2·scale².
        expect(2 * asNumber(laplace.scale) ** 2).toBeLessThan(asNumber(gaussian.variance));
      }
    }
  });

  it('stays within its tail bound, which is not far above what it needs', () => {
    for (const noise of [
      laplaceNoise(histogram, 500_000),
      laplaceNoise(histogram, 20_000_000),
      gaussianNoise(histogram, 1_000_000, 6),
    ]) {
      const bound = Number(tailBound(noise));
      const tail =
        noise.mechanism === 'laplace'
          ? 2 * Math.exp(-bound / asNumber(noise.scale))
          : Math.exp(-((bound - 1) ** 2) / (2 * asNumber(noise.variance)));
      expect(tail).toBeLessThan(1e-9);
      const uniform = uniformFrom(seededRandom(new Uint8Array(32).fill(bound % 256)));
      for (let i = 0; i < 2000; i++) {
        expect(withinTail(100_000, 100_000 + Number(drawNoise(noise, uniform)), noise)).toBe(true);
      }
      expect(withinTail(0, bound, noise)).toBe(true);
      expect(withinTail(0, bound + 1, noise)).toBe(false);
      expect(withinTail(bound + 1, 0, noise)).toBe(false);
      expect(withinTail(0, bound + 1, noise, 2)).toBe(true);
    }
    expect([withinTail(3, 3, null), withinTail(3, 4, null)]).toEqual([true, false]);
  });
});
