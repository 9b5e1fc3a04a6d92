/**
 * What an attacker gets by luck: exact binomial tails, and the bound that a test may assert.
 *
 * Purpose: a test of an attack says how often somebody may be right who has nothing, or no more than the documents
 * leave him, and fails by chance less often than once in a million runs.
 * Assumes: of n trials each is right with probability at most q, whatever became of the others; then the number of
 * right ones is stochastically at most binomial (n, q). Does not know: attacks.
 */
import { randomInt } from 'node:crypto';

/** A test may fail with at most this probability where everything is as it should be. */
export const slip = 1e-6;

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

/** P(X > k) for X binomial (n, q): a sum of positive terms, so that nothing cancels. */
export function tailAbove(n: number, q: number, k: number): number {
  let sum = 0;
  for (let i = n; i > k; i--) {
    let term = 1;
    // C(n, i) q^i (1 − q)^(n−i), factor by factor, so that nothing underflows that matters
    for (let j = 0; j < i; j++) term *= (q * (n - j)) / (i - j);
    sum += term * (1 - q) ** (n - i);
  }
  return Math.min(1, sum);
}

/**
 * The most that n trials of probability q show but for a chance below `odds`. Throws where all n would not be too
 * many: such a test could not fail.
 */
export function mostByChance(n: number, q: number, odds: number = slip): number {
  for (let k = 0; k < n; k++) if (tailAbove(n, q, k) < odds) return k;
  throw new Error(`chance: ${n} trials of ${q} say nothing`);
}

/**
 * The most that somebody gets right of n fair coins who saw one of `views` views, but for a chance below `slip`: for
 * every one of his at most `views` lists of guesses the number right is binomial (n, 1/2), and he has the best of them.
 */
export function mostByViews(n: number, views: number): number {
  return mostByChance(n, 0.5, slip / views);
}

/**
 * The most that an ε-differentially private view leaves: odds of one half become at most e^ε to 1, given everything
 * else (C. Dwork, A. Roth, The Algorithmic Foundations of Differential Privacy, 2014).
 */
export function posterior(epsilon: number): number {
  return Math.exp(epsilon) / (1 + Math.exp(epsilon));
}
