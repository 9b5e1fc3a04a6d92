/**
 * The bound that every attack's test rests on, against exact fractions.
 */
import { expect, test } from 'vitest';
import { mostByChance, mostByViews, posterior, slip, tailAbove } from './chance.ts';

/** P(X > k) for X binomial (n, a/b), as a fraction. */
function exactTail(n: number, a: bigint, b: bigint, k: number): { over: bigint; under: bigint } {
  let over = 0n;
  let choose = 1n;
  for (let i = 0; i <= n; i++) {
    if (i > k) over += choose * a ** BigInt(i) * (b - a) ** BigInt(n - i);
    choose = (choose * BigInt(n - i)) / BigInt(i + 1);
  }
  return { over, under: b ** BigInt(n) };
}

test.each([
  [20, 1n, 2n],
  [48, 11n, 20n],
  [64, 1n, 10n],
])('the tail of %i trials of %i in %i is the exact one', (n, a, b) => {
  const q = Number(a) / Number(b);
  for (let k = 0; k < n; k++) {
    const { over, under } = exactTail(n, a, b, k);
    const exact = Number((over * 10n ** 30n) / under) / 1e30;
    if (exact > 1e-20) expect(tailAbove(n, q, k) / exact).toBeCloseTo(1, 9);
  }
  const most = mostByChance(n, q);
  expect(tailAbove(n, q, most)).toBeLessThan(slip);
  expect(tailAbove(n, q, most - 1)).toBeGreaterThanOrEqual(slip);
});

test('too few trials are no test', () => {
  expect(() => mostByChance(19, 0.5)).toThrow('say nothing');
  expect(mostByChance(20, 0.5)).toBe(19);
  expect(mostByChance(20, 0)).toBe(0);
  expect(mostByViews(64, 1)).toBe(mostByChance(64, 0.5));
  expect(mostByViews(64, 1000)).toBeGreaterThan(mostByViews(64, 1));
});

test('what a view of no epsilon leaves is one half', () => {
  expect(posterior(0)).toBe(0.5);
  expect(posterior(Math.log(3))).toBeCloseTo(0.75, 12);
});
