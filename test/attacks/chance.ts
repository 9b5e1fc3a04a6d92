/**
 * What an attacker gets by luck: exact binomial tails, and the bound that a test may assert.
 *
 * Purpose: a test of an attack says how often somebody may be right who has nothing, or no more than the documents
 * leave him; it fails by chance less often than once in a million runs, and a guard that lets nine answers of ten through
 * passes it less often than that.
 * Assumes: of n trials each is right with probability at most q, whatever became of the others; then the number of
 * right ones is stochastically at most binomial (n, q). Integers and fractions only: no rounding decides.
 * Does not know: attacks.
 */
import { randomInt } from 'node:crypto';

/** A test may fail with at most one in so many where everything is as it should be; and pass where it is not. */
export const oneIn = 1_000_000n;

/** A probability. */
export interface Fraction {
  readonly over: bigint;
  readonly under: bigint;
}

export const half: Fraction = { over: 1n, under: 2n };

/** How often an attacker is right whom a guard stops in one trial of ten: what a test has to find. */
export const leaky: Fraction = { over: 9n, under: 10n };

export const coin = (): boolean => randomInt(2) === 1;

/** In random order. */
export function shuffled<T>(items: readonly T[]): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}

/** As many yes as no, in random order: where no guard leaves a chance, and so no bound is asserted. */
export function dealHalves(count: number): boolean[] {
  return shuffled(Array.from({ length: count }, (_, i) => i % 2 === 0));
}

/** 1, base, base², … base^n. */
function powers(base: bigint, n: number): bigint[] {
  const out = [1n];
  for (let i = 1; i <= n; i++) out.push((out[i - 1] as bigint) * base);
  return out;
}

/** P(X = i) for X binomial (n, over/under), i = 0 … n: each over under^n. */
function terms(n: number, { over, under }: Fraction): bigint[] {
  const [right, wrong] = [powers(over, n), powers(under - over, n)];
  let choose = 1n;
  return right.map((power, i) => {
    const term = choose * power * (wrong[n - i] as bigint);
    choose = (choose * BigInt(n - i)) / BigInt(i + 1);
    return term;
  });
}

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);

/** P(X > k) for X binomial (n, q). */
export function tailAbove(n: number, q: Fraction, k: number): Fraction {
  return { over: sum(terms(n, q).slice(k + 1)), under: q.under ** BigInt(n) };
}

/** P(X ≤ k) for X binomial (n, q). */
export function tailUpTo(n: number, q: Fraction, k: number): Fraction {
  return { over: sum(terms(n, q).slice(0, k + 1)), under: q.under ** BigInt(n) };
}

/** Whether a probability is below one in `odds`. */
export const isBelow = ({ over, under }: Fraction, odds: bigint): boolean => over * odds < under;

/**
 * The most that n trials of probability q show but for a chance below one in `odds`. Throws where a guard that lets nine of
 * ten through would stay below it too often: such a test says nothing.
 */
export function mostByChance(n: number, q: Fraction, odds: bigint = oneIn): number {
  const weights = terms(n, q);
  const whole = q.under ** BigInt(n);
  let most = n;
  for (let above = 0n; most > 0; most -= 1) {
    above += weights[most] as bigint;
    if (above * odds >= whole) break;
  }
  if (!isBelow(tailUpTo(n, leaky, most), oneIn)) {
    throw new Error(`chance: ${n} trials of ${q.over}/${q.under} say nothing`);
  }
  return most;
}

/**
 * The most that somebody gets right of n fair coins who saw one of `views` views, but for a chance below one in a million:
 * for every one of his at most `views` lists of guesses the number right is binomial (n, 1/2), and he has the best of them.
 */
export function mostByViews(n: number, views: number): number {
  return mostByChance(n, half, oneIn * BigInt(views));
}

/**
 * The most that an ε-differentially private view leaves: odds of one half become at most e^ε to 1, given everything
 * else (C. Dwork, A. Roth, The Algorithmic Foundations of Differential Privacy, 2014). In thousandths of a thousandth,
 * rounded up.
 */
export function posterior(epsilon: number): Fraction {
  const under = 1_000_000n;
  return { over: BigInt(Math.ceil(Number(under) / (1 + Math.exp(-epsilon)))), under };
}
