/**
 * The bounds that every attack's test rests on, against a walk over all outcomes.
 */
import { expect, test } from 'vitest';
import {
  dealHalves,
  half,
  isBelow,
  leaky,
  mostByChance,
  mostByViews,
  oneIn,
  posterior,
  tailAbove,
  tailUpTo,
} from './chance.ts';

test.each([
  [1, 1n, 2n],
  [7, 1n, 3n],
  [12, 9n, 10n],
])('tails of %i trials of %i in %i are those of all their outcomes', (n, over, under) => {
  // every outcome is a word of n bits, with its weight over under^n
  const weights = Array.from({ length: n + 1 }, () => 0n);
  for (let word = 0; word < 1 << n; word++) {
    const right = word.toString(2).replaceAll('0', '').length;
    weights[right] = (weights[right] as bigint) + over ** BigInt(right) * (under - over) ** BigInt(n - right);
  }
  const whole = under ** BigInt(n);
  for (let k = -1; k <= n; k++) {
    const above = weights.slice(k + 1).reduce((sum, weight) => sum + weight, 0n);
    expect(tailAbove(n, { over, under }, k)).toEqual({ over: above, under: whole });
    expect(tailUpTo(n, { over, under }, k)).toEqual({ over: whole - above, under: whole });
  }
});

test('a bound is the least that chance exceeds less than once in a million', () => {
  for (const [n, q] of [
    [128, half],
    [24, { over: 1n, under: 10n }],
    [256, posterior(0.18)],
  ] as const) {
    const most = mostByChance(n, q);
    expect(isBelow(tailAbove(n, q, most), oneIn)).toBe(true);
    expect(isBelow(tailAbove(n, q, most - 1), oneIn)).toBe(false);
    expect(isBelow(tailUpTo(n, leaky, most), oneIn)).toBe(true);
  }
  expect(mostByChance(20, { over: 0n, under: 1n })).toBe(0);
  expect(mostByViews(200, 1)).toBe(mostByChance(200, half));
  expect(mostByViews(200, 1000)).toBeGreaterThan(mostByViews(200, 1));
});

test('too few trials are no test', () => {
  for (const n of [10, 20, 60]) expect(() => mostByChance(n, half)).toThrow('say nothing');
  expect(() => mostByViews(60, 1000)).toThrow('say nothing');
});

test('what a view of no epsilon leaves is one half, and never less than it leaves', () => {
  expect(posterior(0)).toEqual({ over: 500_000n, under: 1_000_000n });
  const { over, under } = posterior(Math.log(3));
  expect(over * 4n).toBeGreaterThanOrEqual(under * 3n);
  expect(over * 4n).toBeLessThan(under * 3n + 8n);
});

test('halves are halves', () => {
  expect(dealHalves(10).filter(Boolean)).toHaveLength(5);
});
