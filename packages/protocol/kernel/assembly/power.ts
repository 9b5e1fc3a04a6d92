// Powers in the field: inverse and square root of a ratio.
//
// Assumes: tight inputs. Exponents are public, so the chains are plain loops.
// Does not know: points.
import { TEMPS, TEMPS_WORDS } from './layout';
import { MINUS_ONE, MINUS_SQRT_M1, ONE, SQRT_M1, wordsOf } from './constants';
import { mul, negateWhere, select, sqr, toWords } from './field';
import { equal, odd } from './words';

const T0: usize = TEMPS;
const T1: usize = TEMPS + 80;
const T2: usize = TEMPS + 2 * 80;
const CHECK: usize = TEMPS + 3 * 80;
const V3: usize = TEMPS + 4 * 80;
const ROOT: usize = TEMPS + 5 * 80;
const OTHER: usize = TEMPS + 6 * 80;
const W0: usize = TEMPS_WORDS;
const W1: usize = TEMPS_WORDS + 64;

/** o = a^(2^n), n >= 1. */
function sqrTimes(o: usize, a: usize, n: i32): void {
  sqr(o, a);
  for (let i = 1; i < n; i++) sqr(o, o);
}

/** T1 = a^(2^250 − 1), T0 = a^11: the common part of both chains (ref10, SUPERCOP). */
function common(a: usize): void {
  sqr(T0, a); // 2
  sqrTimes(T1, T0, 2); // 8
  mul(T1, a, T1); // 9
  mul(T0, T0, T1); // 11
  sqr(T2, T0); // 22
  mul(T1, T1, T2); // 2^5 − 1
  sqrTimes(T2, T1, 5);
  mul(T1, T2, T1); // 2^10 − 1
  sqrTimes(T2, T1, 10);
  mul(T2, T2, T1); // 2^20 − 1
  sqrTimes(V3, T2, 20);
  mul(T2, V3, T2); // 2^40 − 1
  sqrTimes(T2, T2, 10);
  mul(T1, T2, T1); // 2^50 − 1
  sqrTimes(T2, T1, 50);
  mul(T2, T2, T1); // 2^100 − 1
  sqrTimes(V3, T2, 100);
  mul(T2, V3, T2); // 2^200 − 1
  sqrTimes(T2, T2, 50);
  mul(T1, T2, T1); // 2^250 − 1
}

/** o = a^(p − 2) = 1/a; 0 gives 0. `o` may be `a`. */
export function invert(o: usize, a: usize): void {
  common(a);
  sqrTimes(T1, T1, 5);
  mul(o, T1, T0); // 2^255 − 21
}

/** o = a^((p − 5)/8) = a^(2^252 − 3). `o` must not be `a`. */
function powP58(o: usize, a: usize): void {
  common(a);
  sqrTimes(T1, T1, 2);
  mul(o, T1, a);
}

/** Ends a root: o = candidate times √−1 where `flipped`, made non-negative (CT_ABS). */
@inline function finishRoot(o: usize, flipped: v128): void {
  mul(OTHER, ROOT, SQRT_M1);
  select(ROOT, OTHER, ROOT, flipped);
  toWords(W0, ROOT);
  negateWhere(o, ROOT, odd(W0));
}

/**
 * SQRT_RATIO_M1 of RFC 9496 §4.2 with u = 1: o = 1/√v, or 1/√(i·v) where v is no square. Answers whether v is a
 * square other than zero.
 */
export function invSqrt(o: usize, v: usize): v128 {
  sqr(CHECK, v);
  mul(OTHER, CHECK, v); // v^3
  sqr(CHECK, OTHER);
  mul(CHECK, CHECK, v); // v^7
  powP58(ROOT, CHECK);
  mul(ROOT, ROOT, OTHER); // v^3 · (v^7)^((p − 5)/8)
  sqr(CHECK, ROOT);
  mul(CHECK, CHECK, v);
  toWords(W0, CHECK);
  const correct = equal(W0, wordsOf(ONE));
  const flipped = equal(W0, wordsOf(MINUS_ONE));
  const flippedI = equal(W0, wordsOf(MINUS_SQRT_M1));
  finishRoot(o, v128.or(flipped, flippedI));
  return v128.or(correct, flipped);
}

/** SQRT_RATIO_M1(u, v) of RFC 9496 §4.2: o = √(u/v), or √(i·u/v) where u/v is no square; answers whether it is. */
export function sqrtRatio(o: usize, u: usize, v: usize): v128 {
  sqr(CHECK, v);
  mul(OTHER, CHECK, v); // v^3
  sqr(CHECK, OTHER);
  mul(CHECK, CHECK, v); // v^7
  mul(CHECK, CHECK, u);
  powP58(ROOT, CHECK);
  mul(OTHER, OTHER, u);
  mul(ROOT, ROOT, OTHER); // u·v^3 · (u·v^7)^((p − 5)/8)
  sqr(CHECK, ROOT);
  mul(CHECK, CHECK, v);
  toWords(W0, CHECK);
  toWords(W1, u);
  const correct = equal(W0, W1);
  mul(OTHER, u, MINUS_ONE);
  toWords(W1, OTHER);
  const flipped = equal(W0, W1);
  mul(OTHER, u, MINUS_SQRT_M1);
  toWords(W1, OTHER);
  const flippedI = equal(W0, W1);
  finishRoot(o, v128.or(flipped, flippedI));
  return v128.or(correct, flipped);
}
